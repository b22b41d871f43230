"""What S3 refuses, over HTTP: one clear error each, and no stack trace."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from headstart.adapters.s3 import file_system
from headstart.blobs import Blobs
from headstart.cli import main
from headstart.errors import StoreError
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.endpoint import endpoint
from tests.support.faulty_proxy import Fault, faulty_proxy
from tests.support.servers import S3Server


@pytest.mark.parametrize(
    ("fault", "problem", "remedy"),
    [
        ("forbid", "these credentials may not do this", "Ask for the right"),
        ("another region", "in another region", "AWS_DEFAULT_REGION"),
        ("clock skew", "clock is too far from the server's", "Set the clock"),
        ("unknown key", "does not know these credentials", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_refusal_is_told_on_the_command_line_with_what_to_do(
    s3: S3Server, bucket: str, fault: Fault, problem: str, remedy: str
) -> None:
    with faulty_proxy(s3.endpoint, lambda request: fault) as address, endpoint(address):
        result = CliRunner().invoke(main, ["models", "list", "--registry", bucket])
    assert result.exit_code == 1
    assert "error [store/unreachable] s3://" in result.stderr
    assert problem in result.stderr
    assert remedy in result.stderr
    assert "Traceback" not in result.stderr


def test_missing_credentials_are_told(
    s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with endpoint(s3.endpoint):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with pytest.raises(StoreError) as caught:
            Registry(bucket).models()
    assert "there are no AWS credentials" in caught.value.problem
    assert "AWS_PROFILE" in caught.value.remedy


def test_a_store_that_may_only_be_read_is_read_and_its_refusal_to_publish_is_told(s3: S3Server, bucket: str) -> None:
    source = Blobs(MemoryStore())
    Registry(bucket).publish(draft(source), source, "tx")

    def read_only(request: object) -> Fault:
        return "none" if getattr(request, "method", "") in ("GET", "HEAD") else "forbid"

    with faulty_proxy(s3.endpoint, read_only) as address, endpoint(address):
        registry = Registry(bucket)
        assert registry.resolve("intents").version == 1
        with pytest.raises(StoreError, match="may not do this"):
            registry.publish(draft(source), source, "another")
    assert file_system().exists(f"{bucket}/models/intents/versions/00000001.json")
