"""What lies beside the data, and what only looks like it."""

import pytest

from headstart.labels.sources.beside import data_only


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "in/.hidden/a.csv",
        "__MACOSX/a.csv",
        "in/Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        "README.md",
        "in/README",
        "LICENSE",
        "LICENCE.txt",
        "CITATION.cff",
        "dataset_infos.json",
        "in/dataset_info.json",
        "dataset_dict.json",
        "dummy_data.zip",
        "in/annotation.conf",
        "visual.conf",
        "tools.conf",
        "kb_shortcuts.conf",
    ],
)
def test_what_is_no_data_is_left_aside(name: str) -> None:
    assert data_only(["a.csv", name, "b.csv"]) == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "a..csv",
        "macosx/a",
        "config.json",
        "annotation.txt",
        "license.txt",
        "README.csv",
        "notice.ann",
        "LICENSED.txt",
        "in/state.json",
        "a//b.csv",
    ],
)
def test_what_may_be_data_is_kept_under_the_name_that_it_has(name: str) -> None:
    assert data_only([name]) == [name]


def test_the_state_of_a_saved_dataset_is_left_aside() -> None:
    assert data_only(["in/state.json", "in/dataset_info.json", "in/a.arrow", "state.json"]) == [
        "in/a.arrow",
        "state.json",
    ]
