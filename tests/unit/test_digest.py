"""Canonical JSON and sha256: equal values get equal names, different values different ones."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.digest import canonical_json, digest_of, sha256, sha256_file, verify
from headstart.errors import IntegrityError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def shuffled(value: Any, seed: int) -> Any:
    """The same value with every mapping's keys in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(each, seed)) for key, each in value.items()]
        random.Random(seed).shuffle(items)
        return dict(items)
    return [shuffled(each, seed) for each in value] if isinstance(value, list) else value


@given(JSON)
def test_canonical_json_is_json_that_says_the_same(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(JSON, st.integers())
def test_the_order_of_keys_does_not_matter(value: object, seed: int) -> None:
    assert canonical_json(shuffled(value, seed)) == canonical_json(value)
    assert digest_of(shuffled(value, seed)) == digest_of(value)


@given(JSON)
def test_canonical_json_comes_back_the_same_from_a_reader(value: object) -> None:
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


def test_canonical_json_is_compact_sorted_utf8() -> None:
    assert canonical_json({"ü": [1, 2.5, None, True], "a": "π"}) == '{"a":"π","ü":[1,2.5,null,true]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [-float("inf")]}])
def test_numbers_that_json_cannot_say_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), {"a": Path("x")}, {"a": 1j}])
def test_what_is_no_json_data_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("key", [1, 1.5, True, None])
def test_a_key_that_is_no_string_is_refused_and_not_confused_with_its_name(key: object) -> None:
    with pytest.raises(TypeError):
        canonical_json({"inner": [{key: "a"}]})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_json({"text": "\ud800"})


@given(JSON)
def test_the_digest_of_a_value_is_the_sha256_of_its_canonical_json(value: object) -> None:
    assert digest_of(value) == sha256(canonical_json(value)) == hashlib.sha256(canonical_json(value)).hexdigest()


def test_a_digest_never_changes() -> None:
    # Pinned: names of everything ever stored depend on it.
    pinned = "eb788bd5b1ee756e0ef79d71da6de793d32519007ed3661dea2b0ce0a78130c7"
    assert digest_of({"b": [1, 0.1, "é"], "a": None}) == pinned


@pytest.mark.parametrize("size", [0, 1, 2**18 - 1, 2**18, 2**18 + 1, 10**6])
def test_a_file_has_the_digest_of_its_bytes_at_any_size(tmp_path: Path, size: int) -> None:
    data = bytes(index % 251 for index in range(1000)) * (size // 1000 + 1)
    (tmp_path / "file").write_bytes(data[:size])
    assert sha256_file(tmp_path / "file") == sha256(data[:size])


def test_verify_accepts_equal_digests() -> None:
    verify("a" * 64, "a" * 64, "here")


def test_verify_names_place_and_both_digests_of_damaged_bytes() -> None:
    with pytest.raises(IntegrityError) as caught:
        verify("a" * 64, "b" * 64, "s3://models/blobs/x")
    assert caught.value.code == "integrity/digest"
    assert caught.value.where == "s3://models/blobs/x"
    assert "a" * 64 in caught.value.problem
    assert "b" * 64 in caught.value.problem
