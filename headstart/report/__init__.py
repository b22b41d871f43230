"""What people look at: a self-contained page, and the artifacts that Kubeflow shows."""
