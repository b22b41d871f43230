"""The images that records name: found where they may be looked for, and checked."""
