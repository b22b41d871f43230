"""Doing the job again and again: what makes it due, one at a time, and the schedules that start it."""
