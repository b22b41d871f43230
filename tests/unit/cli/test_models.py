"""headstart models list and show."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.evaluation.estimate import Estimate
from headstart.registry import Registry, Version
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft

_FIGURES = {
    "macro_f1": Estimate(value=0.91, low=0.88, high=0.94),
    "accuracy": Estimate(value=0.925, low=0.9, high=0.95),
}


def _publish(folder: Path, name: str = "intents", content: bytes = b"weights") -> None:
    source = Blobs(MemoryStore())
    made = draft(source, {"model.safetensors": content}, name)
    registry = Registry(folder)
    registry.publish(
        made.model_copy(update={"labels": ("refund", "\u00e9tat"), "metrics": _FIGURES}),
        source,
        tx=f"{name}-{registry.latest(name) + 1}",
    )


def _models(*arguments: str, code: int = 0, environment: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(main, ["models", *arguments], env=environment)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def _json(*arguments: str) -> Any:
    return json.loads(_models(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two versions of intents, of which the first is the champion after some to and fro, and one of sentiment."""
    folder = tmp_path_factory.mktemp("registry")
    for name, content in (("intents", b"one"), ("intents", b"two"), ("sentiment", b"three")):
        _publish(folder, name, content)
    for version, reason in ((1, "first"), (2, "better"), (1, "rolled back")):
        Registry(folder).move("intents", "champion", version, reason)
    Registry(folder).move("intents", "canary", 2, "trying")
    return str(folder)


def test_every_model_is_listed_with_its_versions_and_aliases(registry: str) -> None:
    assert _models("list", "--registry", registry).stdout.splitlines() == [
        "intents  2 versions, latest 2  (canary = 2, champion = 1)",
        "sentiment  1 version, latest 1  (no alias)",
    ]


def test_the_list_as_json_says_the_same(registry: str) -> None:
    assert _json("list", "--registry", registry) == [
        {"name": "intents", "versions": [1, 2], "aliases": {"canary": 2, "champion": 1}},
        {"name": "sentiment", "versions": [1], "aliases": {}},
    ]


def test_an_empty_registry_is_said_to_be_empty_and_is_not_made(tmp_path: Path) -> None:
    none = tmp_path / "none"
    said = f"There is no registry in {none}: a first version makes it.\n"
    assert _models("list", "--registry", str(none)).stdout == said
    assert _json("list", "--registry", str(tmp_path / "none")) == []
    assert list(tmp_path.iterdir()) == []
    Registry(none).prepare()
    assert _models("list", "--registry", str(none)).stdout == f"No models in {none}.\n"


def test_the_registry_may_be_named_by_the_environment(registry: str) -> None:
    assert "sentiment" in _models("list", environment={"HEADSTART_REGISTRY": registry}).stdout


@pytest.mark.parametrize(
    ("reference", "number"),
    [("intents", 2), ("intents@1", 1), ("intents@2", 2), ("intents@champion", 1), ("intents@canary", 2)],
)
def test_a_reference_names_the_latest_a_number_or_an_alias(registry: str, reference: str, number: int) -> None:
    assert _models("show", reference, "--registry", registry).stdout.startswith(f"intents version {number}, ")
    assert _json("show", reference, "--registry", registry)["version"] == number


def test_a_version_is_shown_with_figures_lineage_files_and_moves(registry: str) -> None:
    said = _models("show", "intents@champion", "--registry", registry).stdout
    for part in (
        "text-classification, 2 labels",
        "macro_f1    0.910 [0.880, 0.940]",
        "accuracy    0.925 [0.900, 0.950]",
        "backbone    org/tiny main, licence mit",
        "strategy    lp-ft",
        "80 train",
        "10 test",
        f"dataset     {'d' * 64}",
        f"passport    {'e' * 64}",
        "model.safetensors",
    ):
        assert part in said
    moves = [line.partition(" since ")[0] + line.rpartition(":")[2] for line in said.splitlines() if " since " in line]
    assert moves == ["canary = 2 trying", "champion = 1 rolled back", "champion = 2 better", "champion = 1 first"]


def test_json_is_the_whole_record_and_the_history_of_its_aliases(registry: str) -> None:
    said = _json("show", "intents@1", "--registry", registry)
    moves = said.pop("aliases")
    assert said.pop("tags") == []
    assert Version.model_validate(said) == Registry(registry).get("intents", 1)
    assert said["labels"] == ["refund", "\u00e9tat"]
    assert [move["version"] for move in moves["champion"]] == [1, 2, 1]


@pytest.mark.parametrize(
    ("reference", "code", "problem"),
    [
        ("none", "registry/not-found", "there is no model 'none'"),
        ("none@champion", "registry/not-found", "none has no alias 'champion'"),
        ("intents@3", "registry/not-found", "intents has no version 3"),
        ("intents@0", "registry/not-found", "intents has no version 0"),
        ("intents@99999999", "registry/not-found", "intents has no version 99999999"),
        ("intents@chmpion", "registry/not-found", "intents has no alias 'chmpion'"),
        ("intents@-1", "registry/bad-name", "'-1' is no name"),
        ("intents@1.5", "registry/not-found", "intents has no alias '1.5'"),
        ("../intents", "registry/bad-name", "'../intents' is no name"),
        ("", "registry/bad-name", "'' is no name"),
        ("Intents", "registry/bad-name", "'Intents' is no name"),
    ],
)
def test_a_reference_to_nothing_is_a_clear_error(registry: str, reference: str, code: str, problem: str) -> None:
    result = _models("show", reference, "--registry", registry, code=2)
    assert result.stdout == ""
    assert f"[{code}]" in result.stderr
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("selector", ["9" * 5000, "\u0663", "\u00b2", "@", "a@b", "\0"])
def test_a_strange_selector_is_no_crash(registry: str, selector: str) -> None:
    assert "error [" in _models("show", f"intents@{selector}", "--registry", registry, code=2).stderr


def test_what_is_there_is_named_where_something_is_not(registry: str) -> None:
    assert "Models there: intents, sentiment" in _models("show", "none", "--registry", registry, code=2).stderr


def test_a_damaged_record_is_an_error_that_names_its_place(tmp_path: Path) -> None:
    _publish(tmp_path)
    record = tmp_path / "models/intents/versions/00000001.json"
    record.chmod(0o644)
    record.write_bytes(record.read_bytes()[:-5])
    result = _models("show", "intents", "--registry", str(tmp_path), code=1)
    assert "[integrity/record]" in result.stderr
    assert str(record) in result.stderr


@pytest.mark.parametrize("name", [".DS_Store", "notes.txt", "00000001.json.bak"])
def test_a_strangers_file_in_the_registry_hides_no_model(tmp_path: Path, name: str) -> None:
    _publish(tmp_path)
    (tmp_path / "models/intents/versions" / name).write_text("not ours")
    assert _models("list", "--registry", str(tmp_path)).stdout.startswith("intents  1 version, latest 1")


@pytest.mark.parametrize("uri", ["", "s3://", "s3:///models", "gs://", "az:///x"])
def test_a_place_that_is_none_is_a_clear_error(uri: str) -> None:
    assert f"[store/bad-uri] {uri!r} names no place." in _models("list", "--registry", uri, code=2).stderr


@pytest.mark.parametrize("uri", ["s3:/bucket/models", "gs:/bucket", "S3:/bucket"])
def test_an_address_with_one_slash_is_no_folder_of_that_name(uri: str) -> None:
    assert "one slash where two are meant" in _models("list", "--registry", uri, code=2).stderr


def test_an_endpoint_that_is_none_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "127.0.0.1:9000")
    result = _models("list", "--registry", "s3://bucket/models", code=1)
    assert "Invalid endpoint: 127.0.0.1:9000." in result.stderr
    assert "http://HOST:PORT" in result.stderr


def test_a_store_that_nobody_knows_is_a_clear_error() -> None:
    result = _models("list", "--registry", "ftp://bucket/models", code=2)
    assert "[store/bad-uri] ftp://bucket/models: no store for 'ftp'" in result.stderr
