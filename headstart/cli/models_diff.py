"""headstart models diff."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from headstart.cli import output
from headstart.registry import Registry, Version, diff
from headstart.registry.diff import Change, Difference, MetricChange
from headstart.spelling import harmless

if TYPE_CHECKING:
    from headstart.tensors import TensorChange, TensorDifference

_LONGEST = 60  # characters of a value
_ABSENT = "nothing"


@click.command("diff")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@output.registry
@output.as_json
def diff_(before: str, after: str, uri: str, as_json: bool) -> None:
    """Say what differs between two versions: figures, data, spec, what they were made by, files and tensors.

    BEFORE and AFTER are NAME[@ALIAS|@NUMBER]. Tensors are compared where the engine extra is installed; only files that
    differ are read for it.
    """
    registry = Registry(uri)
    versions = registry.resolve(before), registry.resolve(after)
    found = diff.compare(*versions)
    tensors = _tensors(registry, *versions)
    if as_json:
        output.say_json(found.model_dump(mode="json") | {"tensors": tensors and tensors.model_dump(mode="json")})
        return
    for line in (*_lines(found), *_tensor_lines(tensors)):
        click.echo(harmless(line))


def _tensors(registry: Registry, before: Version, after: Version) -> "TensorDifference | None":
    try:
        from headstart.tensors import compare
    except ModuleNotFoundError:
        return None
    return compare(before.files, after.files, registry.blobs.fetch)


def _lines(found: Difference) -> Iterator[str]:
    rows = "the same test rows" if found.same_rows else "different test rows, which alone may make a difference"
    yield f"{found.before} to {found.after}, judged on {rows}"
    for metric in found.metrics:
        yield f"  {_metric(metric)}"
    if found.labels_new:
        yield f"Labels that are new: {', '.join(map(repr, found.labels_new))}"
    if found.labels_gone:
        yield f"Labels that are gone: {', '.join(map(repr, found.labels_gone))}"
    yield from _block("Data", found.data)
    yield from _block("Made by", found.made)
    yield from _block("Spec", found.spec)
    yield from _block("Files", [_file(each) for each in found.files])


def _metric(each: MetricChange) -> str:
    said = f"{each.metric}  {each.before or _ABSENT} to {each.after or _ABSENT}"
    if each.difference is None:
        return said
    return f"{said}  {each.difference:+.3f}, the intervals {'overlap' if each.overlap else 'do not overlap'}"


def _block(title: str, changes: Sequence[Change]) -> Iterator[str]:
    yield title if changes else f"{title}: the same"
    for each in changes:
        yield f"  {each.key}  {_short(each.before)} to {_short(each.after)}"


def _file(change: Change) -> Change:
    said = [each and f"{each[0]:,} bytes {each[1][:12]}" for each in (change.before, change.after)]
    return Change(key=change.key, before=said[0], after=said[1])


def _tensor_lines(found: "TensorDifference | None") -> Iterator[str]:
    if found is None:
        yield "Tensors: not compared, which takes headstart[engine]"
        return
    same = f", and those in {', '.join(found.same_files)}" if found.same_files else ""
    yield f"Tensors: {len(found.changed)} differ, {found.equal} are equal{same}"
    for each in found.changed:
        yield f"  {each.name}  {_tensor(each)}"


def _tensor(each: "TensorChange") -> str:
    if each.before is None or each.after is None:
        return f"{each.before or _ABSENT} to {each.after or _ABSENT}"
    shape = f"{each.before}" if each.before == each.after else f"{each.before} to {each.after}"
    return shape if each.change is None else f"{shape}  changed by {each.change:.2%} of its norm"


def _short(value: Any) -> str:
    said = _ABSENT if value is None else str(value)
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
