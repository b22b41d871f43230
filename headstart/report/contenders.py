"""Who stood on the test rows: in which order they are shown, and what they are called."""

from headstart.evaluation.decision import CHAMPION, CONTROL, Decision, Scored


def ordered(decision: Decision) -> list[Scored]:
    """The candidate, then the champion, then what else was scored, of these the bag of words last."""
    order = {CHAMPION: 1, CONTROL: 3} | {decision.candidate_name: 0}
    return sorted(decision.contenders, key=lambda each: order.get(each.name, 2))


def called(name: str, decision: Decision) -> str:
    """A contender's name, with what reports call it elsewhere."""
    also = {CHAMPION: decision.champion, CONTROL: "bag of words"}.get(name)
    return f"{name} ({also})" if also else name
