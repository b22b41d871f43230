"""How property tests run."""

from hypothesis import HealthCheck, settings

# Random, and the same on every machine and in every run.
STEADY = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
