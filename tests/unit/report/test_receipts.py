"""What Kubeflow shows of a check and of a scoring."""

import pytest

from headstart.report.receipts import fill, markdown
from headstart.schedules.fingerprint import Fingerprint
from headstart.schedules.triggers import Check
from headstart.scoring import Scores

PRINT = Fingerprint(data="d", spec="s", backbones="b", code="c")


def test_a_check_shows_its_reasons_or_what_is_waited_for() -> None:
    check = Check(name="a", at="", after=1, fingerprint=PRINT, reasons=(), waiting=("3 of 10 labels",))
    assert markdown(check) == "# Nothing to do\n\n- 3 of 10 labels"
    assert markdown(check.model_copy(update={"reasons": ("why",)})) == "# Due\n\n- why"


def test_labels_of_others_mark_nothing_up() -> None:
    scores = Scores(
        model="m", version=1, out="s3://a", rows=2, labels={"<img src=x>|[a](b)": 2}, parts=(), drift=None,
        undrifted="too few", shadow=None,
    )  # fmt: skip
    assert "<" not in markdown(scores)
    assert "| &#60;img src=x&#62;&#124;&#91;a&#93;(b) | 2 |" in markdown(scores)


def test_a_label_that_is_called_like_a_figure_replaces_none() -> None:
    scores = Scores(
        model="m", version=1, out="s3://a", rows=5, labels={"rows": 2, "drift_p": 3}, parts=(), drift=None,
        undrifted="too few", shadow=None,
    )  # fmt: skip
    shown = pytest.importorskip("kfp.dsl").Metrics()
    fill([shown], scores)
    assert shown.metadata == {"rows": 5, "label rows": 2, "label drift_p": 3}
