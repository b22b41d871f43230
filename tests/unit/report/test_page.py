"""The report: complete, self-contained, and deaf to labels that are HTML."""

import re
from html.parser import HTMLParser

import pytest

from headstart.report.page import render
from tests.support.evidence import evidence, version

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><b>",
    "{{ 7 * 7 }}",
    "日本語 🙂",
    "a" * 300,
)
VOID = {"meta", "img", "br", "line", "circle", "polyline"}


class Checker(HTMLParser):
    """Collects the elements, and complains when they do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> does not close what is open"


def parsed(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


@pytest.mark.parametrize("labels", [("a", "b"), HOSTILE, tuple(f"label {number}" for number in range(77))])
@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("champion", [True, False])
def test_the_page_nests_and_asks_for_nothing_from_outside(
    labels: tuple[str, ...], trained: bool, champion: bool
) -> None:
    checker = parsed(render(evidence(labels, trained, champion), version()))
    assert not [tag for tag, _ in checker.elements if tag in ("script", "link", "iframe", "img", "object")]
    for _, attributes in checker.elements:
        assert not {"src", "href", "xlink:href"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]


def test_hostile_labels_are_shown_as_text() -> None:
    page = render(evidence(HOSTILE), version())
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in page.replace("&gt;", "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "日本語 🙂" in page


def test_the_answer_comes_before_the_evidence() -> None:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", render(evidence(), version()), flags=re.DOTALL)
    order = [
        "shown, version 3",
        "Promoted to champion",
        "on 40 test rows",
        "Should one transfer?",
        "Which head?",
        "How good is it?",
        "Lineage",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_every_number_has_its_interval_and_the_account_adds_up() -> None:
    page = render(evidence(), version())
    assert page.count("95 % interval") == 3
    assert "8 records = 6 rows + 1 merged into another row + 1 rejected" in page
    assert "the text is empty" in page


def test_a_model_that_loses_to_the_bag_of_words_is_called_negative_transfer() -> None:
    assert "Negative transfer" not in render(evidence(control=0.5), version())
    assert "Negative transfer" in render(evidence(labels=tuple("abcdefgh"), control=1.0), version())


def test_many_labels_get_a_list_of_confusions_instead_of_a_matrix() -> None:
    few, many = (
        render(evidence(), version()),
        render(evidence(tuple(f"label {number}" for number in range(40))), version()),
    )
    assert 'class="matrix"' in few
    assert 'class="matrix"' not in many
    assert "Most frequent confusions" in many


def test_an_untrained_model_has_no_curves() -> None:
    assert "Loss (nats a row)" in render(evidence(trained=True), version())
    assert "Loss (nats a row)" not in render(evidence(trained=False), version())
