"""What to go on with today, whatever the verdict asks for: the likeliest way, and how likely it is the better one."""

from headstart.evaluation.deciding import Known, is_beaten_by_scratch, tells_nothing
from headstart.evaluation.intervals import above_zero, moderated_freedom
from headstart.evaluation.verdict import Advised, Bet

HEAD = "head on frozen features"
THE_HEAD, TUNED, SCRATCH = f"the {HEAD}", "the network tuned from the head", "the same network from random weights"


def bet(known: Known, strategy: Advised | None) -> Bet:
    """The likeliest way and what it stands against: the best control, or what knows no text where nothing beats that.

    Args:
        known: What was measured.
        strategy: How far a run tunes by itself; tuning is a way where it is that.
    """
    if tells_nothing(known):
        return Bet(way=known.learner, over=known.chance_name, probability=known.tells)
    short = known.short
    if is_beaten_by_scratch(short):
        likely = above_zero(short.scratch_over_head, moderated_freedom(short.scratch_runs))
        return Bet(way=SCRATCH, over=THE_HEAD, probability=likely)
    ways = {THE_HEAD: known.better}
    if short is not None and strategy == "lp-ft":
        ways[TUNED] = above_zero(short.tuned_over_control, moderated_freedom(short.runs))
    way = max(ways, key=lambda each: ways[each])
    if ways[way] >= 0.5:
        return Bet(way=way, over=known.control_name, probability=ways[way])
    return Bet(way=known.control_name, over=way, probability=1 - ways[way])
