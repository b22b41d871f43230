"""The plain PyTorch loop: batches, schedule, strategy, checkpoint. It knows nothing of Ray."""
