"""The verdict in words and tables: the answer first, then the evidence. Terminal, Markdown and page show the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headstart.evaluation.betting import HEAD
from headstart.evaluation.estimate import CONFIDENCE
from headstart.evaluation.learning_curve import FARTHEST, FARTHEST_LABELS, LearningCurve, Needed
from headstart.evaluation.verdict import ANSWERS, LabelFound, Verdict
from headstart.listing import listed
from headstart.report import plots
from headstart.report.curve import curve_plot
from headstart.report.templates import number, said, visible

_MOST_LABELS = 8
_MORE_LABELS = "Would more labels help?"
_STRATEGIES = {
    "bag-of-words": "TF-IDF and logistic regression, unless a head is better on the validation rows",
    "head": "the head alone",
    "lp-ft": "tuning from the head (lp-ft)",
    None: "a tuning that fits the rows",
}
_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#&~"})


@dataclass(frozen=True)
class Section:
    """A part of the evidence: a table, which may be empty, and sentences below it. The first column is left-aligned."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def headline(verdict: Verdict) -> str:
    """The answer in a word or two."""
    return ANSWERS[verdict.answer]


def sections(verdict: Verdict) -> list[Section]:
    """The evidence, part by part."""
    return [_contenders(verdict), _tuning(verdict), _more_labels(verdict), _layers(verdict), _costs(verdict)]


def lead(verdict: Verdict) -> list[str]:
    """The reason, and what follows from the answer, as sentences."""
    told = [f"{_capital(said(verdict.reason))}.", today(verdict)]
    if verdict.negative_transfer:
        told.append("Negative transfer: what is transferred does worse than what is not.")
    how = _STRATEGIES[verdict.strategy]
    if verdict.strategy != "bag-of-words":
        how = f"{verdict.backbone_name}, whose layer {verdict.layer} did best, and {how}"
    return [*told, f"A run goes on with {how}."]


def today(verdict: Verdict) -> str:
    """What is likeliest to be the better way today, as a sentence: there may be no time to wait for a sure answer."""
    if not verdict.is_open:
        return f"{_capital(str(verdict.bet))}."
    if verdict.learned.low <= 0:
        return f"Until that is known nothing can be relied on; {verdict.bet}."
    return f"Until that is known this is the best bet: {verdict.bet}."


def text(verdict: Verdict) -> str:
    """For a terminal."""
    lines = [f"{headline(verdict)}: {said(verdict.reason)}.", *lead(verdict)[1:]]
    for each in sections(verdict):
        lines += ["", each.title]
        table = [each.columns, *each.rows] if each.rows else []
        widths = [max(len(row[place]) for row in table) for place in range(len(each.columns))] if table else []
        for row in table:
            cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
            lines.append(f"  {'  '.join(cells)}".rstrip())
        lines += [f"  {note}" for note in each.notes]
    return "\n".join(lines)


def markdown(verdict: Verdict) -> str:
    """For cards and comments; names from data are escaped."""
    blocks = [f"## {headline(verdict)}", *map(_escaped, lead(verdict))]
    for each in sections(verdict):
        blocks.append(f"### {each.title}")
        if each.rows:
            rule = ("---",) * len(each.columns)
            rows = [each.columns, *(tuple(map(_escaped, row)) for row in each.rows)]
            blocks.append("\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:])))
        blocks += map(_escaped, each.notes)
    return "\n\n".join(blocks) + "\n"


def shown(verdict: Verdict) -> dict[str, object]:
    """What the page's part on the verdict, verdict.html, is made of."""
    return {
        "verdict_headline": headline(verdict),
        "verdict_lead": lead(verdict),
        "verdict_plot": _plot(verdict),
        "verdict_sections": sections(verdict),
        "verdict_curve": curve_plot(verdict.curve, said(verdict.metric)),
        "curve_title": _MORE_LABELS,
    }


def _plot(verdict: Verdict) -> plots.Intervals:
    """Controls and probes with their intervals."""
    rows = [(each.name, each.score, False) for each in (*verdict.controls, *verdict.probes)]
    rows.append((verdict.head.name, verdict.head.score, True))
    return plots.intervals(rows, f"{said(verdict.metric)}, cross-validated on {number(verdict.rows)} rows")


def _contenders(verdict: Verdict) -> Section:
    contenders = (*verdict.controls, *verdict.probes, verdict.head)
    rows = tuple((each.name, str(each.score), each.gain.signed() if each.gain else "") for each in contenders)
    of = "" if verdict.rows == verdict.of else f" of {number(verdict.of)}"
    how = (
        f"On {number(verdict.rows)}{of} training and validation rows in {verdict.folds} folds; the layer, the strength "
        f"and the control's settings are chosen within each. The {HEAD} is of the backbone that each fold prefers."
    )
    intervals = f"Intervals of {CONFIDENCE:.0%}, corrected for rows that the folds share (Nadeau and Bengio 2003)."
    columns = ("contender", said(verdict.metric), "gain over the best control")
    return Section("Does transfer pay?", columns, rows, (how, intervals))


def _tuning(verdict: Verdict) -> Section:
    short = verdict.short
    if short is None:
        return Section("Does tuning pay?", (), (), (f"It was not tried: {verdict.not_tuned}.",))
    rows = (
        ("tuned from the head (LP-FT)", str(short.tuned), short.tuned_over_head.signed()),
        ("head on frozen features", str(short.head), ""),
        ("TF-IDF and logistic regression", str(short.control), ""),
        ("the same network from random weights", str(short.scratch), short.scratch_over_head.signed()),
    )
    note = (
        f"Short trainings on {number(short.rows)} rows, {short.epochs} epochs, judged on {number(short.judged)} rows "
        f"of {short.runs} folds; from random weights on {short.scratch_runs} of them, so that this interval rests on "
        "fewer rows. Few rows and epochs show the direction; all of them may bring more."
    )
    notes = (note, f"{_capital(short.cut)}: on a quicker one the verdict may differ.") if short.cut else (note,)
    return Section("Does tuning pay?", ("contender", said(verdict.metric), "gain over the head"), rows, notes)


def _more_labels(verdict: Verdict) -> Section:
    curve = verdict.curve
    rows = tuple((number(each.rows), str(each.score)) for each in curve.points)
    notes = (*_foretold(curve), *_starved(verdict.labels))
    return Section(_MORE_LABELS, ("rows to fit on", said(verdict.metric)), rows, notes)


def _foretold(curve: LearningCurve) -> Iterator[str]:
    if curve.law is None:
        yield f"Cannot tell what more labels bring: {curve.why_not}."
        return
    if curve.doubled is None:
        yield f"Cannot tell what twice the labels bring: more than {FARTHEST:g} times what was measured."
    else:
        yield f"Twice the labels ({number(2 * curve.rows)} rows to fit on) would bring {curve.doubled.signed()}."
    if curve.needed is not None:
        yield _wanted(curve.needed, curve)


def _wanted(needed: Needed, curve: LearningCurve) -> str:
    beyond = f"over {number(int(FARTHEST_LABELS * curve.points[-1].rows))}"
    if needed.rows is None:
        return f"Cannot tell how many rows reach {needed.target:g}: {beyond}, if any number does."
    low, high = (beyond if end is None else number(end) for end in (needed.low, needed.high))
    takes = f"{needed.target:g} takes about {number(needed.rows)} rows to fit on [{low}, {high}]"
    return f"{takes}; there are {number(curve.rows)}."


def _starved(labels: Sequence[LabelFound]) -> Iterator[str]:
    starved = [each for each in labels if each.starved]
    if starved:
        # Isolated, so that a label turns around nothing beside it.
        told = [
            f"\u2068“{visible(each.label, 60)}”\u2069 ({each.rows} row{'s' * (each.rows != 1)}, F1 {each.f1:.2f})"
            for each in starved
        ]
        why = "They are weak, and have few rows or gained by the last doubling."
        yield f"Label these first: {listed(told, _MOST_LABELS)}. {why}"


def _layers(verdict: Verdict) -> Section:
    rows = tuple(
        (
            f"{each.backbone}, layer {each.layer}",
            f"{each.scores.logme:.3f}",
            f"{each.scores.h_score:.3f}",
            f"{each.scores.left_out:.3f}",
            f"{each.chosen:.0%}",
        )
        for each in verdict.layers
    )
    note = "Closed forms rank layers and decide nothing else: the probe has the last word on the two that they prefer."
    columns = ("features", "LogME", "H-score", "ridge, left out", "chosen in folds")
    return Section("Which layer?", columns, rows, (note,))


def _costs(verdict: Verdict) -> Section:
    rows = tuple(
        (each.name, "" if each.seconds is None else _seconds(each.seconds), each.cost) for each in verdict.options
    )
    return Section("What does each way cost?", ("way", "time", "for what"), rows, ())


def _seconds(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 10 else f"{number(round(seconds))} s"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _escaped(text: str) -> str:
    return text.translate(_MARKDOWN).replace("\n", " ")
