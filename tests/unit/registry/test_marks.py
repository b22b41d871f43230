"""Tags and deletions: marks that a log keeps, while the versions' records never change."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from headstart.blobs import Blobs
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.wrapped_store import InterruptedStore


@pytest.fixture
def registry() -> Registry:
    """Three versions of one model, of which the second is the champion."""
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    source = Blobs(MemoryStore())
    for number in range(1, 4):
        registry.publish(draft(source, {**CONTENTS, "head": f"head {number}".encode()}), source, f"tx{number}")
    registry.move("intents", "champion", 2, "better")
    return registry


def refused(call: Callable[[], object]) -> HeadstartError:
    with pytest.raises(HeadstartError) as caught:
        call()
    return caught.value


def test_a_tag_is_on_the_versions_that_were_given_it(registry: Registry) -> None:
    registry.tag("intents", 1, "release")
    registry.tag("intents", 3, "release")
    registry.tag("intents", 3, "eu")
    assert registry.tags("intents") == {"release": (1, 3), "eu": (3,)}
    registry.untag("intents", 3, "eu")
    registry.untag("intents", 1, "never-had")
    assert registry.tags("intents") == {"release": (1, 3)}


def test_the_log_of_marks_says_who_did_what_when_and_why(registry: Registry) -> None:
    registry.tag("intents", 1, "release", "shipped")
    registry.delete("intents", [3], "leaked labels")
    registry.restore("intents", 3, "false alarm")
    marks = registry.marks("intents")
    assert [(mark.action, mark.numbers, mark.tag, mark.reason) for mark in marks] == [
        ("restore", [3], "", "false alarm"),
        ("delete", [3], "", "leaked labels"),
        ("tag", [1], "release", "shipped"),
    ]
    assert all(mark.by and mark.at.endswith("+00:00") for mark in marks)


def test_to_do_again_what_is_done_leaves_no_second_entry(registry: Registry) -> None:
    for _ in range(2):
        registry.tag("intents", 1, "release")
        registry.delete("intents", [3], "old")
    assert len(registry.marks("intents")) == 2


def test_a_deleted_version_is_neither_listed_nor_read_and_the_error_says_who_and_why(registry: Registry) -> None:
    registry.delete("intents", [3], "leaked labels")
    assert registry.versions("intents") == [1, 2]
    assert registry.resolve("intents").version == 2
    error = refused(lambda: registry.resolve("intents@3"))
    assert error.code == "registry/deleted"
    assert "leaked labels" in error.problem
    assert registry.marks("intents")[0].by in error.problem
    assert "--undo intents@3" in error.remedy


def test_the_number_of_a_deleted_version_is_not_given_again(registry: Registry) -> None:
    registry.delete("intents", [3], "")
    source = Blobs(MemoryStore())
    assert registry.publish(draft(source), source, "tx4").version == 4


def test_a_model_without_a_version_left_is_not_listed(registry: Registry) -> None:
    registry.move("intents", "champion", 3, "")
    source = Blobs(MemoryStore())
    registry.publish(draft(source, name="other"), source, "tx")
    registry.delete("other", [1], "")
    assert registry.models() == ["intents"]
    assert refused(lambda: registry.resolve("other")).code == "registry/not-found"


def test_a_version_that_an_alias_points_at_is_not_deleted(registry: Registry) -> None:
    for versions in ([2], [1, 2, 3]):
        error = refused(lambda: registry.delete("intents", versions, ""))  # noqa: B023
        assert error.code == "registry/in-use"
        assert "intents@champion" in error.problem
    assert registry.versions("intents") == [1, 2, 3]
    assert registry.marks("intents") == []


def test_an_alias_does_not_move_to_a_deleted_version(registry: Registry) -> None:
    registry.delete("intents", [3], "")
    assert refused(lambda: registry.move("intents", "champion", 3, "")).code == "registry/deleted"
    assert registry.aliases("intents") == {"champion": 2}


def test_a_move_and_a_deletion_that_meet_leave_the_alias_at_a_version_that_is_there(registry: Registry) -> None:
    # Each has checked before the other wrote.
    plain = registry.store
    registry.store = InterruptedStore(
        plain, "create", "models/intents/marks/", lambda: Registry(plain.uri).move("intents", "champion", 3, "")
    )
    assert refused(lambda: registry.delete("intents", [3], "")).code == "registry/in-use"
    assert registry.resolve("intents@3").version == 3
    registry.store = InterruptedStore(
        plain, "create", "models/intents/aliases/", lambda: Registry(plain.uri).delete("intents", [1], "")
    )
    registry.move("intents", "champion", 1, "")
    assert registry.resolve("intents@1").version == registry.resolve("intents@champion").version == 1


def test_a_deletion_can_be_taken_back_while_the_files_are_there(registry: Registry) -> None:
    registry.delete("intents", [1], "")
    registry.collect(3600, apply=True)
    registry.restore("intents", 1, "")
    assert bytes_of(registry.store, registry.get("intents", 1))["head"] == b"head 1"


def test_a_version_whose_files_were_collected_cannot_be_restored(registry: Registry) -> None:
    registry.delete("intents", [1], "")
    registry.collect(0, apply=True)
    with pytest.raises(IntegrityError):
        registry.restore("intents", 1, "")
    assert registry.versions("intents") == [2, 3]


def test_many_who_mark_at_once_lose_no_mark(registry: Registry) -> None:
    tags = [f"tag{number}" for number in range(24)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda tag: registry.tag("intents", 1, tag), tags))
    assert sorted(registry.tags("intents")) == sorted(tags)
    assert len(registry.marks("intents")) == len(tags)


@pytest.mark.parametrize("tag", ["", "..", "A", "a/b", "\u0430", "x" * 64])
def test_a_tag_that_is_no_name_is_refused(registry: Registry, tag: str) -> None:
    with pytest.raises(UsageError):
        registry.tag("intents", 1, tag)
    assert registry.marks("intents") == []


def test_a_rollback_leads_back_by_one_version_and_then_by_another(registry: Registry) -> None:
    registry.move("intents", "champion", 1, "")
    registry.move("intents", "champion", 3, "")
    assert [registry.rollback("intents", "champion", "bad").version for _ in range(2)] == [1, 2]
    error = refused(lambda: registry.rollback("intents", "champion", "bad"))
    assert error.code == "registry/no-earlier"
    assert registry.aliases("intents") == {"champion": 2}
    assert refused(lambda: registry.rollback("intents", "none", "")).code == "registry/not-found"


def test_a_letter_that_only_looks_like_one_is_named(registry: Registry) -> None:
    error = refused(lambda: registry.resolve("\u0456ntents"))
    assert "U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I" in error.problem
