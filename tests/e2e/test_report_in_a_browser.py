"""The reports as people see them: in Chromium, narrow and wide, light and dark, and on paper."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from headstart.dataset import Dataset
from headstart.evidence import Evidence
from headstart.report import imported as imported_report
from headstart.report import page as run_report
from headstart.report import scored as scored_report
from headstart.workspace import Receipt
from tests.support import hard, imported, scored
from tests.support.browser import Browser, Page, Scheme, browser
from tests.support.evidence import evidence, version

MANY = (*hard.NAMES, *(f"card_payment_wrong_exchange_rate_{number}" for number in range(77 - len(hard.NAMES))))
HARMLESS = tuple(letter * len(name) for letter, name in zip("abcdefghijklm", hard.NAMES, strict=True))
PLAIN = tuple(f"label {number}" for number in range(77))
RECEIPTS = [
    Receipt(step=step, kind=step, digest="d", inputs=(), seconds=1.5, finished="2026-01-01T00:00:00+00:00", version="0")
    for step in ("import_labels", "fine_tune")
]
PAGES: Mapping[str, Callable[[], str]] = {
    "small": lambda: _run(evidence(("parcel", "refund", "login"), champion=True)),
    "head alone": lambda: _run(evidence(("parcel", "refund"), trained=False)),
    "negative transfer": lambda: _run(evidence(tuple("abcdefgh"), control=1.0)),
    "hard names": lambda: _run(_hard(hard.NAMES)),
    "20 labels": lambda: _run(evidence(PLAIN[:20])),
    "77 labels": lambda: _run(_hard(MANY)),
    "77 plain labels": lambda: _run(_hard(PLAIN)),
    "import": lambda: _import(imported.everything(hard.NAMES, "<b>export&amp;.jsonl")),
    "plain import": lambda: _import(imported.everything(HARMLESS)),
    "import of one label": lambda: _import(imported.counted([40])),
    "import of 300 labels": lambda: _import(imported.counted([10 * number for number in range(300)])),
    "scores": lambda: scored_report.render(scored.scores(hard.NAMES)),
    "import of 10000 labels": lambda: _import(imported.counted([100_000 // (number + 1) for number in range(10_000)])),
}
IMPORTS = ("import", "import of 300 labels", "import of 10000 labels")
A4 = 718  # pixels between the margins
IS_HIDDEN = "each => !each.checkVisibility({contentVisibilityAuto: true})"
SCROLLS = "each => ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)"
WINDOWS = list(
    itertools.product(("small", "hard names", "77 labels", "scores", *IMPORTS), (360, 800, 1400), ("light", "dark"))
)


def _run(made: Evidence) -> str:
    return run_report.render(made, version(), RECEIPTS)


def _import(dataset: Dataset) -> str:
    return imported_report.render(dataset, f"s3://bucket/{'nested/' * 30}")


def _hard(labels: tuple[str, ...]) -> Evidence:
    """Evidence whose every name is hard to show."""
    made = evidence(labels, champion=True)
    account = made.dataset.reconciliation
    sources = tuple(
        account.sources[0].model_copy(update={"name": name}) for name in ("<b>.csv", "export_" * 40, "ייצוא.csv")
    )
    backbone = made.backbone.model_copy(update={"source": f"./{'multilingual_' * 9}"})
    registry = made.spec.registry.model_copy(update={"uri": f"s3://models/{'nested/' * 30}"})
    return dataclasses.replace(
        made,
        spec=made.spec.model_copy(update={"registry": registry}),
        dataset=made.dataset.model_copy(update={"reconciliation": account.model_copy(update={"sources": sources * 7})}),
        backbones=made.backbones.model_copy(update={"candidates": (backbone,)}),
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every report lies, by its name."""
    found = tmp_path_factory.mktemp("reports")
    for name, make in PAGES.items():
        (found / f"{name}.html").write_text(make(), encoding="utf-8")
    return found


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: "-".join(map(str, window)))
def page(request: pytest.FixtureRequest, chromium: Browser, folder: Path) -> Iterator[Page]:
    """A report in a window."""
    name, width, scheme = request.param
    with chromium.open(folder / f"{name}.html", width, scheme) as opened:
        yield opened


def test_the_browser_finds_nothing_amiss_and_asks_for_the_page_alone(page: Page) -> None:
    page.measure("pictures")  # unfolds everything
    assert page.said() == []
    assert page.requested() == [page.run("location.href")]


def test_the_page_fits_its_window(page: Page) -> None:
    assert page.measure("tooWide") == []


def test_no_text_lies_on_another(page: Page) -> None:
    assert page.measure("collisions") == []


def test_every_text_stands_out_from_what_is_behind_it(page: Page) -> None:
    least, text = page.measure("contrasts")[0]
    assert least >= 4.5, text


def test_no_text_is_too_small_to_be_read(page: Page) -> None:
    assert page.measure("smallest") >= 9


def test_every_picture_is_told_in_words_as_well(page: Page) -> None:
    assert len(page.images()) == page.measure("pictures")
    assert page.measure("mute") == 0


@pytest.mark.parametrize("name", PAGES)
def test_headings_descend_by_one(chromium: Browser, folder: Path, name: str) -> None:
    with chromium.open(folder / f"{name}.html", 800, "light") as opened:
        assert _in_order(opened.measure("headings"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reader_gets_the_colours_that_they_prefer(chromium: Browser, folder: Path, scheme: Scheme) -> None:
    with chromium.open(folder / "small.html", 800, scheme) as opened:
        paper = opened.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(paper) > 3 * 200) == (scheme == "light")


@pytest.mark.parametrize(("hostile", "harmless"), [("77 labels", "77 plain labels"), ("import", "plain import")])
def test_labels_that_are_html_add_no_element(chromium: Browser, folder: Path, hostile: str, harmless: str) -> None:
    with chromium.open(folder / f"{hostile}.html", 800, "light") as shown:
        found, text, title = shown.measure("census"), shown.run("document.body.innerText"), shown.run("document.title")
    with chromium.open(folder / f"{harmless}.html", 800, "light") as plain:
        assert found | {"wbr": 0} == plain.measure("census") | {"wbr": 0}
    assert not {"script", "img", "iframe", "link", "object", "a"} & found.keys()
    assert "run" not in title
    for label in hard.NAMES[:6]:
        assert label.strip() in text


def test_what_got_in_all_the_same_neither_runs_nor_asks_for_anything(chromium: Browser, folder: Path) -> None:
    injected = "<main><script>document.title = 'run'</script><img src='file:///x.png'><link rel=stylesheet href='file:///x.css'>"
    path = _changed(folder, "<main>", injected)
    with chromium.open(path, 800, "light") as opened:
        assert opened.measure("census")["script"] == 1
        assert opened.run("document.title") == "shown version 3 · Headstart"
        assert len([each for each in opened.said() if "Content Security Policy" in each]) == 3


@pytest.mark.parametrize("name", ["hard names", "77 labels", "20 labels", *IMPORTS])
def test_on_paper_everything_is_unfolded_dark_on_white_and_within_the_page(
    chromium: Browser, folder: Path, name: str
) -> None:
    with chromium.open(folder / f"{name}.html", A4, "dark", media="print") as opened:
        folded = opened.run(f"[...document.querySelectorAll('details > :not(summary)')].filter({IS_HIDDEN}).length")
        assert folded == 0
        assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert opened.measure("contrasts")[0][0] >= 4.5
        assert opened.run(f"[...document.querySelectorAll('*')].filter({SCROLLS}).length") == 0
        assert opened.measure("tooWide") == []


BROKEN: Mapping[str, tuple[str, Callable[[Page], bool]]] = {
    "a box too wide": ('<div style="width: 1500px">wide</div>', lambda page: bool(page.measure("tooWide"))),
    "a word too long": (
        f'<p style="overflow-wrap: normal">{"a" * 300}</p>',
        lambda page: bool(page.measure("tooWide")),
    ),
    "a picture out of the window": (
        '<svg viewBox="0 0 9 9"><rect x="-9" width="3" height="3"/></svg>',
        lambda page: bool(page.measure("tooWide")),
    ),
    "pale text": ('<p style="color: #999">pale</p>', lambda page: page.measure("contrasts")[0][0] < 4.5),
    "pale text in a picture": (
        '<svg><text y="20" style="fill: rgba(0, 0, 0, .4)">pale</text></svg>',
        lambda page: page.measure("contrasts")[0][0] < 4.5,
    ),
    "text on text": (
        '<p>words</p><p style="margin-top: -2.5rem">other words</p>',
        lambda page: bool(page.measure("collisions")),
    ),
    "small text": ('<p style="font-size: 8px">small</p>', lambda page: page.measure("smallest") < 9),
    "a silent picture without words": (
        '<div><svg viewBox="0 0 9 9" aria-hidden="true"><circle r="3"/></svg></div>',
        lambda page: bool(page.measure("mute")),
    ),
    "a picture without words": (
        '<svg viewBox="0 0 9 9"><circle r="3"/></svg>',
        lambda page: len(page.images()) < page.measure("pictures"),
    ),
    "a heading too deep": ("<h5>deep</h5>", lambda page: not _in_order(page.measure("headings"))),
    "an image from elsewhere": ('<img src="file:///elsewhere.png">', lambda page: len(page.requested()) > 1),
    "an error in the console": ("<script>throw Error()</script>", lambda page: bool(page.said())),
    "a warning in the console": ("<script>console.warn(1)</script>", lambda page: bool(page.said())),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_each_measure_sees_what_is_broken(chromium: Browser, folder: Path, broken: str) -> None:
    added, is_seen = BROKEN[broken]
    path = _changed(folder, "</main>", f"{added}</main>", guarded=False)
    with chromium.open(path, 800, "light") as opened:
        assert is_seen(opened)


def _in_order(levels: list[int]) -> bool:
    return levels.count(1) == 1 == levels[0] and all(below - above <= 1 for above, below in itertools.pairwise(levels))


def _changed(folder: Path, old: str, new: str, guarded: bool = True) -> Path:
    """The small report with something else in it, and without its content security policy unless ``guarded``."""
    text = (folder / "small.html").read_text(encoding="utf-8")
    assert text.count(old) == 1
    assert text.count('"Content-Security-Policy"') == 1
    path = folder / "changed.html"
    text = text if guarded else text.replace('"Content-Security-Policy"', '"none"')
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path
