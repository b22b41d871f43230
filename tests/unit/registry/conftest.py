"""What every test of the registry stands on."""

from collections.abc import Iterator

import pytest

from headstart.registry import catalog


@pytest.fixture(autouse=True, scope="session")
def _nobody_draws_the_snapshot() -> Iterator[None]:
    """One writer in 32 makes a snapshot of the catalog, by chance: here it is made where a test asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "SHARE", 0.0)
        yield
