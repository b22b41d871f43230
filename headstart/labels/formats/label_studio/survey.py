"""What a Label Studio export holds, seen as a whole, and from that which control and which fields are read.

An export does not say which field of the data a control is about. Its object's name (``to_name``) often is the field's
too; else the field is the one that has a usual name, or the only one of its sort.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from headstart.errors import DataError
from headstart.labels.formats.label_studio.media import Look, look
from headstart.labels.formats.label_studio.results import Result, is_in_html, names
from headstart.labels.formats.label_studio.tasks import Task
from headstart.labels.records import Ask, Kind
from headstart.labels.tables.fields import IMAGE_NAMES, PAIR_NAMES, TEXT_NAMES, choose_text, unknown

_SIDES = (("1", "2"), ("a", "b"), ("A", "B"), ("left", "right"), ("first", "second"))
_SAID = {"names": "names", "spans": "spans of text", "number": "numbers"}

_SEVERAL = 0.01  # the least share of answers with several names


@dataclass
class Control:
    """A control that gave labels of one kind, and what was seen of them."""

    name: str
    kind: Kind
    objects: list[str] = field(default_factory=list)
    answers: int = 0
    several: int = 0
    is_html: bool = False
    is_comparison: bool = False

    def add(self, result: Result) -> None:
        """See one of its results."""
        self.objects += [name for name in result.to.split(",") if name and name not in self.objects]
        self.answers += 1
        self.several += self.kind == "names" and len(names([result.value])) > 1
        self.is_html = self.is_html or (self.kind == "spans" and is_in_html(result.value))
        self.is_comparison = self.is_comparison or "selected" in result.value

    @property
    def takes_several(self) -> bool:
        """Whether annotators may choose several names: a stray second one does not say so."""
        return self.several > _SEVERAL * self.answers


@dataclass
class Survey:
    """The fields of all tasks' data with what they look like, other fields, and the controls."""

    data: dict[str, Counter[Look]] = field(default_factory=lambda: defaultdict(Counter))
    about: dict[str, None] = field(default_factory=dict)
    controls: dict[tuple[str, Kind], Control] = field(default_factory=dict)
    is_answered: bool = False

    def add(self, task: Task) -> None:
        """See a task."""
        for name, value in task.data.items():
            self.data[name].update([] if value in (None, "") else [look(value)])
        self.about |= dict.fromkeys(task.about)
        self.is_answered = self.is_answered or bool(task.answers)
        for answer in task.answers:
            for result in answer.results:
                if result.kind is not None:
                    key = (result.control, result.kind)
                    self.controls.setdefault(key, Control(*key)).add(result)

    def alike(self, wanted: Look) -> list[str]:
        """The fields of the data that mostly look so."""
        return [name for name, looks in self.data.items() if looks and looks.most_common(1)[0][0] == wanted]


class Source(NamedTuple):
    """The fields that hold a record's content; empty where there is none."""

    text: str = ""
    pair: str = ""
    image: str = ""

    def __str__(self) -> str:
        if self.image:
            return f"image from {self.image!r}"
        return f"text from {self.text!r}" + (f", pair from {self.pair!r}" if self.pair else "")


def choose_control(found: Iterable[Control], ask: Ask, where: str) -> Control | None:
    """The control that holds the label; None where none holds any.

    Raises:
        DataError: The one that is asked for is not there or holds another kind of label, or there are several.
    """
    controls = list(found)
    wanted, kind = ask.fields.label, ask.kind
    if wanted != "auto":
        if all(control.name != wanted for control in controls):
            raise unknown("label", wanted, _names(controls), where)
        controls = [control for control in controls if control.name == wanted]
    fitting = [control for control in controls if kind in (None, control.kind)]
    if len(fitting) == 1 or not controls:
        return fitting[0] if fitting else None
    held = ", ".join(f"{_SAID[control.kind]} in {control.name!r}" for control in fitting or controls)
    listed = ", ".join(map(repr, _names(fitting or controls)))
    if not fitting:
        problem = f"the task takes {_SAID[str(kind)]}, and no control holds any; there are {held}."
        remedy = "Set another task, or export the project that has such labels."
    elif len({control.kind for control in fitting}) > 1:
        problem = f"controls hold labels of several kinds: {held}."
        remedy = f"Set the task, or name the control under data.fields.label: {listed}."
    else:
        problem = "several controls hold labels, and the label is only one of them."
        remedy = f"Name it under data.fields.label: {listed}."
    raise DataError("data/unknown-field", problem, remedy=remedy, where=where)


def _names(controls: Sequence[Control]) -> list[str]:
    return list(dict.fromkeys(control.name for control in controls))


def choose_source(survey: Survey, control: Control | None, ask: Ask, where: str) -> Source:
    """The fields that hold what the control is about.

    Raises:
        DataError: One that is asked for is not there, or none can be told.
    """
    wanted, known = ask.fields, list(survey.data)
    for noun, name in (("text", wanted.text), ("second text", wanted.pair), ("image", wanted.image)):
        if name not in ("auto", *known):
            raise unknown(noun, name, known, where)
    objects = [name.removeprefix("$") for name in (control.objects if control else [])]
    if image := _image(survey, objects, ask, where):
        return Source(image=image)
    texts = survey.alike("text")
    first, second = _pair(texts, objects, control, ask)
    if second or ask.task == "pair-regression" or (control and control.is_comparison):
        if not second or not first:
            problem = "the two texts of a pair cannot be told from the fields' names."
            remedy = f"Name them under data.fields.text and data.fields.pair; there are: {', '.join(map(repr, known))}."
            raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
        return Source(first, second)
    if wanted.text != "auto":
        return Source(wanted.text)
    return Source(_the_one(objects, TEXT_NAMES, texts) or choose_text("auto", known, where))


def _image(survey: Survey, objects: Sequence[str], ask: Ask, where: str) -> str:
    """The field of the image, where records are images."""
    wanted, images = ask.fields, survey.alike("image")
    if wanted.image != "auto":
        return wanted.image
    if ask.task == "image-classification":
        if found := _the_one(objects, IMAGE_NAMES, images or list(survey.data)):
            return found
        raise unknown("image", "image", list(survey.data), where)
    if ask.task != "auto" or wanted.text != "auto" or wanted.pair != "auto":
        return ""
    if survey.alike("text") and not set(objects) & set(images):
        return ""
    return _the_one(objects, IMAGE_NAMES, images)


def _the_one(objects: Sequence[str], usual: Sequence[str], among: Sequence[str]) -> str:
    """The field that the control's object is called after, or one of a usual name, or the only one."""
    lowered = {name.strip().lower().removeprefix("_data_"): name for name in among}
    called = [name for name in objects if name in among]
    by_name = [lowered[name] for name in usual if name in lowered]
    return next(iter([*called, *by_name, *(among if len(among) == 1 else [])]), "")


def _pair(texts: Sequence[str], objects: Sequence[str], control: Control | None, ask: Ask) -> tuple[str, str]:
    """The fields of the first and the second text, where records are pairs."""
    text, pair = ask.fields.text, ask.fields.pair
    if control and control.kind == "spans":
        return "", ""
    lowered = {name.strip().lower(): name for name in texts}
    found = [(lowered[one], lowered[two]) for one, two in PAIR_NAMES if one in lowered and two in lowered]
    if ask.task == "pair-regression" or (control and control.is_comparison):
        called = [name for name in objects if name in texts]
        found = [(called[0], called[1])] if len(called) == 2 else found or _sides(texts)
    for one, two in found:
        if text in ("auto", one) and pair in ("auto", two):
            return one, two
    if pair == "auto":
        return "", ""
    return (text if text != "auto" else _the_one([], TEXT_NAMES, [name for name in texts if name != pair])), pair


def _sides(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The two texts whose names differ by their ends alone, such as answer1 and answer2; none if there are more."""
    found = [
        (name, name.removesuffix(one) + two)
        for name in texts
        for one, two in _SIDES
        if name.endswith(one) and name.removesuffix(one) + two in texts
    ]
    return found if len(found) == 1 else []
