"""The feature store: every row once, found ever after, verified."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from headstart import encoder
from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.encoder import Encoder, Tokenizer, pad
from headstart.errors import BackboneError, IntegrityError, UsageError
from headstart.features import Features, extraction, features
from headstart.features.space import Space
from headstart.precision import computing, native
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.rows import Told, rows_of

TEXTS = [text for text, _ in tiny.texts(60)]
HALF = 5e-4  # what rounding to half precision may change in a component of a unit vector


def parts_of_shards(on: Context, backbone: Backbone) -> set[frozenset[tuple[str, int]]]:
    """What each shard holds, by pooling and layer."""
    space = Space.of(backbone, on.workspace)
    assert space.refresh() == []
    return {frozenset(shard.files) for shard in space.shards.values()}


def layers(found: Features) -> np.ndarray:
    """Every layer, shape (layers + 1, rows, width)."""
    return np.stack([found.layer(layer) for layer in range(3)])


@functools.cache
def states_of(folder: Path) -> list[torch.Tensor]:
    """What the model makes of each text by itself, shape (layers + 1, tokens, width), as precise as the machine is."""
    encoder, tokenizer = Encoder(folder, "mean").eval(), Tokenizer(folder, 64)
    with torch.inference_mode(), computing(native(torch.device("cpu")), torch.device("cpu")):
        return [
            torch.cat(encoder.body(*pad(tokenizer([text])), output_hidden_states=True).hidden_states).float()
            for text in TEXTS
        ]


def one_by_one(folder: Path, layer: int, pooling: str) -> np.ndarray:
    """Unit vectors of the texts by a batch for each."""
    states = [each[layer] for each in states_of(folder)]
    pools = {"mean": lambda state: state.mean(0), "cls": lambda state: state[0], "max": lambda state: state.amax(0)}
    return torch.nn.functional.normalize(torch.stack([pools[pooling](state) for state in states]), dim=1).numpy()


def test_features_are_those_of_each_text_by_itself_on_every_layer_and_pooling(
    on: Context, backbone: Backbone, tiny_backbone: Path
) -> None:
    together = features(rows_of(TEXTS), backbone, on, poolings=["mean", "cls", "max"])
    for pooling in ("mean", "cls", "max"):
        for layer in range(backbone.layers + 1):
            found = together.layer(layer, pooling)
            assert found.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
            np.testing.assert_allclose(found, one_by_one(tiny_backbone, layer, pooling), atol=HALF)
    np.testing.assert_array_equal(together.layer(1), together.layer(1, "mean"))


@settings(max_examples=6, phases=[Phase.generate])  # each extracts: shrinking would take minutes
@given(order=st.permutations(range(30)), known=st.integers(0, 30), budget=st.integers(1, 200), least=st.integers(1, 40))
def test_neither_batch_nor_order_nor_shards_nor_what_is_known_changes_a_vector(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_backbone: Path,
    order: list[int],
    known: int,
    budget: int,
    least: int,
) -> None:
    on = Context(Workspace.open(str(tmp_path_factory.mktemp("work"))), InlineCompute())
    backbone = ingest(locate(str(tiny_backbone)), on.workspace)
    expected = one_by_one(tiny_backbone, 2, "mean")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "TOKEN_BUDGET", {"cpu": budget})
        patch.setattr(extraction, "_LEAST_ROWS", least)
        features(rows_of(TEXTS[:known]), backbone, on, layers=[2])
        found = features(rows_of([TEXTS[row] for row in order]), backbone, on).layer(2)
    np.testing.assert_allclose(found, expected[list(order)], atol=HALF)


def test_only_rows_that_were_never_seen_are_computed(on: Context, backbone: Backbone) -> None:
    told = Told()
    first = features(rows_of(TEXTS[:40]), backbone, on, told)
    assert set(told.rows) == {40}
    grown = features(rows_of(TEXTS[20:]), backbone, on, told := Told())
    assert set(told.rows) == {20}
    np.testing.assert_array_equal(grown.layer(1)[:20], first.layer(1)[20:])
    again = features(rows_of(TEXTS[::-1]), backbone, on, told := Told())
    assert told.rows == []
    np.testing.assert_array_equal(again.layer(2)[::-1][20:], grown.layer(2))


def test_a_row_that_is_asked_for_twice_is_computed_once(on: Context, backbone: Backbone) -> None:
    found = features(rows_of([TEXTS[0], TEXTS[1], TEXTS[0]]), backbone, on, told := Told()).layer(1)
    assert set(told.rows) == {2}
    np.testing.assert_array_equal(found[0], found[2])


def test_no_rows_have_no_features(on: Context, backbone: Backbone) -> None:
    assert features(rows_of([]), backbone, on).layer(0).shape == (0, backbone.width)


def test_another_pooling_is_computed_when_it_is_asked_for_and_the_first_is_kept(
    on: Context, backbone: Backbone
) -> None:
    mean = features(rows_of(TEXTS), backbone, on)
    before = parts_of_shards(on, backbone)
    both = features(rows_of(TEXTS), backbone, on, told := Told(), poolings=["mean", "cls"])
    assert set(told.rows) == {60}
    (added,) = parts_of_shards(on, backbone) - before
    assert added == {("cls", 0), ("cls", 1), ("cls", 2)}
    np.testing.assert_array_equal(both.layer(2), mean.layer(2))
    assert not np.array_equal(both.layer(2, "cls"), mean.layer(2))


def test_one_layer_reads_the_bytes_of_that_layer_only(
    on: Context, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = features(rows_of(TEXTS), backbone, on)
    sizes = {info.key: info.size for info in on.workspace.store.list("features/")}
    fetched: list[str] = []
    fetch = on.workspace.blobs.fetch
    monkeypatch.setattr(on.workspace.blobs, "fetch", lambda file: fetched.append(file.key) or fetch(file))
    found.layer(1)
    assert sum(sizes[key] for key in fetched) < 60 * backbone.width * 2 + 200


def test_another_backbone_has_features_of_its_own(on: Context, backbone: Backbone, tmp_path: Path) -> None:
    other = ingest(locate(str(tiny.save_backbone(tmp_path / "other", layers=1))), on.workspace)
    mine = features(rows_of(TEXTS[:5]), backbone, on).layer(1)
    assert not np.array_equal(features(rows_of(TEXTS[:5]), other, on).layer(1), mine)
    with pytest.raises(BackboneError, match="no layer 2"):
        features(rows_of(TEXTS[:5]), other, on, layers=[2])


def test_what_was_not_asked_for_is_refused(on: Context, backbone: Backbone) -> None:
    with pytest.raises(UsageError, match="no pooling 'median'"):
        features(rows_of(TEXTS), backbone, on, poolings=["median"])  # type: ignore[list-item]
    found = features(rows_of(TEXTS), backbone, on, layers=[1])
    for layer, pooling in ((2, None), (1, "cls")):
        with pytest.raises(UsageError):
            found.layer(layer, pooling)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("harm", "when"),
    [
        *((harm, when) for harm in ("flip a byte", "cut short", "remove") for when in ("before", "between")),
        ("flip a byte of the entry", "before"),
    ],
)
def test_a_damaged_shard_is_noticed_said_and_computed_again(
    on: Context, backbone: Backbone, harm: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "_LEAST_ROWS", 20)  # three shards
    rows, told = rows_of(TEXTS), Told()
    whole = features(rows, backbone, on)
    expected = layers(whole)
    found = features(rows, backbone, on, told) if when == "between" else None
    store = on.workspace.store
    key = next(
        info.key for info in store.list("features/") if ("/rows/" if "entry" in harm else "/vectors/") in info.key
    )
    data = bytearray(store.get(key) or b"")
    data[len(data) // 2] ^= 1
    {
        "flip a byte": lambda: store.put(key, bytes(data)),
        "flip a byte of the entry": lambda: store.put(key, bytes(data)),
        "cut short": lambda: store.put(key, bytes(data[:-1])),
        "remove": lambda: store.delete(key),
    }[harm]()
    with pytest.warns(RuntimeWarning, match="damaged or missing shards: 1"):
        mended = layers(found or features(rows, backbone, on, told))
    np.testing.assert_allclose(mended, expected, atol=1e-3)
    (computed,) = set(told.rows)
    assert 10 < computed < 30, "the rows of the damaged shard, and no others"
    assert any("damaged" in note for note in told.notes)
    afterwards = Told()
    again = features(rows, backbone, on, afterwards)
    assert [again.layer(layer).shape for layer in range(3)] == [(60, backbone.width)] * 3
    assert afterwards.rows == []


@pytest.mark.filterwarnings("ignore:features. damaged")
def test_a_disk_that_damages_everything_is_an_error_and_no_endless_loop(
    on: Context, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = on.workspace.store.put
    monkeypatch.setattr(
        type(on.workspace.store), "put", lambda self, key, data: put(key, data[:-1] + bytes([data[-1] ^ 1]))
    )
    with pytest.raises(IntegrityError, match="again"):
        features(rows_of(TEXTS[:5]), backbone, on).layer(1)


def test_a_store_of_the_first_layout_breaks_nothing(on: Context, backbone: Backbone) -> None:
    on.workspace.store.put(f"features/{'0' * 64}/{'1' * 64}.json", b'{"file": {}, "rows": []}')
    assert features(rows_of(TEXTS[:5]), backbone, on).layer(0).shape == (5, backbone.width)


def test_a_changed_label_costs_nothing(on: Context, backbone: Backbone) -> None:
    rows = rows_of(TEXTS[:5])
    features(rows, backbone, on)
    features(replace(rows, targets=np.ones(5, dtype=np.int64)), backbone, on, told := Told())
    assert told.rows == []


def test_what_a_pass_takes_is_known_from_the_last_extraction_that_tells(on: Context, backbone: Backbone) -> None:
    few = features(rows_of(TEXTS[:50]), backbone, on)
    assert few.seconds() is None  # all of that was starting
    many = features(rows_of([text for text, _ in tiny.texts(300)]), backbone, on)
    seconds = many.seconds()
    assert seconds is not None
    assert seconds > 0
    assert few.seconds() == pytest.approx(seconds / 6, abs=2e-3)
