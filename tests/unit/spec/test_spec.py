"""The spec: what a user may write, what is derived, and what an error says about a mistake."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from headstart.errors import SpecError
from headstart.spec import SPLITS, DataSpec, Section, Spec
from headstart.spec import document as documents

TWO_LINES = "name: support\ndata: tickets.csv\n"
SECRET = "s3cr3t"
URI = f"s3://user:{SECRET}@bucket/key"

Load = Callable[..., Spec]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a spec file and loads it with overrides."""

    def load(text: str, *overrides: str) -> Spec:
        path = tmp_path / "spec.yaml"
        path.write_text(text, encoding="utf-8")
        return Spec.load(path, overrides)

    return load


@pytest.fixture
def mistake(load: Load) -> Callable[..., SpecError]:
    """The error that a spec file gives."""

    def mistake(text: str, *overrides: str) -> SpecError:
        with pytest.raises(SpecError) as caught:
            load(text, *overrides)
        return caught.value

    return mistake


Mistake = Callable[..., SpecError]

# ---------------------------------------------------------------- what a user may write


def test_two_lines_are_a_complete_spec(load: Load, tmp_path: Path) -> None:
    spec = load(TWO_LINES)
    assert spec.name == "support"
    assert spec.data.sources() == ((str(tmp_path / "tickets.csv"), None),)
    assert spec.tune.strategy == "auto"
    assert spec.registry.alias == "champion"


def test_a_json_file_is_a_spec_too(load: Load) -> None:
    assert load('{"name": "support", "data": {"source": "a.csv"}, "tune": {"epochs": 3}}').tune.epochs == 3


def test_a_byte_order_mark_is_no_part_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_bytes(b"\xef\xbb\xbf" + TWO_LINES.encode())
    assert Spec.load(tmp_path / "spec.yaml").name == "support"


def test_relative_paths_are_relative_to_the_spec_file(load: Load, tmp_path: Path) -> None:
    spec = load(
        "name: a\ndata: [x.csv, sub/*.csv, ../up.csv]\nbackbones: [./bert, org/model, package:demo]\n"
        "registry: {uri: reg}\nworkspace: work\nretrain: {drift: scores}\n"
    )
    folder = str(tmp_path)
    assert spec.data.source == (f"{folder}/x.csv", f"{folder}/sub/*.csv", f"{folder}/../up.csv")
    assert spec.backbones == (f"{folder}/bert", "org/model", "package:demo")
    assert (spec.registry.uri, spec.workspace) == (f"{folder}/reg", f"{folder}/work")
    assert spec.retrain.drift == f"{folder}/scores"


def test_a_workspace_and_a_registry_that_the_file_does_not_name_are_in_the_current_folder(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "current").mkdir()
    monkeypatch.chdir(tmp_path / "current")
    spec = load("name: a\ndata: x.csv\nregistry: {alias: best}\n")
    assert spec.workspace == f"{tmp_path}/current/.headstart/work"
    assert spec.registry.uri == f"{tmp_path}/current/.headstart/registry"


def test_absolute_paths_and_uris_stay_as_they_are(load: Load) -> None:
    spec = load("name: a\ndata: {source: {train: /x.csv, test: s3://b/y.csv}}\nregistry: {uri: memory://r}\n")
    assert spec.data.source == {"train": "/x.csv", "test": "s3://b/y.csv"}
    assert spec.registry.uri == "memory://r"


def test_a_tilde_is_the_users_home(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert load("name: a\ndata: ~/x.csv\nbackbones: [~/bert]").data.source == "/home/ada/x.csv"


@pytest.mark.parametrize("path", ["~$tickets.csv", "~nobody-of-this-name/x.csv", "~backup.csv"])
def test_a_file_whose_name_begins_with_a_tilde_is_a_file(load: Load, tmp_path: Path, path: str) -> None:
    assert load(f"name: a\ndata: {path}").data.source == str(tmp_path / path)


def test_a_spec_in_a_folder_reached_by_a_link_is_anchored_at_the_real_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "spec.yaml").write_text(TWO_LINES)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Spec.load(tmp_path / "link" / "spec.yaml") == Spec.load(tmp_path / "real" / "spec.yaml")


def test_published_splits_come_in_a_fixed_order() -> None:
    data = DataSpec.model_validate({"source": {"test": "c", "train": "a", "validation": "b"}})
    assert data.sources() == (("a", "train"), ("b", "validation"), ("c", "test"))


@pytest.mark.parametrize(("budget", "seconds"), [("1s", 1), ("90s", 90), ("10m", 600), ("2h", 7200)])
def test_a_budget_is_said_in_seconds_minutes_or_hours(load: Load, budget: str, seconds: int) -> None:
    assert load(f"{TWO_LINES}search: {{budget: {budget}}}").search.budget_seconds == seconds


@pytest.mark.parametrize("budget", ["0m", "10", "m", "-1m", "1.5h", "10 m", "10M", "٣m", "1d"])
def test_a_budget_in_other_words_is_refused(mistake: Mistake, budget: str) -> None:
    assert "search.budget" in mistake(f"{TWO_LINES}search: {{budget: '{budget}'}}").problem


def test_a_spec_cannot_be_changed(load: Load) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(TWO_LINES).name = "other"


def test_every_section_is_closed_to_unknown_keys() -> None:
    sections = Section.__subclasses__()
    assert len(sections) > 7
    for section in sections:
        assert section.model_config["extra"] == "forbid"


# ---------------------------------------------------------------- overrides


def test_an_override_is_a_yaml_value_for_a_key(load: Load) -> None:
    spec = load(TWO_LINES, "tune.epochs=3", "search.heads=[linear]", "data.split.test=0.3", "registry.uri=s3://b/x=y")
    assert (spec.tune.epochs, spec.search.heads, spec.data.split.test) == (3, ("linear",), 0.3)
    assert spec.registry.uri == "s3://b/x=y"


def test_one_override_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("name: a\ndata: b.csv\n")
    with pytest.raises(SpecError, match=r'overrides are a list, and this is one. Write \["tune.epochs=3"\].'):
        Spec.load(tmp_path / "spec.yaml", "tune.epochs=3")
    with pytest.raises(SpecError, match="overrides are a list"):
        Spec.parse("{}", "tune.epochs=3")


def test_the_last_override_of_a_key_counts(load: Load) -> None:
    assert load(TWO_LINES, "tune.epochs=3", "tune.epochs=4").tune.epochs == 4


@pytest.mark.parametrize("data", ["a.csv", "[a.csv, b.csv]", "{source: a.csv}"])
def test_the_short_form_of_data_grows_when_one_of_its_keys_is_set(load: Load, data: str) -> None:
    short, long = load(f"name: a\ndata: {data}"), load(f"name: a\ndata: {data}", "data.format=csv")
    assert long.data.format == "csv"
    assert long.data.source == short.data.source


@pytest.mark.parametrize("override", ["tune.epochs", "", "=", "=3", "tune.epochs:3"])
def test_an_override_that_sets_nothing_is_refused_with_an_example(mistake: Mistake, override: str) -> None:
    error = mistake(TWO_LINES, override)
    assert (error.code, error.where) == ("spec/invalid-value", "--set")
    assert "KEY=VALUE" in error.remedy


@pytest.mark.parametrize("value", ["[1", "{a: b", "'x", "a: b: c", "\t\t- x"])
def test_an_override_that_is_no_yaml_names_its_key(mistake: Mistake, value: str) -> None:
    error = mistake(TWO_LINES, f"tune.epochs={value}")
    assert (error.code, error.where) == ("spec/invalid-value", "--set tune.epochs")


@pytest.mark.parametrize("override", ["tune.epoch=3", "tuna.epochs=3", "tune..epochs=3", "data.fields.txt=body"])
def test_an_override_of_an_unknown_key_is_refused(mistake: Mistake, override: str) -> None:
    assert mistake(TWO_LINES, override).code == "spec/unknown-key"


def test_an_override_below_a_plain_value_is_refused(mistake: Mistake) -> None:
    assert "task" in mistake(TWO_LINES, "task.x=1").problem


def test_a_mistake_in_an_override_is_not_blamed_on_a_line_of_the_file(mistake: Mistake) -> None:
    error = mistake(f"{TWO_LINES}tune:\n  epochs: 3\n", "tune.epochs=0")
    assert "line 4" not in error.where
    assert "--set" in error.where


# ---------------------------------------------------------------- there and back


TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
PATHS = TEXT.filter(lambda text: "://" not in text)
SPECS = st.builds(
    lambda **said: Spec.model_validate(said),
    name=st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", fullmatch=True),
    data=st.fixed_dictionaries(
        {
            "source": PATHS
            | st.lists(PATHS, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(SPLITS), PATHS).map(lambda splits: {"train": "a"} | splits)
        },
        optional={
            "format": st.sampled_from(["auto", "label-studio", "csv", "jsonl", "parquet"]),
            "fields": st.fixed_dictionaries({"text": TEXT, "label": TEXT}),
            "split": st.fixed_dictionaries(
                {
                    "test": st.floats(0, 0.49),
                    "validation": st.floats(0, 0.49),
                    "seed": st.integers(0, 2**70),
                    "group_by": TEXT,
                }
            ),
        },
    ),
    backbones=st.lists(PATHS, min_size=1, max_size=3),
    search=st.fixed_dictionaries(
        {
            "trials": st.integers(1, 10**9),
            "layers": st.just("all") | st.lists(st.integers(0, 99), min_size=1, max_size=3),
            "heads": st.lists(st.sampled_from(["linear", "ridge", "mlp", "centroid"]), min_size=1, max_size=4),
            "budget": st.sampled_from(["1s", "5m", "24h"]),
        }
    ),
    gate=st.fixed_dictionaries({"min": st.floats(0, 1), "min_gain": st.floats(-1, 1)}),
    compute=st.fixed_dictionaries({"cpus_per_worker": st.just("auto") | st.integers(1, 99)}),
    workspace=PATHS,
)


@given(SPECS)
def test_a_spec_survives_its_journey_as_json(spec: Spec) -> None:
    assert Spec.parse(spec.to_json()) == spec


@given(SPECS)
def test_a_spec_survives_its_journey_as_json_of_another_writer(spec: Spec) -> None:
    assert Spec.parse(json.dumps(spec.said())) == spec
    assert Spec.parse(json.dumps(spec.said(), indent=2, ensure_ascii=False)) == spec


@given(SPECS)
def test_what_a_spec_says_is_a_spec_file(spec: Spec) -> None:
    assert Spec.model_validate(spec.said()) == spec


ODD = ["a\x7fb", "a\x85b", "a\u2028b", "a \u2028 b", "a\u2029b", "a\ufffeb", "a\ufeffb", "a\tb", "a\nb", "a\x01b", "😀"]


@pytest.mark.parametrize("path", ODD)
def test_no_character_of_a_path_is_lost_on_the_way(path: str) -> None:
    spec = Spec.model_validate({"name": "a", "data": {"source": path}})
    assert Spec.parse(spec.to_json()) == spec
    assert Spec.parse(json.dumps(spec.said())) == spec


@given(SPECS)
def test_an_anchored_spec_is_not_anchored_twice(spec: Spec) -> None:
    once = spec.anchored(Path("/folder"), Path("/current"))
    assert once.anchored(Path("/elsewhere"), Path("/another")) == once


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("tuen: {epochs: 3}", "tuen", "Did you mean 'tune'?"),
        ("tune: {epoch: 3}", "tune.epoch", "Did you mean 'epochs'?"),
        ("search:\n  trails: 3", "search.trails", "Did you mean 'trials'?"),
        ("compute: {zebra: 1}", "compute.zebra", "Known keys here: workers, least_workers"),
    ],
)
def test_an_unknown_key_is_named_with_the_key_that_was_meant(
    mistake: Mistake, text: str, key: str, remedy: str
) -> None:
    error = mistake(TWO_LINES + text)
    assert error.code == "spec/unknown-key"
    assert repr(key) in error.problem
    assert remedy in error.remedy


def test_an_unknown_key_deep_in_the_spec_is_found(mistake: Mistake) -> None:
    error = mistake("name: a\ndata:\n  source: x\n  split:\n    test: 0.1\n    validaton: 0.1\n")
    assert (error.problem, error.remedy) == ("unknown key 'data.split.validaton'.", "Did you mean 'validation'?")
    assert error.where.endswith("spec.yaml, line 6")


@pytest.mark.parametrize(
    ("text", "key"), [("data: x", "name"), ("name: a", "data"), ("name: a\ndata: {format: csv}", "data.source")]
)
def test_a_missing_key_is_named(mistake: Mistake, text: str, key: str) -> None:
    error = mistake(text)
    assert error.code == "spec/missing-key"
    assert repr(key) in error.problem


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("tune:\n  epochs: 0", "tune.epochs is 0", 4),
        ("tune: {epochs: 3.0}", "tune.epochs is 3.0", 3),
        ("tune: {epochs: '3'}", 'tune.epochs is "3"', 3),
        ("tune: {epochs: yes}", "tune.epochs is true", 3),
        ("tune: {strategy: lore}", 'tune.strategy is "lore"', 3),
        ("gate: {min: 1.5}", "gate.min is 1.5", 3),
        ("gate: {min: .nan}", "gate.min is NaN", 3),
        ("gate: {confidence: 1.0}", "gate.confidence is 1.0", 3),
        ("backbones: []", "backbones is []", 3),
        ("backbones:\n- a\n- ''", 'backbones.1 is ""', 5),
        ("search:\n  heads: [linear, forest]", 'search.heads.1 is "forest"', 4),
        ("search: {layers: [1, -1]}", "search.layers.1 is -1", 3),
        ("compute: {workers: 0}", "compute.workers is 0", 3),
        ("compute: {cpus_per_worker: 0}", "compute.cpus_per_worker is 0", 3),
        ("workspace: ''", 'workspace is ""', 3),
        ("registry: {alias: Champion}", 'registry.alias is "Champion"', 3),
        ("tune: 3", "tune is 3", 3),
    ],
)
def test_a_wrong_value_is_said_with_its_key_and_line(mistake: Mistake, text: str, key: str, line: int) -> None:
    error = mistake(TWO_LINES + text)
    assert error.code == "spec/invalid-value"
    assert error.problem == f"{key}."
    assert error.where.endswith(f"spec.yaml, line {line}")
    assert error.remedy.endswith(".")


def test_no_layers_are_nothing_to_search(mistake: Mistake) -> None:
    assert "search.layers" in mistake(f"{TWO_LINES}search: {{layers: []}}").problem


@pytest.mark.parametrize("split", ["{test: 0.5, validation: 0.5}", "{test: 0.99}", "{test: 1.0}", "{test: -0.1}"])
def test_a_split_that_leaves_nothing_to_train_on_is_refused(mistake: Mistake, split: str) -> None:
    assert mistake(f"name: a\ndata: {{source: x, split: {split}}}").code == "spec/invalid-value"


@pytest.mark.parametrize(
    "source", ["[]", "''", "{}", "{test: a}", "[a, '']", "{trian: a}", "null", "3", "{train: [a]}"]
)
def test_data_without_a_source_is_refused(mistake: Mistake, source: str) -> None:
    error = mistake(f"name: a\ndata: {{source: {source}}}")
    assert error.code == "spec/invalid-value"
    assert error.problem.startswith("data.source")
    assert "line 2" in error.where


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        ".",
        "A",
        "a/b",
        "a b",
        "-a",
        "a-",
        "a.",
        "_a",
        "ä",
        "\u0430",  # a Cyrillic a
        "\uff41",  # a wide a
        "a\u200b",
        "a\n",
        "x" * 64,
        "../a",
        "a\x00",
    ],
)
def test_a_name_that_is_no_safe_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Spec.model_validate({"name": name, "data": "x"})
    with pytest.raises(ValidationError):
        Spec.model_validate({"name": "a", "data": "x", "registry": {"alias": name}})


@pytest.mark.parametrize("name", ["a", "0", "a.b", "a..b", "a-_.b", "x" * 63])
def test_a_safe_name_is_taken(name: str) -> None:
    assert Spec.model_validate({"name": name, "data": "x"}).name == name


@pytest.mark.parametrize("text", ["name: a\nname: b\ndata: x", "name: a\ndata: {source: x, source: y}"])
def test_a_key_that_stands_twice_is_refused_where_it_stands(mistake: Mistake, text: str) -> None:
    error = mistake(text)
    assert error.code == "spec/unreadable"
    assert "stands twice" in error.problem
    assert error.where.endswith("line 2")


def test_json_with_a_key_twice_is_refused() -> None:
    with pytest.raises(SpecError, match="twice"):
        Spec.parse('{"name": "a", "data": "x", "data": "y"}')


@pytest.mark.parametrize(
    "text",
    [
        "base: &base {x: 1}\na: {b: {c: &both {<<: *base, x: 2}}, d: {<<: *both}}",
        "base: &base {x: 1}\na: {d: {<<: *base, x: 2}}",
    ],
)
def test_a_merged_key_is_overridden_or_refused_as_such_but_does_not_stand_twice(text: str) -> None:
    try:
        assert documents.parse(text).data["a"]["d"] == {"x": 2}
    except SpecError as error:
        assert "'<<'" in error.problem  # noqa: PT017


def test_a_tab_is_said_to_be_one(mistake: Mistake) -> None:
    error = mistake("name: a\n\tdata: x")
    assert (error.code, error.where[-6:]) == ("spec/unreadable", "line 2")
    assert "'\\t'" in error.problem


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a", "just text", "3", "null", "name: a\n---\nname: b", "{"])
def test_what_is_no_mapping_is_unreadable(mistake: Mistake, text: str) -> None:
    assert mistake(text).code == "spec/unreadable"


def test_a_missing_file_a_folder_and_a_binary_file_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00name")
    for path in (tmp_path / "nowhere.yaml", tmp_path, tmp_path / "binary"):
        with pytest.raises(SpecError) as caught:
            Spec.load(path)
        assert (caught.value.code, caught.value.where) == ("spec/unreadable", str(path))


UNEXPECTED = {
    "a date that is none": "name: 2024-13-45\ndata: x",
    "a key that is a list": "? [a, b]\n: c",
    "a key that is a mapping": "? {a: b}\n: c",
    "a key that is a number": "1: x\nname: a\ndata: x",
    "a key that is null": "null: x\nname: a\ndata: x",
    "a key that is a date": "name: {2024-01-01: x}\ndata: x",
    "the key on": "name: a\ndata: x\ncompute: {on: ray}",
    "a list that holds itself": "name: &a [*a]\ndata: x",
    "a mapping that holds itself": "name: &a {x: *a}\ndata: x",
    "a section that holds itself": "name: a\ndata: x\nsearch: &a {trials: *a}",
    "a tagged number": "name: a\ndata: !!int x",
    "a tagged boolean": "name: a\ndata: !!bool x",
    "a tagged date": "name: a\ndata: !!timestamp x",
    "a tagged python object": "name: a\ndata: !!python/object/apply:os.system [true]",
    "binary": "name: a\ndata: !!binary x",
    "a hexadecimal number without digits": "name: a\ndata: x\ntune: {epochs: 0x_}",
    "more digits than a number may have": f"name: a\ndata: x\ntune: {{epochs: {'1' * 5000}}}",
    "a deep pit": "name: " + "[" * 3000,
    "half a character": '{"name": "a", "data": "\\ud800"}',
    "a null character": "name: a\x00b\ndata: x",
}


@pytest.mark.parametrize("text", UNEXPECTED.values(), ids=UNEXPECTED)
def test_whatever_stands_in_the_file_the_error_is_ours_and_can_be_printed(mistake: Mistake, text: str) -> None:
    str(mistake(text)).encode()


@pytest.mark.parametrize("value", ["2024-13-45", "&a [*a]", "!!int x", "0x_", "{a: 1, a: 2}", "? [a]", '"\\ud800"'])
def test_whatever_an_override_says_the_error_is_ours_and_can_be_printed(mistake: Mistake, value: str) -> None:
    str(mistake(TWO_LINES, f"name={value}")).encode()


WORDS = "name data tune source 1 0.5 ~ yes 2024-01-01 2024-99-99 0x_ <<: &x *x !!str !!int %"
MARKS = ("[", "]", "{", "}", "'", '"', ": ", ":\n  ", "\n", "- ", ", ", "|\n ", "# ", "? ", "\\ud800", "@", "\t", " ")
FRAGMENTS = st.sampled_from([*WORDS.split(), *MARKS])


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_no_text_brings_a_stack_trace(text: str) -> None:
    try:
        Spec.parse(text)
    except SpecError as error:
        str(error).encode()


@given(st.lists(FRAGMENTS, max_size=8).map("".join))
def test_no_override_brings_a_stack_trace(text: str) -> None:
    document = documents.parse("name: a\ndata: x")
    try:
        document.override(f"tune.epochs={text}")
        Spec.model_validate(document.data)
    except SpecError as error:
        str(error).encode()
    except ValidationError as error:
        str(document.explain(error, Spec)).encode()


# ---------------------------------------------------------------- secrets


HIDING_PLACES = {
    "data": f"data: {URI}",
    "data in a list": f"data: [x, {URI}]",
    "a source": f"data: {{source: {URI}}}",
    "a published split": f"data: {{source: {{train: x, test: {URI}}}}}",
    "a split of no such name": f"data: {{source: {{train: x, trian: {URI}}}}}",
    "a split without train": f"data: {{source: {{test: {URI}}}}}",
    "a list in a split": f"data: {{source: {{train: [{URI}]}}}}",
    "a list in a list": f"data: {{source: [[{URI}]]}}",
    "a mapping in a split": f"data: {{source: {{train: {{a: {URI}}}}}}}",
    "the registry's short form": f"data: x\nregistry: {URI}",
    "the registry": f"data: x\nregistry: {{uri: {URI}}}",
    "an unknown key of the registry": f"data: x\nregistry: {{url: {URI}}}",
    "the workspace": f"data: x\nworkspace: {URI}",
    "backbones without a list": f"data: x\nbackbones: {URI}",
    "backbones": f"data: x\nbackbones: [{URI}]",
    "the format": f"data: {{source: x, format: '{URI}'}}",
    "the fields": f"data: {{source: x, fields: {URI}}}",
    "an alias": f"data: x\nregistry: {{alias: '{URI}'}}",
    "a key": f"data: x\n'{URI}': 1",
    "a key that stands twice": f"data: x\n'{URI}': 1\n'{URI}': 2",
    "a key of a section": f"data: x\ntune: {{'{URI}': 1}}",
    "a tag": f"data: !{URI} x",
    "the list of a number": f"data: x\ntune: {{epochs: [{URI}]}}",
    "a broken address": f"data: x\nworkspace: 's3://[user:{SECRET}@bucket'",
    "an address that looks alike": f"data: x\nworkspace: 's3://user:{SECRET}@buck\u2100et'",
    "a secret with a slash": f"data: x\nworkspace: s3://user:ab/{SECRET}@bucket",
    "capital letters": f"data: x\nworkspace: S3://user:{SECRET}@bucket",
    "a value that is cut off right after the secret": f"data: x\nbackbones: {{a: [{'x' * 89}, {URI}]}}",
}


@pytest.mark.parametrize("text", HIDING_PLACES.values(), ids=HIDING_PLACES)
def test_a_secret_in_a_uri_is_refused_and_never_shown(mistake: Mistake, text: str) -> None:
    assert SECRET not in str(mistake(f"name: a\n{text}\n"))


@pytest.mark.parametrize("value", ["{0}", "[{0}]", "[{0}", "{{a: {0}}}", "{0}: x", "'{0}", "!{0} x", "x: {0}: y"])
def test_a_secret_in_an_override_is_refused_and_never_shown(mistake: Mistake, value: str) -> None:
    keys = ("name", "data", "data.source", "data.source.train", "registry", "registry.uri", "backbones", "tune.epochs")
    shown = {key: str(mistake(TWO_LINES, f"{key}={value.format(URI)}")) for key in keys}
    assert {key: said for key, said in shown.items() if SECRET in said} == {}


@pytest.mark.parametrize("override", ["{0}", "={0}", "{0}=1", "{0}.x=1", "name.{0}=1", "tune:{0}", "registry.uri:{0}"])
def test_a_secret_where_an_overrides_key_belongs_is_never_shown(mistake: Mistake, override: str) -> None:
    assert SECRET not in str(mistake(TWO_LINES, override.format(URI)))


def test_a_hidden_value_still_has_its_key_line_and_remedy(mistake: Mistake) -> None:
    error = mistake(f"name: a\ndata: x\nregistry:\n  uri: {URI}\n")
    assert error.problem == "registry.uri is ***."
    assert error.where.endswith("line 4")
    assert "credentials" in error.remedy


@pytest.mark.parametrize(
    "source", ["s3://bucket/folder@2/x.csv", "mail@example.csv", "s3://b/a:b@c", "https://h:8080/a@b"]
)
def test_an_at_sign_outside_the_address_is_no_secret(source: str) -> None:
    assert Spec.model_validate({"name": "a", "data": source}).data.source == source


def test_a_secret_does_not_hide_in_the_chain_of_causes(mistake: Mistake) -> None:
    error = mistake(f"name: a\ndata: x\nworkspace: {URI}\n")
    assert error.__cause__ is None
    assert error.__suppress_context__
