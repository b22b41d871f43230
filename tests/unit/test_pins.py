"""What an import of a name carries over to the next one."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from headstart import pins, steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.errors import HeadstartError, IntegrityError
from headstart.spec import SPLITS, Spec
from headstart.stores.memory import MemoryStore
from headstart.workspace import Workspace
from tests.support import exports
from tests.support.exports import Line, import_export, in_memory, lines
from tests.support.pictures import picture_file


def _spec(source: Path, **data: object) -> Spec:
    return Spec.model_validate({"name": "messages", "data": {"source": str(source), **data}, "backbones": ["./model"]})


def _import(workspace: Workspace, path: Path, rows: list[Line], name: str = "messages", **data: object) -> Dataset:
    exports.csv_file(path, exports.maps(rows))
    spec = _spec(path, **data).model_copy(update={"name": name})
    return steps.import_labels(spec, Context(workspace, InlineCompute()), to_train=False)


def _split_of(dataset: Dataset, workspace: Workspace) -> dict[str, str]:
    return {text: split for split in SPLITS for text in dataset.table(workspace, split)["text"].to_pylist()}


def test_a_later_import_keeps_the_ids_of_the_labels_and_says_which_are_new_or_gone(tmp_path: Path) -> None:
    workspace = in_memory()
    first = _import(workspace, tmp_path / "rows.csv", [(f"text {n}", "bdc"[n % 3]) for n in range(60)])
    assert first.labels == ("b", "c", "d")
    assert first.reconciliation.vocabulary.new == ()
    second = _import(workspace, tmp_path / "rows.csv", [(f"text {n}", "bad"[n % 3]) for n in range(60)])
    assert second.labels == ("b", "c", "d", "a")
    assert second.reconciliation.vocabulary.new == ("a",)
    assert second.reconciliation.vocabulary.gone == ("c",)
    third = _import(workspace, tmp_path / "rows.csv", [(f"text {n}", "bcd"[n % 3]) for n in range(60)])
    assert third.labels == ("b", "c", "d", "a")
    assert third.reconciliation.vocabulary.gone == ("a",)


def test_rows_keep_their_split_from_import_to_import(tmp_path: Path) -> None:
    workspace = in_memory()
    before = _split_of(_import(workspace, tmp_path / "rows.csv", lines(200)), workspace)
    later = _import(workspace, tmp_path / "rows.csv", lines(500)[50:])
    after = _split_of(later, workspace)
    assert {text: after[text] for text in before.keys() & after.keys()} == {
        text: before[text] for text in before.keys() & after.keys()
    }
    assert later.passport.kept == 150
    assert later.passport.earlier


def test_an_import_by_another_name_starts_anew(tmp_path: Path) -> None:
    workspace = in_memory()
    _import(workspace, tmp_path / "rows.csv", [(f"text {n}", "bc"[n % 2]) for n in range(40)])
    other = _import(workspace, tmp_path / "rows.csv", [(f"text {n}", "ab"[n % 2]) for n in range(40)], name="others")
    assert other.labels == ("a", "b")
    assert other.passport.earlier == ""


def test_the_same_export_again_is_the_same_dataset_and_no_new_entry(tmp_path: Path) -> None:
    workspace = in_memory()
    one = _import(workspace, tmp_path / "rows.csv", lines())
    held = [(info.key, info.size) for info in workspace.store.list("")]
    other = _import(workspace, tmp_path / "rows.csv", lines())
    assert one == other
    assert [(info.key, info.size) for info in workspace.store.list("")] == held


def test_an_older_export_that_comes_back_does_not_bring_its_own_ids_back(tmp_path: Path) -> None:
    workspace = in_memory()
    old = [(f"text {n}", "bc"[n % 2]) for n in range(40)]
    _import(workspace, tmp_path / "rows.csv", old)
    _import(workspace, tmp_path / "rows.csv", [*old, ("an added one", "a")])
    again = _import(workspace, tmp_path / "rows.csv", old)
    assert again.labels == ("b", "c", "a")


def test_other_settings_of_the_split_divide_anew(tmp_path: Path) -> None:
    workspace = in_memory()
    _import(workspace, tmp_path / "rows.csv", lines(100))
    other = _import(workspace, tmp_path / "rows.csv", lines(100), split={"seed": 1})
    assert other.passport.kept == 0
    assert other.passport.earlier == ""


def test_imports_at_the_same_time_do_not_give_one_label_two_ids(tmp_path: Path) -> None:
    """The later one waits for nobody and loses nothing: it imports again with what the earlier one has decided."""
    workspace = in_memory()
    paths = [exports.csv_file(tmp_path / f"{n}.csv", exports.maps(_of_label(n))) for n in range(4)]
    meet = threading.Barrier(4)
    made: list[Dataset] = []

    def one(path: Path) -> None:
        met = False

        def make(newest: Dataset | None) -> Dataset:
            nonlocal met
            dataset = import_export(path, workspace, earlier=newest)
            workspace.save(dataset)
            if not met:
                met = True
                meet.wait(timeout=60)  # all have read the same newest one
            return dataset

        made.append(pins.following(workspace, "shared", make))

    threads = [threading.Thread(target=one, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    for dataset, longer in zip(made, sorted(made, key=lambda each: len(each.labels)), strict=True):
        assert dataset.labels == longer.labels[: len(dataset.labels)]
    assert len({dataset.labels for dataset in made}) == 4


def _of_label(number: int) -> list[Line]:
    return [*lines(40), *((f"only {number} has {n}", f"label of {number}") for n in range(10))]


def test_an_import_that_others_always_overtake_gives_up_with_a_clear_error(tmp_path: Path) -> None:
    workspace = in_memory()
    path = exports.csv_file(tmp_path / "rows.csv", exports.maps(lines()))
    count = 0

    def overtaken(newest: Dataset | None) -> Dataset:
        nonlocal count
        count += 1
        changed = exports.csv_file(tmp_path / "other.csv", exports.maps(lines(60 + count)))
        pins.following(workspace, "shared", _maker(changed, workspace))
        return _maker(path, workspace)(newest)

    with pytest.raises(HeadstartError) as caught:
        pins.following(workspace, "shared", overtaken)
    assert caught.value.code == "data/contended"


def _maker(path: Path, workspace: Workspace) -> Callable[[Dataset | None], Dataset]:
    def make(newest: Dataset | None) -> Dataset:
        dataset = import_export(path, workspace, earlier=newest)
        workspace.save(dataset)
        return dataset

    return make


@pytest.mark.parametrize("record", [b"", b"{}", b"[]", b'{"dataset": 3}', b'{"dataset": "none such"}', b"\xff"])
def test_a_damaged_log_is_a_clear_error_that_names_the_entry(tmp_path: Path, record: bytes) -> None:
    store = MemoryStore()
    workspace = Workspace(store)
    _import(workspace, tmp_path / "rows.csv", lines())
    store.put("names/messages/00000002.json", record)
    with pytest.raises(HeadstartError) as caught:
        _import(workspace, tmp_path / "rows.csv", lines(70))
    assert isinstance(caught.value, IntegrityError)
    assert "names/messages/00000002.json" in (caught.value.where or "")


def test_a_picture_that_was_missing_or_has_changed_is_seen_though_the_export_is_the_same(tmp_path: Path) -> None:
    workspace = in_memory()
    picture_file(tmp_path / "red.png", "red")
    export = exports.jsonl_file(tmp_path / "rows.jsonl", [{"image": f"{c}.png", "label": c} for c in ("red", "blue")])

    def import_() -> Dataset:
        return steps.import_labels(_spec(export), Context(workspace, InlineCompute()), to_train=False)

    assert import_().reconciliation.rows == 1
    picture_file(tmp_path / "blue.png", "blue")
    both = import_()
    assert both.reconciliation.rows == 2
    again = import_()
    assert again.content == both.content
    assert import_() == again
    picture_file(tmp_path / "red.png", "darkred")
    assert import_().content != both.content
