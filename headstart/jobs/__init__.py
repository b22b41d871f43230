"""Work that was handed to a machine, a cluster or Kubeflow, and is looked at from elsewhere: no torch, no Ray."""

from headstart.jobs.job import Job, State, Work
from headstart.jobs.runner import Runner

__all__ = ["Job", "Runner", "State", "Work"]
