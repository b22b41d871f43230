"""What differs between two versions, and nothing that does not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.blobs import Blobs
from headstart.evaluation.estimate import Estimate
from headstart.registry import Draft, Registry, Version
from headstart.registry.diff import Change, compare
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft

_MADE: Draft = draft(Blobs(MemoryStore()))


def version(
    number: int = 1, spec: dict[str, Any] | None = None, lineage: dict[str, Any] | None = None, **change: Any
) -> Version:
    made = _MADE
    known = made.lineage.model_copy(update=(lineage or {}) | ({"spec": spec} if spec is not None else {}))
    made = made.model_copy(update={"lineage": known, **change})
    return Version(version=number, tx="tx", created="2026-01-01T00:00:00+00:00", **dict(made))


def test_a_version_does_not_differ_from_itself() -> None:
    found = compare(version(), version())
    assert (found.data, found.made, found.spec, found.files, found.labels_new, found.labels_gone) == (
        (),
        (),
        (),
        (),
        (),
        (),
    )
    assert found.same_rows
    assert [(each.difference, each.overlap) for each in found.metrics] == [(0.0, True)]


def test_figures_are_compared_with_their_intervals() -> None:
    better = {
        "macro_f1": Estimate(value=0.99, low=0.96, high=1.0),
        "accuracy": Estimate(value=0.99, low=0.9, high=1.0),
    }
    found = {each.metric: each for each in compare(version(), version(2, metrics=better)).metrics}
    assert found["macro_f1"].difference == pytest.approx(0.09)
    assert found["macro_f1"].overlap is False
    assert (found["accuracy"].before, found["accuracy"].difference, found["accuracy"].overlap) == (None, None, None)


@pytest.mark.parametrize(
    ("low", "high", "overlap"),
    [(0.96, 1.0, False), (0.95, 1.0, True), (0.0, 0.85, True), (0.0, 0.84, False), (0.0, 1.0, True)],
)
def test_intervals_overlap_where_they_share_a_value(low: float, high: float, overlap: bool) -> None:
    other = {"macro_f1": Estimate(value=(low + high) / 2, low=low, high=high)}
    assert compare(version(), version(metrics=other)).metrics[0].overlap is overlap


def test_other_test_rows_are_said() -> None:
    assert not compare(version(), version(lineage={"passport": "f" * 64})).same_rows


def test_data_spec_code_labels_and_files_are_told_by_key() -> None:
    before = version(spec={"name": "intents", "tune": {"strategy": "head", "epochs": 3}})
    after = version(
        2,
        spec={"name": "intents", "tune": {"strategy": "lp-ft", "epochs": 3}, "gate": {"min": 0.5}},
        lineage={"rows": {"train": 90, "validation": 10, "test": 10}, "headstart": "0.2.0", "commit": "1" * 40},
        labels=("parcel", "other"),
        files=(),
    )
    found = compare(before, after)
    assert found.data == (Change(key="rows.train", before=80, after=90),)
    assert found.made == (
        Change(key="headstart", before="0.1.0", after="0.2.0"),
        Change(key="commit", before="", after="1" * 40),
    )
    assert found.spec == (
        Change(key="tune.strategy", before="head", after="lp-ft"),
        Change(key="gate.min", before=None, after=0.5),
    )
    assert (found.labels_new, found.labels_gone) == (("other",), ("refund",))
    assert [(each.key, each.after) for each in found.files] == [(file.path, None) for file in before.files]
    assert (found.before, found.after) == ("intents@1", "intents@2")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
SPECS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4)


def flat(data: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in data.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


@given(SPECS, SPECS)
def test_applying_the_changes_to_one_spec_gives_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    changes = compare(version(spec=before), version(spec=after)).spec
    patched = flat(before) | {each.key: each.after for each in changes}
    wanted = flat(after)
    assert {key: value for key, value in patched.items() if value is not None} == {
        key: value for key, value in wanted.items() if value is not None
    }
    back = compare(version(spec=after), version(spec=before)).spec
    assert {(each.key, str(each.before), str(each.after)) for each in changes} == {
        (each.key, str(each.after), str(each.before)) for each in back
    }


def test_two_records_of_a_registry_can_be_compared(tmp_path: Any) -> None:
    source = Blobs(MemoryStore())
    registry = Registry(tmp_path)
    registry.publish(draft(source), source, "tx1")
    registry.publish(draft(source, {"model.safetensors": b"other"}), source, "tx2")
    found = compare(registry.get("intents", 1), registry.get("intents", 2))
    assert [each.key for each in found.files] == ["config.json", "model.safetensors", "onnx/head.safetensors"]
