"""Makes the pictures of the guides from real reports: the bundled example is run, scored, and photographed.

Run ``python -m docs.pictures`` from the repository root; it takes some minutes the first time. What was computed
stays in ``.headstart/pictures``. It needs Chromium. Figures differ a little between machines, so the pictures are
committed and no test compares them.
"""

import base64
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from headstart.compute import InlineCompute
from headstart.runs import Run, run
from headstart.scoring import Scores, score
from headstart.spec import Spec
from tests.support.browser import Browser, browser

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "guides" / "pictures"
_WORK = ROOT / ".headstart" / "pictures"
_WIDTH, _MARGIN = 900, 16
_COLOURS = 256  # a report has few, and a picture of few is small
_WEEK = ("order_status", "damaged_item", "change_address")  # labels of which the messages of the scored week are


class Shot(NamedTuple):
    """A part of a page: from the heading that begins with some words to the one before which it ends."""

    name: str
    page: Path
    start: str
    end: str


def main() -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    made, scores = _jobs()
    with browser() as chromium:
        for shot in _shots(made, scores):
            picture = _photographed(chromium, shot)
            picture.save(FOLDER / f"{shot.name}.png", optimize=True)
            print(f"{shot.name}.png: {(FOLDER / f'{shot.name}.png').stat().st_size / 1e3:.0f} kB")  # noqa: T201


def _jobs() -> tuple[Run, Scores]:
    """The example's job, another one with a head alone, and a week's messages answered by both versions."""
    settings = [f"workspace={_WORK / 'work'}", f"registry.uri={_WORK / 'registry'}"]
    example = ROOT / "examples" / "support.yaml"
    made = run(Spec.load(example, settings), compute=InlineCompute())
    other = run(Spec.load(example, [*settings, "tune.strategy=head"]), compute=InlineCompute())
    week = _WORK / "week.jsonl"
    week.write_text("".join(json.dumps({"text": text}) + "\n" for text in _messages()), encoding="utf-8")
    reference = f"{made.version.name}@{made.version.version}"
    shadow = str(other.version.version)
    os.chdir(_WORK)  # pages tell where answers are, and pictures should not tell where this machine keeps them
    return made, score(reference, "week.jsonl", "scores", "registry", InlineCompute(), shadow=shadow)


def _messages() -> Iterator[str]:
    """The example's messages of a few labels, as if a week had brought no others."""
    for task in json.loads((ROOT / "examples" / "support-tickets.json").read_text(encoding="utf-8")):
        said = json.dumps(task.get("annotations", []))
        if any(label in said for label in _WEEK) and str(task["data"].get("text", "")).strip():
            yield task["data"]["text"]


def _shots(made: Run, scores: Scores) -> Iterator[Shot]:
    imported = next((_WORK / "work" / "imports").glob("*/report.html"))
    report = Path(made.report)
    yield Shot("import", imported, "", "Where do the records")
    yield Shot("run", report, "", "Should one transfer?")
    yield Shot("test-rows", report, "How good is it?", "By slice")
    scored = Path(scores.report).resolve()
    yield Shot("scores", scored, "", "What would")
    yield Shot("shadow", scored, "What would", "")


_RECTANGLE = """((start, end) => {
  const all = [...document.querySelector('main').children];
  const at = words => all.findIndex(each => /^H[123]$/.test(each.tagName) && each.innerText.startsWith(words));
  const first = start ? at(start) : 0;
  const last = (end ? at(end) : all.findIndex(each => each.tagName === 'FOOTER')) - 1;
  if (first < 0 || last < first) return all.map(each => each.tagName + ' ' + each.innerText.slice(0, 40)).join('; ');
  const top = all[first].getBoundingClientRect(), bottom = all[last].getBoundingClientRect();
  return {y: top.top + scrollY, height: bottom.bottom - top.top};
})"""


def _photographed(chromium: Browser, shot: Shot) -> Image.Image:
    with chromium.open(shot.page, _WIDTH, "light") as page:
        place = page.run(f"{_RECTANGLE}({json.dumps(shot.start)}, {json.dumps(shot.end)})")
        if not isinstance(place, dict):
            raise SystemExit(f"{shot.page} has no such headings: {place}")
        top = max(0.0, place["y"] - _MARGIN)
        clip = {"x": 0, "y": top, "width": _WIDTH, "height": place["height"] + 2 * _MARGIN, "scale": 1}
        data = page.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    return picture.quantize(_COLOURS)


if __name__ == "__main__":
    main()
