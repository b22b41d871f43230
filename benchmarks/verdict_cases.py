"""Cases for verdicts: real data with test rows of their own, and data whose answer follows from how it was made."""

import itertools
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.labeled import Labeled, banking77, goemotions, sms_spam
from benchmarks.labeled import drawn as drawn_anew
from benchmarks.labeled import each as first

Drawn = np.random.Generator

_NOTHING = ("do-not-transfer", "cannot-tell")
_NOTHING_IN_FEW = (*_NOTHING, "label-more-first")
_TESTED = 1500


@dataclass(frozen=True)
class Case:
    """Rows to assess, and others that show what was right; or, where that is known, the answers that are right."""

    name: str
    rows: Labeled
    test: Labeled = ()
    right: tuple[str, ...] = ()


def panel(folder: Path) -> Iterator[Case]:
    """Every case."""
    yield from _banking(banking77(folder / "banking77", "train"), banking77(folder / "banking77", "test")[:_TESTED])
    yield from _messages(sms_spam(folder / "sms_spam"))
    yield from _comments(
        goemotions(folder / "goemotions", "train"),
        [*goemotions(folder / "goemotions", "dev"), *goemotions(folder / "goemotions", "test")],
    )
    yield from _tweets(*(_wnut(folder / "wnut17" / name) for name in ("wnut17train.conll", "emerging.test.annotated")))
    yield from _nothing_to_learn(sms_spam(folder / "sms_spam"))
    yield from _made_up(np.random.default_rng(1))


def _banking(train: Labeled, test: Labeled) -> Iterator[Case]:
    for each in (5, 10, 20):
        yield Case(f"Banking77, {each} a label", first(train, each), test)
    names = sorted({label for _, label in train})
    for count, each in ((2, 10), (5, 10), (20, 10), (20, 60)):
        kept = set(np.random.default_rng(count).permutation(names)[:count])
        some, judged = ([row for row in rows if row[1] in kept] for rows in (train, test))
        yield Case(f"Banking77, {count} labels, {each} a label", first(some, each), judged)
    drawn = np.random.default_rng(0)
    kept = set(drawn.permutation(names)[:10])
    some, judged = ([row for row in rows if row[1] in kept] for rows in (train, test))
    cipher = str.maketrans(string.ascii_lowercase, "".join(drawn.permutation(list(string.ascii_lowercase))))
    foreign = [[(text.lower().translate(cipher), label) for text, label in rows] for rows in (first(some, 60), judged)]
    yield Case("Banking77 in a language of its own, 10 labels", *foreign)
    yield Case("Banking77, one word tells all", _keyed(train[:1000], drawn), _keyed(test, drawn))


def _messages(rows: Labeled) -> Iterator[Case]:
    train, test = rows[:3000], rows[-_TESTED:]
    yield Case("SMS spam, 3000 rows", train, test)
    for count in (20, 40, 100, 300):
        yield Case(f"SMS spam, {count} rows", train[:count], test)
    yield Case("SMS spam, 1 % spam", _rarely(train, "spam", 100), _rarely(rows[3000:], "spam", 100))
    drawn = np.random.default_rng(0)
    noisy = [(text, str(drawn.choice(["ham", "spam"])) if drawn.random() < 0.3 else label) for text, label in train]
    yield Case("SMS spam, a third of the labels drawn", noisy[:1000], test)
    yield Case("SMS spam, long texts", _joined(train[:2000], 5), _joined(rows[3000:], 5))


def _comments(train: Labeled, test: Labeled) -> Iterator[Case]:
    yield Case("GoEmotions, one label a text, 3000 rows", train[:3000], test[:_TESTED])
    yield Case("GoEmotions, one label a text, 600 rows", train[:600], test[:_TESTED])
    admiring = [[(text, "yes" if label == "0" else "no") for text, label in rows] for rows in (train, test)]
    yield Case("GoEmotions, admiration or not, 1000 rows", admiring[0][:1000], admiring[1][:_TESTED])


def _tweets(train: Labeled, test: Labeled) -> Iterator[Case]:
    yield Case("WNUT17, is a person named?", train, test)


def _nothing_to_learn(rows: Labeled) -> Iterator[Case]:
    drawn = np.random.default_rng(0)
    for count, labels in ((1000, 3), (1000, 20), (40, 2)):
        anew = [(text, f"label {drawn.integers(labels)}") for text, _ in rows[:count]]
        yield Case(
            f"labels drawn, {labels} labels, {count} rows", anew, right=_NOTHING_IN_FEW if count < 100 else _NOTHING
        )
    rarely = [(text, "yes" if drawn.random() < 0.02 else "no") for text, _ in rows[:1000]]
    yield Case("labels drawn, 2 % of one", rarely, right=_NOTHING_IN_FEW)
    shuffled = [("".join(drawn.permutation(list(text))), f"label {drawn.integers(2)}") for text, _ in rows[:1000]]
    yield Case("characters shuffled, labels drawn", shuffled, right=_NOTHING)
    parity = [(text, "odd" if len(text) % 2 else "even") for text, _ in rows[:1000]]
    yield Case("parity of the text's length", parity, right=_NOTHING)
    numbers = drawn.choice(10**6, 800, replace=False)
    yield Case(
        "parity of a number", [(f"order {each}", "odd" if each % 2 else "even") for each in numbers], right=_NOTHING
    )
    train, test = (
        [("".join(drawn.permutation(list(text))), label) for text, label in part]
        for part in (rows[:1000], rows[-_TESTED:])
    )
    yield Case("SMS spam, characters shuffled", train, test)


def _made_up(drawn: Drawn) -> Iterator[Case]:
    """Tasks of which nobody knew how they would end when they were written down."""
    for name, make, count in (
        ("kinds of things, 60 rows", _things, 60),
        ("kinds of things, 400 rows", _things, 400),
        ("who owes whom, 800 rows", _debts, 800),
        ("syllables, 500 rows", _syllables, 500),
        ("for or against, 300 rows", _opinions, 300),
        ("sum above ten, 600 rows", _sums, 600),
    ):  # fmt: skip
        rows = list(dict.fromkeys(itertools.islice(_rows(make, drawn), 20 * count)))
        yield Case(name, rows[:count], rows[count : count + _TESTED])


def _rows(make: Callable[[Drawn], tuple[str, str]], drawn: Drawn) -> Iterator[tuple[str, str]]:
    while True:
        yield make(drawn)


_THINGS = {
    "animal": "otter heron badger lynx salmon beetle gecko falcon moose ferret toad walrus sparrow crab hyena lobster",
    "food": "lentils waffle stew omelette noodles dumpling custard risotto pretzel salad porridge burrito curry jam",
    "vehicle": "tractor ferry scooter truck glider canoe tram bicycle helicopter van rickshaw yacht train moped bus",
    "tool": "chisel wrench hammer pliers drill shovel rake sander clamp crowbar spanner mallet trowel hacksaw axe",
}
_FRAMES = (
    "i saw a {} this morning",
    "the {} was bigger than we thought",
    "my sister told me about her {}",
    "there is a {} in the picture",
    "nobody wanted the old {}",
    "we talked about the {} for an hour",
    "what a strange {}",
    "he wrote a poem about a {}",
)


def _things(drawn: Drawn) -> tuple[str, str]:
    """A thing in a sentence that says nothing of its kind."""
    kind = str(drawn.choice(list(_THINGS)))
    return str(drawn.choice(_FRAMES)).format(drawn.choice(_THINGS[kind].split())), kind


_NAMES = ("anna", "ben", "carla", "david", "emma", "felix", "greta", "hans", "ida", "jonas", "klara", "leo", "mia")


def _debts(drawn: Drawn) -> tuple[str, str]:
    """Who owes money, the first or the second who is named: a matter of the order of words."""
    one, other = drawn.choice(_NAMES, 2, replace=False)
    verb, debtor = (("owes", "first"), ("lent", "second"), ("borrowed from", "first"), ("is owed by", "second"))[
        drawn.integers(4)
    ]
    money = f"{drawn.integers(2, 100)} euros"
    said = f"{one} {verb} {other} {money}" if verb != "borrowed from" else f"{one} borrowed {money} from {other}"
    if drawn.random() < 0.5:  # the other one is spoken of first
        return f"as for {other}, {said}", "second" if debtor == "first" else "first"
    return said, debtor


def _syllables(drawn: Drawn) -> tuple[str, str]:
    """Words of no language, one of which ends as its label has it."""
    label = int(drawn.integers(4))
    words = [
        "".join(f"{drawn.choice(list('bdfgklmnprst'))}{drawn.choice(list('aeiou'))}" for _ in range(3))
        for _ in range(6)
    ]
    words[drawn.integers(6)] += ("zor", "quim", "vash", "xel")[label]
    return " ".join(words), f"label {label}"


def _opinions(drawn: Drawn) -> tuple[str, str]:
    """An opinion, perhaps turned round by what stands before it."""
    good, bad = ("good", "sensible", "helpful", "fair"), ("bad", "foolish", "harmful", "unfair")
    is_good, is_turned = drawn.random() < 0.5, drawn.random() < 0.5
    word = drawn.choice(good if is_good else bad)
    plan = drawn.choice(
        ["the new road", "the tax on sugar", "a longer school day", "the ban on fireworks", "the merger"]
    )
    turned = drawn.choice(["i do not believe that", "it is not true that", "nobody can tell me that", "i doubt that"])
    plain = drawn.choice(["i believe that", "it is true that", "everybody can see that", "i am sure that"])
    return f"{turned if is_turned else plain} {plan} is {word}", "for" if is_good != is_turned else "against"


def _sums(drawn: Drawn) -> tuple[str, str]:
    """Two numbers in words; whether they are more than ten together."""
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    people = drawn.choice(_NAMES, 2, replace=False)
    one, other = drawn.integers(0, 11, 2)
    things = drawn.choice(["apples", "coins", "books", "cats"])
    text = f"{people[0]} has {words[one]} and {people[1]} has {words[other]} {things}"
    return text, "more" if one + other > 10 else "not more"


def _wnut(path: Path) -> Labeled:
    """Tweets, and whether they name a person."""
    rows = []
    for block in path.read_text().split("\n\n"):
        words = [line.split("\t") for line in block.strip().splitlines() if "\t" in line]
        if words:
            is_named = any(tag.strip().endswith("person") for _, tag, *_ in words)
            rows.append((" ".join(word for word, *_ in words), "yes" if is_named else "no"))
    return drawn_anew(rows)


def _rarely(rows: Labeled, label: str, others: int) -> Labeled:
    """All rows of other labels, and one of this label for so many of them."""
    count = sum(each != label for _, each in rows) // others
    rare = [row for row in rows if row[1] == label][:count]
    return drawn_anew([*rare, *(row for row in rows if row[1] != label)])


def _joined(rows: Labeled, count: int) -> Labeled:
    """Texts of one label, so many of them in a row."""
    by_label: dict[str, list[str]] = {}
    for text, label in rows:
        by_label.setdefault(label, []).append(text)
    joined = [
        (" ".join(texts[start : start + count]), label)
        for label, texts in by_label.items()
        for start in range(0, len(texts), count)
    ]
    return drawn_anew(joined)


def _keyed(rows: Labeled, drawn: Drawn) -> Labeled:
    """Texts in which a made-up word, and nothing else, says the label."""
    keyed = []
    for text, _ in rows:
        words, number = text.split(), int(drawn.integers(3))
        words.insert(int(drawn.integers(len(words) + 1)), ("zorbil", "mivnak", "quelph")[number])
        keyed.append((" ".join(words), f"label {number}"))
    return keyed
