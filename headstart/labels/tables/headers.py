"""Tables without a header: told by their first row, and their columns by what is in them."""

from collections.abc import Sequence

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables import contents, conventions, fields
from headstart.labels.tables.fields import Chosen
from headstart.labels.tables.pieces import number

_KNOWN = frozenset(
    conventions.key(name)
    for name in (
        *conventions.TEXT_NAMES,
        *conventions.LABEL_NAMES,
        *conventions.IMAGE_NAMES,
        *conventions.ANNOTATOR_NAMES,
        *conventions.SPLIT_NAMES,
        *(name for pair in conventions.PAIR_NAMES for name in pair),
        "id",
        "index",
    )
)
_LONGEST_NAME = 60  # characters of a column's name
_MOST_WORDS = 6
_SHOWN = 20  # columns that an error names


def has_header(rows: Sequence[Sequence[str]], ask: Ask) -> bool:
    """Whether the first of some rows names the columns.

    Args:
        rows: The first rows; those that have not as many cells as the first one say nothing of it.
        ask: What the spec wants, which may name some of them.
    """
    first, *others = rows
    rest = [row for row in others if len(row) == len(first)]
    columns = [[row[at] for row in rest] for at in range(len(first))]
    named = _named(ask)
    if named.intersection(first):
        return True
    # A name stands once; a value, such as a label's, comes again in its column.
    again = [bool(cell.strip()) and cell in column for cell, column in zip(first, columns, strict=True)]
    if any(conventions.key(cell) in _KNOWN and not twice for cell, twice in zip(first, again, strict=True)):
        return True
    if (named and named <= set(column_names(len(first)))) or (others and not rest):
        return False
    if any(number(cell) is not None for cell in first):
        is_counted = [cell.strip() for cell in first] == [str(at) for at in range(len(first))]
        return is_counted and not all(map(_are_numbers, columns))  # pandas counts columns that have no names
    if any(_are_numbers(column) for cell, column in zip(first, columns, strict=True) if cell.strip()):
        return True
    is_long = any(len(cell) > _LONGEST_NAME or contents.words(cell) > _MOST_WORDS for cell in first)
    return not is_long and not any(again)


def _named(ask: Ask) -> set[str]:
    """The fields that the user named; several may stand in one name."""
    wanted = [*ask.fields.model_dump().values(), ask.group_by, ask.time]
    names = [name for name in wanted if name not in (None, "", "auto")]
    return {part.strip() for name in names for part in (name, *name.split(","))}


def column_names(count: int) -> list[str]:
    """What the columns of a table without a header are called."""
    return [f"column {number}" for number in range(1, count + 1)]


def choose(rows: Sequence[Sequence[str]], names: Sequence[str], where: str, ask: Ask) -> Chosen:
    """Which columns to read of a table without a header, by what is in some of its rows.

    Raises:
        DataError: A column that the user named is not there, or one could not be told.
    """
    fields.check_named(names, where, ask)
    wanted = ask.fields
    columns = contents.columns(names, rows)
    marks = fields.marked(wanted.label, names)
    taken = {wanted.label, wanted.image, ask.group_by, ask.time, *marks}
    rest = [each for each in columns if each.name not in taken]
    texts = contents.texts(rest) or contents.short_text(rest)
    if wanted.image != "auto":
        texts = []
    elif wanted.text != "auto":
        texts = [wanted.text]
    pair = wanted.pair if wanted.pair != "auto" else texts[1] if len(texts) == 2 else ""
    text = next((name for name in texts if name != pair), "")
    image = wanted.image if wanted.image != "auto" else ""
    if not text and not image:
        raise _error("no column is known to hold the text", names, where)
    content = [name for name in (text, pair, image, ask.group_by, ask.time) if name]
    labels = [wanted.label] if wanted.label != "auto" else contents.labels(columns, content)
    if len(labels) != 1:
        told = f"{' or '.join(labels)} may hold the label" if labels else "no column is known to hold the label"
        raise _error(told, names, where)
    return fields.completed(Chosen(text, labels[0], pair, image, marks=marks), names, ask)


def choose_text(rows: Sequence[Sequence[str]], names: Sequence[str], where: str) -> str:
    """The column of a table without a header that holds the text.

    Raises:
        DataError: It could not be told.
    """
    found = names[0] if len(names) == 1 else contents.text(contents.columns(names, rows))
    if found is None:
        raise _error("no column is known to hold the text", names, where)
    return found


def _are_numbers(column: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell.strip()]
    return bool(filled) and all(number(cell) is not None for cell in filled)


def _error(told: str, names: Sequence[str], where: str) -> DataError:
    shown = ", ".join(map(repr, names[:_SHOWN]))
    remedy = f"Name the column (--text, --label, in a spec data.fields): {shown}; or give the table a header."
    return DataError("data/unknown-field", f"it has no header, and {told}.", remedy=remedy, where=where)
