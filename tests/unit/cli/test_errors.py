"""Wrong use of the command line: one clear error, status 2, and nothing half-written."""

import contextlib
import io
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from headstart.blobs import Blobs
from headstart.cli import answers, main
from headstart.cli.group import Group
from headstart.errors import CODES, StoreError
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from headstart.tasks.prediction import Prediction
from tests.support import drafts, exports
from tests.support.exports import lines, maps
from tests.support.steady import STEADY

EXAMPLE = str(exports.EXAMPLE)
# A spec that is never complete, so that no run ever starts.
UNFINISHED = "data: rows.csv\n"


@pytest.fixture(autouse=True)
def _in_an_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextlib.contextmanager
def _file_size(most: int) -> Iterator[None]:
    """No file of this process may be larger, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _tree() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*"))


def _wrong(*arguments: str, status: int = 2) -> Result:
    """The result of a wrong command, once it is sure that it wrote nothing and did not crash."""
    before = _tree()
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit), f"a stack trace instead of an error: {result.exception!r}"
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    assert _tree() == before
    return result


def _error(*arguments: str, status: int = 2) -> tuple[str, str]:
    """The code of the one error that a wrong command says, and what it says."""
    said = _wrong(*arguments, status=status).stderr
    first, second = said.splitlines()
    assert first.startswith("error [")
    assert second.startswith("  ")
    code = first.partition("[")[2].partition("]")[0]
    assert code in CODES
    return code, said


# import


@pytest.mark.parametrize(
    ("content", "options", "code", "said"),
    [
        ("", [], "data/no-rows", "rows.csv: there are no records."),
        ("text,label\n", [], "data/no-rows", "rows.csv: there are no records."),
        (
            "text,label\n,\n",
            [],
            "data/no-rows",
            "none of 1 records became a row (1 empty-text). At rows.csv, line 2: the text is empty.",
        ),
        ("text,label,label\nhello,a,b\n", [], "data/unreadable", "line 1: column 'label' stands twice in the header."),
        ('text,label\n"hello,a\n', [], "data/unreadable", "line 2: not CSV: unexpected end of data."),
        ("phrase,kind\nhello,a\n", [], "data/unknown-field", "no field is known to hold the text."),
        (
            "text,label\nhello,a\n",
            ["--text", "titel"],
            "data/unknown-field",
            "there is no field 'titel' for the text.",
        ),
        (
            "text,label\nhello,a\n",
            ["--label", "lable"],
            "data/unknown-field",
            "there is no field 'lable' for the label.",
        ),
        (
            "text,label\nhello,a\n",
            ["--group-by", "who"],
            "data/unknown-field",
            "there is no field 'who' for the group.",
        ),
        (
            "text,label\nhello,a\n",
            ["--text", "label", "--label", "label"],
            "data/unknown-field",
            "field 'label' is named for the label and for the text.",
        ),
        ("text,label\nhello,a\n", ["--format", "parquet"], "data/unreadable", "not Parquet"),
        ("text,label\nhello,a\n", ["--format", "label-studio"], "data/unreadable", "line 1: not JSON"),
        (
            '[{"text": "a", "label": "b"},]',
            ["--format", "json"],
            "data/unreadable",
            "line 1: not JSON: Expecting value at character 30.",
        ),
        (
            "text,label\nhello,a\n",
            ["--format", "jsonl"],
            "data/no-rows",
            "none of 2 records became a row (2 not-json). At rows.csv, line 1: the line is not JSON.",
        ),
        ("text,label\nhello,a\nHello,b\n", ["--on-conflict", "error"], "data/conflict", "votes differ: 'a' 1, 'b' 1."),
        (
            "text,label\ncafé,a\n".encode("latin-1"),
            [],
            "data/no-rows",
            "iconv -f WINDOWS-1252 -t UTF-8",
        ),
        ("text,label,split\nhello,a,3\n", [], "data/no-rows", "or rename the field if it says something else."),
        (
            "text,label,when\nhello,a,12/31/2024\n",
            ["--time", "when"],
            "data/no-rows",
            "means another day elsewhere (02/03/2024).\n  Write times as in 2024-12-31 or",
        ),
        ("text,label\n".encode("utf-16") + b"x", [], "data/unreadable", "it seems to be UTF-16 and is not"),
    ],
)
def test_an_export_that_cannot_be_imported_is_one_clear_error(
    content: str | bytes, options: list[str], code: str, said: str
) -> None:
    Path("rows.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    found, error = _error("import", "rows.csv", "--out", "work", *options)
    assert found == code
    assert said in error
    assert "rows.csv" in error


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ("hello,a\n", "data/one-class", "every row has the label 'a'."),
        ("hello,a\nbye,b\n", "data/too-few-rows", "at least 10 are needed."),
    ],
)
def test_an_export_that_cannot_train_a_model_is_refused_before_the_model_is_looked_for(
    rows: str, code: str, said: str
) -> None:
    Path("rows.csv").write_text("text,label\n" + rows)
    Path("spec.yaml").write_text("{name: x, data: rows.csv, backbones: [./none]}")
    result = CliRunner().invoke(main, ["run", "spec.yaml"])
    assert result.exit_code == 2
    assert f"error [{code}] rows.csv: " in result.stderr
    assert said in result.stderr
    assert {path.name for path in Path(".headstart").rglob("*") if path.is_file()} == {
        "run.log",
        "x.json",
    }  # its status


@pytest.mark.parametrize("source", ["none.csv", "none/", "*.none", "./none/**/*.csv", "ftp://host/x.csv", "nul\0.csv"])
def test_a_source_that_does_not_exist_is_repeated(source: str) -> None:
    code, said = _error("import", source, "--out", "work")
    assert code == "data/not-found"
    assert source in said


def test_a_host_that_does_not_exist_is_repeated() -> None:
    code, said = _error("import", "https://host.invalid/x.csv", "--out", "work")  # RFC 2606: no network knows it
    assert code == "data/unreachable"
    assert "https://host.invalid/x.csv" in said


@pytest.mark.parametrize("source", ["", "**.csv", "n" * 300])
def test_a_source_that_cannot_exist_is_a_clear_error(source: str) -> None:
    _wrong("import", source, "--out", "work")


@pytest.mark.parametrize("option", [["--format", "xml"], ["--format", ""], ["--on-conflict", "maybe"]])
def test_an_option_of_few_values_takes_no_other(option: list[str]) -> None:
    exports.csv_file(Path("rows.csv"), maps(lines()))
    assert option[1] in _wrong("import", "rows.csv", "--out", "work", *option).stderr


def test_an_empty_workspace_is_no_workspace() -> None:
    exports.csv_file(Path("rows.csv"), maps(lines()))
    _wrong("import", "rows.csv", "--out", "")


@pytest.mark.parametrize(
    "arguments", [["s3://me:hunter2@bucket/x", "--out", "work"], ["rows.csv", "--out", "s3://me:hunter2@bucket"]]
)
def test_a_secret_in_a_uri_is_refused_and_never_shown(arguments: list[str]) -> None:
    exports.csv_file(Path("rows.csv"), maps(lines()))
    said = _wrong("import", *arguments)
    assert "credentials" in said.stderr
    assert "hunter2" not in said.output


@pytest.mark.parametrize(
    ("out", "code", "status"),
    [
        ("ftp://bucket/x", "store/bad-uri", 2),
        ("rows.csv", "store/unreachable", 1),
        ("rows.csv/work", "store/unreachable", 1),
    ],
)
def test_a_workspace_that_cannot_be_written_is_one_clear_error(out: str, code: str, status: int) -> None:
    exports.csv_file(Path("rows.csv"), maps(lines()))
    found, said = _error("import", "rows.csv", "--out", out, status=status)
    assert found == code
    assert out in said


# Specs


@pytest.mark.parametrize(
    ("spec", "code", "said"),
    [
        ("", "spec/unreadable", "it is no mapping of keys to values."),
        ("- a\n- b\n", "spec/unreadable", "Start with name: and data:."),
        ("name: x\ndata: [a\n", "spec/unreadable", "line 3: not valid YAML"),
        ("name: x\nname: y\ndata: a\n", "spec/unreadable", "line 2: not valid YAML: key 'name' stands twice"),
        ("name: !!python/object/apply:os.system ['true']\n", "spec/unreadable", "line 1: not valid YAML"),
        ("name: \0\n", "spec/unreadable", "not valid YAML"),
        ("name: x\n", "spec/missing-key", "'data' is missing"),
        ("data: a\n", "spec/missing-key", "'name' is missing"),
        ("name: x\ndata: a\nbackbone: b\n", "spec/unknown-key", "line 3: unknown key 'backbone'"),
        ("name: x\ndata: {source: a, fields: {txt: b}}\n", "spec/unknown-key", "line 2: unknown key 'data.fields.txt'"),
        ("name: Support Intents\ndata: a\n", "spec/invalid-value", 'line 1: name is "Support Intents"'),
        ("name: x\ndata: 5\n", "spec/invalid-value", "line 2: data is 5"),
        ("name: x\ndata:\n", "spec/invalid-value", "line 2: data is null"),
        ("name: x\ndata: []\n", "spec/invalid-value", "line 2: data is []"),
        ("name: x\ndata: {source: {test: a}}\n", "spec/invalid-value", "name a source for train"),
        ("name: x\ndata: {source: {train: a, holdout: b}}\n", "spec/invalid-value", "data.source.holdout"),
        ("name: x\ndata: {source: a, format: xml}\n", "spec/invalid-value", 'data.format is "xml"'),
        ("name: x\ndata: {source: a, on_conflict: maybe}\n", "spec/invalid-value", 'data.on_conflict is "maybe"'),
        ("name: x\ndata: {source: a, split: {test: 1.5}}\n", "spec/invalid-value", "data.split.test is 1.5"),
        ("name: x\ndata: {source: a, split: {test: .nan}}\n", "spec/invalid-value", "data.split.test is NaN"),
        (
            "name: x\ndata: {source: a, split: {test: 0.9, validation: 0.5}}\n",
            "spec/invalid-value",
            "must leave rows to train on",
        ),
        ("name: x\ndata: a\nsearch: {budget: soon}\n", "spec/invalid-value", 'line 3: search.budget is "soon"'),
        ("name: x\n1: y\ndata: a\n", "spec/unreadable", "key '1' is no text"),
        ("name: x\n? [a, b]\n: c\ndata: a\n", "spec/unreadable", "line 2"),
        ("name: x\n? {a: b}\n: c\ndata: a\n", "spec/unreadable", "line 2"),
    ],
)
def test_a_wrong_spec_is_one_clear_error(spec: str, code: str, said: str) -> None:
    Path("spec.yaml").write_text(spec)
    found, error = _error("run", "spec.yaml")
    assert found == code
    assert said in error
    assert "spec.yaml" in error


def test_every_command_that_takes_a_spec_says_the_same_of_a_wrong_one() -> None:
    Path("spec.yaml").write_text(UNFINISHED)
    said = {_error(*command, "spec.yaml")[1] for command in (["run"], ["assess"], ["step", "import_labels", "--spec"])}
    assert len(said) == 1


@pytest.mark.parametrize(
    "spec",
    [
        "data: s3://me:hunter2@bucket/x",
        "data: {source: s3://me:hunter2@bucket/x}",
        "data: [a, s3://me:hunter2@bucket/x]",
        "data: {source: {train: s3://me:hunter2@bucket/x}}",
        "data: a\nbackbones: [https://me:hunter2@hub/x]",
        "data: a\nworkspace: s3://me:hunter2@bucket/x",
        "data: a\nregistry: {uri: s3://me:hunter2@bucket/x}",
    ],
)
def test_a_secret_in_a_spec_is_refused_and_never_shown(spec: str) -> None:
    Path("spec.yaml").write_text(f"name: x\n{spec}\n")
    code, said = _error("run", "spec.yaml")
    assert code == "spec/invalid-value"
    assert "credentials" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("name", ["none.yaml", ".", "none/spec.yaml", "n" * 300])
def test_a_spec_that_is_no_file_is_one_clear_error(name: str) -> None:
    code, said = _error("run", name)
    assert code == "spec/unreadable"
    assert name in said


@pytest.mark.parametrize("content", [b"\xff\xfen\0", b"name: caf\xe9", b"\0\1\2"])
def test_a_spec_that_is_no_text_is_one_clear_error(content: bytes) -> None:
    Path("spec.yaml").write_bytes(content)
    assert _error("run", "spec.yaml")[0] == "spec/unreadable"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("tune.epochs", "'tune.epochs' sets nothing"),
        ("=3", "'=3' sets nothing"),
        ("tune.epochs=three", 'tune.epochs is "three"'),
        ("tune.epochs=0", "tune.epochs is 0"),
        ("tune.epoch=3", "unknown key 'tune.epoch'"),
        ("tune=full", 'tune is "full"'),
        ("name.first=x", "name is"),
        ("name=[", "'[' is not a YAML value"),
        ("name={[a]: b}", "'{[a]: b}' is not a YAML value"),
        ("..=1", "unknown key"),
    ],
)
def test_a_wrong_setting_is_one_clear_error(override: str, said: str) -> None:
    Path("spec.yaml").write_text("name: x\ndata: a\n")
    code, error = _error("run", "spec.yaml", "--set", override)
    assert code.startswith("spec/")
    assert said in error


@STEADY
@given(st.text(alphabet="ab:-[]{}?!&*|>#'\" \n\t\u00e9", max_size=40))
def test_no_spec_crashes_the_command_line(content: str) -> None:
    Path("spec.yaml").write_text(UNFINISHED + content, encoding="utf-8")
    assert _error("assess", "spec.yaml")[0].startswith("spec/")


# The other commands


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["import"],
        ["import", "rows.csv"],
        ["run"],
        ["run", "spec.yaml", "--set"],
        ["models", "show"],
        ["models", "nonsense"],
        ["predict", "intents@champion"],
        ["step"],
        ["step", "import_labels"],
        ["--nonsense"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_complete_is_one_clear_error(arguments: list[str]) -> None:
    assert _wrong(*arguments).stderr.count("Error: ") == 1


def test_a_step_that_does_not_exist_is_answered_with_those_that_do() -> None:
    Path("spec.yaml").write_text("name: x\ndata: rows.csv\n")
    result = CliRunner().invoke(main, ["step", "import", "--spec", "spec.yaml"])
    said = result.stderr
    assert result.exit_code == 2
    assert "[usage]" in said
    assert "import_labels" in said


@pytest.mark.parametrize("value", ["nonsense=1", "nonsense", "spec=1", "dataset=../../x", "dataset=" + "0" * 64])
def test_a_wrong_input_of_a_step_is_no_crash(value: str) -> None:
    Path("spec.yaml").write_text("name: x\ndata: rows.csv\nworkspace: work\n")
    result = CliRunner().invoke(main, ["step", "assess_transfer", "--spec", "spec.yaml", "--input", value])
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in (1, 2)
    assert "error [" in result.stderr


def _publish() -> None:
    blobs = Blobs(MemoryStore())
    Registry("registry").publish(drafts.draft(blobs), blobs, tx="1")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.txt", None, "predict/unreadable"),
        ("empty.txt", "", "predict/unreadable"),
        ("rows.csv", "kind,phrase\na,b\n", "data/unknown-field"),
        ("rows.csv", 'text\n"a\n', "data/unreadable"),
        ("rows.xml", "<a/>", "data/unknown-format"),
        ("texts.txt", "hello\n", "registry/not-found"),
    ],
)
def test_a_prediction_that_cannot_be_made_leaves_no_file(name: str, content: str | None, code: str) -> None:
    if content is not None:
        Path(name).write_text(content)
    if not code.startswith("registry/"):
        _publish()
    found, _ = _error("predict", "intents", name, "--out", "answers.csv", "--registry", "registry")
    assert found == code


@pytest.mark.parametrize("out", ["answers.xlsx", "answers", "answers.json", "missing/answers.csv"])
def test_answers_are_refused_under_a_name_that_says_no_form_or_is_in_no_folder(out: str) -> None:
    Path("texts.txt").write_text("hello\n")
    code, message = _error("predict", "intents@champion", "texts.txt", "--out", out, "--registry", "registry")
    assert code == "usage"
    assert str(Path(out).parent if "/" in out else out) in message


def test_no_text_or_label_moves_the_cursor_of_a_terminal() -> None:
    stream = io.StringIO()
    answers.as_columns([("\x1b[2Jone\ntwo \u202e", Prediction("a\x1b[31m", 0.5, {}))], stream)
    assert stream.getvalue().split() == ["0.50", r"a\x1b[31m", r"\x1b[2Jone", "two", r"\u202e"]


def test_answers_never_replace_the_file_of_the_texts() -> None:
    Path("texts.csv").write_text("id,text\n7,hello\n")
    Path("link.csv").symlink_to("texts.csv")
    for out in ("texts.csv", "link.csv"):
        code, message = _error("predict", "intents@champion", "texts.csv", "--out", out, "--registry", "registry")
        assert code == "usage"
        assert message.startswith(f"error [usage] {out}: the answers would replace")


@pytest.mark.parametrize("name", ["answers.csv", "answers.jsonl", "answers.parquet"])
def test_answers_for_which_there_is_no_room_are_one_error_and_no_file(name: str, tmp_path: Path) -> None:
    out = tmp_path / name
    out.write_text("yesterday's")
    made = [(f"text {number}", Prediction("a", 0.5, {"a": 0.5, "b": 0.5})) for number in range(5000)]
    with _file_size(4096), pytest.raises(StoreError) as caught:
        answers.write(iter(made), out)
    assert (caught.value.where, caught.value.problem) == (str(out), "File too large.")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert out.read_text() == "yesterday's"


def test_answers_that_may_not_be_written_are_one_error() -> None:
    Path("afile").write_text("")
    with pytest.raises(StoreError, match=r"afile/answers.csv: Not a directory"):
        answers.write(iter([]), Path("afile/answers.csv"))


def test_an_answer_that_is_there_already_outlives_an_error() -> None:
    Path("answers.csv").write_text("yesterday's")
    Path("texts.txt").write_text("hello\n")
    _error("predict", "intents@champion", "texts.txt", "--out", "answers.csv", "--registry", "registry")
    assert Path("answers.csv").read_text() == "yesterday's"


# The real thing


@pytest.mark.parametrize("size", [1 << 16, 1 << 20])
def test_an_import_for_which_there_is_no_room_is_one_error_that_says_where_temporary_files_go(size: int) -> None:
    exports.csv_file(
        Path("rows.csv"), [{"text": f"{number} hello", "label": "ab"[number % 2]} for number in range(50000)]
    )
    with _file_size(size):
        result = CliRunner().invoke(main, ["import", "rows.csv", "--out", "work"])
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.stderr.splitlines()[0] == "error [store/unreachable] output: File too large."
    assert f"temporary files go to {tempfile.gettempdir()} (TMPDIR)" in result.stderr


def test_a_shell_sees_one_error_status_2_and_where_the_log_is() -> None:
    Path("rows.csv").write_text('text,label\ncaf\u00e9 \U0001f600,a\n"never closed,b\n')
    Path("spec.yaml").write_text("name: x\ndata: rows.csv\nworkspace: work\n")
    command = [sys.executable, "-m", "headstart", "run", "spec.yaml"]
    environment = os.environ | {"LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    *_, log, error, remedy = done.stderr.splitlines()
    assert error == "error [data/unreadable] rows.csv, line 3: not CSV: unexpected end of data."
    assert remedy.startswith("  Mend the quoting from there on")
    assert log.startswith("Log: ")
    assert "Traceback" not in done.stderr
    assert {path.name for path in Path("work").rglob("*") if path.is_file()} == {"run.log", "x.json"}  # its status


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_under_standard_output_is_one_clear_error() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "headstart", "models", "list", "--registry", "registry"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "error [store/unreachable] output: No space left on device."


@pytest.mark.parametrize("no_color", ["", "1"])
def test_errors_are_coloured_where_nobody_asks_for_none(no_color: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    result = CliRunner().invoke(main, ["jobs", "show", "nothing"], color=True)
    assert ("\x1b[" in result.stderr) == (not no_color)


@pytest.mark.parametrize("group", [[], *([name] for name, each in main.commands.items() if isinstance(each, Group))])
def test_the_help_of_a_group_cuts_no_sentence(group: list[str]) -> None:
    result = CliRunner().invoke(main, [*group, "--help"], terminal_width=60)
    assert result.exit_code == 0
    assert "..." not in result.stdout.partition("Commands:")[2]


def test_a_workspace_that_is_a_file_is_one_error() -> None:
    Path("spec.yaml").write_text(f"name: tickets\ndata: {EXAMPLE}\n")
    Path("afile").write_text("")
    said = _wrong("assess", "spec.yaml", "--set", "workspace=afile", status=1).stderr
    assert "error [store/unreachable]" in said
    assert "afile" in said.partition("error")[2]
