"""The claim: the cosine with the nearest label's mean tells texts of another kind, whatever family the head is of.

``python -m benchmarks.unusual_texts BANKING77 SMS_SPAM`` (folders) hides 20 of 77 intents, fits a head of each family
on the others, and looks for hidden intents (near) and for SMS (far) among the test rows: the area under the curve, and
the share that is found where 5 % of ordinary test rows are flagged. The peers are what outputs tell (their energy, and
the largest probability) and the cosine with the nearest training row, which takes all training features to be served.
"""

import sys
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from benchmarks.head_tasks import load
from headstart.arrays import Array, Outputs, softmax, unit
from headstart.evaluation.calibration import temperature
from headstart.evaluation.novelty import FLAGGED, Landmarks
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted, outputs
from headstart.search import SEED

_HIDDEN = 20
_SETTINGS = 8

Score = npt.NDArray[np.floating]


def main(banking77: str, sms_spam: str) -> None:
    """A table of all families and scores."""
    task, other = load("banking77", banking77), load("sms_spam", sms_spam)
    hidden = np.random.default_rng(SEED).permutation(task.labels)[:_HIDDEN]
    known = np.setdiff1d(np.arange(task.labels), hidden)
    number = np.full(task.labels, -1)
    number[known] = np.arange(len(known))
    fit, ordinary = (number[each] >= 0 for each in (task.train_targets, task.test_targets))
    x, targets = task.train[-1][fit], number[task.train_targets[fit]]
    seen, near, far = task.test[-1][ordinary], task.test[-1][~ordinary], other.test[-1]
    truth = number[task.test_targets[ordinary]]
    landmarks, middle = Landmarks.of(x, targets), x.mean(axis=0)
    training = unit(x - middle)
    scores: dict[str, Callable[[Array], Score]] = {
        "nearest label": landmarks.nearness,
        "nearest training row": lambda rows: (unit(rows - middle) @ training.T).max(axis=1),
    }
    print("| score | near, AUROC | near, found | far, AUROC | far, found |\n|---|---|---|---|---|")
    for name, score in scores.items():
        _say(name, score(seen), score(near), score(far))
    for family, made in FAMILIES.items():
        heads = made.fit(x, targets, len(known), made.settings(_SETTINGS), SEED)
        head = max(heads, key=lambda each: float((outputs(each, seen).argmax(axis=1) == truth).mean()))
        scale = temperature(outputs(head, seen), truth)
        for name, score in _OF_OUTPUTS.items():
            _say(f"{name} of {family}", *(score(_scaled(head, rows, scale)) for rows in (seen, near, far)))


def _say(name: str, seen: Score, near: Score, far: Score) -> None:
    found = []
    for others in (near, far):
        truth = np.concatenate([np.ones(len(seen)), np.zeros(len(others))])
        area = roc_auc_score(truth, np.concatenate([seen, others]))
        found.append(f"{area:.3f} | {100 * np.mean(others < np.quantile(seen, FLAGGED)):.0f} %")
    print(f"| {name} | {' | '.join(found)} |", flush=True)


def _scaled(head: Fitted, rows: Array, scale: float) -> Outputs:
    return outputs(head, rows).astype(np.float64) / scale


def _energy(found: Outputs) -> Score:
    most = found.max(axis=1)
    return np.asarray(most + np.log(np.exp(found - most[:, None]).sum(axis=1)))


_OF_OUTPUTS: Mapping[str, Callable[[Outputs], Score]] = {
    "energy": _energy,
    "largest probability": lambda found: softmax(found).max(axis=1),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
