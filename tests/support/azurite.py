"""Azure's own emulator, where the environment says that one runs: `make test-azure` starts it."""

import os
import uuid

VARIABLE = "HEADSTART_TEST_AZURITE"


def others() -> list[str]:
    """Stores that the contract suite is to run on besides its own."""
    return ["az"] if os.environ.get(VARIABLE) else []


def azure_container() -> str:
    """The emulator's container under a prefix of the test's own, as a URI."""
    container = os.environ[VARIABLE]
    assert os.environ.get("AZURE_STORAGE_USE_EMULATOR"), "obstore must know that this is the emulator"
    return f"az://{container}/{uuid.uuid4().hex}"
