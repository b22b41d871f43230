"""Kubeflow pipelines; importable as headstart.pipelines."""

from headstart.pipelines.assess import assess
from headstart.pipelines.compiled import PIPELINES, Compiled, compile_all, compiled
from headstart.pipelines.retrain import retrain
from headstart.pipelines.score import score
from headstart.pipelines.transfer import transfer

__all__ = ["PIPELINES", "Compiled", "assess", "compile_all", "compiled", "retrain", "score", "transfer"]
