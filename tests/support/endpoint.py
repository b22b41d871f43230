"""Another S3 server than the session's, for as long as a test needs it."""

import contextlib
import os
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def endpoint(address: str) -> Iterator[None]:
    """Within, new S3 stores speak to ``address``."""
    import s3fs

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, os.environ.get(name, value))
        s3fs.S3FileSystem.clear_instance_cache()  # it remembers the address of equal arguments
        try:
            yield
        finally:
            s3fs.S3FileSystem.clear_instance_cache()
