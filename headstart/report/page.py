"""The report of a run: one page that needs nothing from outside, the answer first and then the evidence."""

import json
from collections.abc import Sequence

from headstart.evaluation.decision import Decision, Scored
from headstart.evaluation.estimate import CONFIDENCE
from headstart.evaluation.neighbours import THRESHOLD
from headstart.evaluation.one_error import standard_error
from headstart.evidence import Evidence
from headstart.labels.reasons import REASONS
from headstart.registry import Version
from headstart.report import by_label, contenders, imported, judged, leaderboard, plots, tuning
from headstart.report import verdict as verdicts
from headstart.report.notes import notes
from headstart.report.promises import promises
from headstart.report.templates import rendered, said, size
from headstart.spec import SPLITS
from headstart.workspace import Receipt

_MOST_OPEN = 25  # labels in sight; the rest unfolds


def render(evidence: Evidence, version: Version, receipts: Sequence[Receipt] = ()) -> str:
    """The page as HTML; every text from data is escaped."""
    decision, verdict, head = evidence.decision, evidence.verdict, evidence.head
    candidate = decision.scored(decision.candidate_name)
    shown, labels = contenders.ordered(decision), by_label.labels(decision)
    return rendered(
        "page.html",
        e=evidence,
        version=version,
        receipts=receipts,
        confidence=f"{CONFIDENCE:.0%}".replace("%", "\u00a0%"),
        candidate=candidate,
        metrics=sorted(candidate.scores, key=lambda metric: metric != decision.gate.metric),
        **verdicts.shown(verdict),
        heads_plots=[leaderboard.by_layer(head), leaderboard.by_cost(head)],
        tried=leaderboard.shown(head),
        error=standard_error(leaderboard.best(head), head.judged),
        heads_cost=leaderboard.cost(head),
        history_plots=tuning.drawn(evidence),
        tuning_costs=tuning.costs(evidence.model, evidence.spec.compute),
        contenders=shown,
        called=lambda name: contenders.called(name, decision),
        test_plot=_test_plot(shown, decision),
        labels=labels,
        label_plot=by_label.plot(labels, candidate.scores["macro_f1"]),
        most_open=_MOST_OPEN,
        matrix=by_label.matrix(decision),
        confusions=by_label.confusions(decision),
        reasons=REASONS,
        notes=len(notes(evidence.dataset)),
        threshold=THRESHOLD,
        slices_plot=judged.slices(decision),
        reliability_plot=judged.reliability(decision),
        promises=list(promises(decision, evidence.spec.calibration)),
        reuse=judged.reuse(decision),
        size=size(decision.cost.size),
        leaks=len(evidence.dataset.passport.leaks),
        import_folder=imported.folder(evidence.dataset, evidence.spec.name),
        splits=SPLITS,
        spec_json=json.dumps(evidence.spec.said(), indent=2, ensure_ascii=False),
    )


def _test_plot(shown: Sequence[Scored], decision: Decision) -> plots.Intervals:
    metric, floor = decision.gate.metric, decision.gate.min
    return plots.intervals(
        [(contenders.called(each.name, decision), each.scores[metric], each is shown[0]) for each in shown],
        f"{said(metric)} on {decision.test_rows} test rows",
        (floor, f"the gate's floor, {floor:g}") if floor else None,
    )
