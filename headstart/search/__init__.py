"""The search over heads: the space, what to try next, and the rule that names the winner. Pure functions."""

from headstart.search.candidate import Candidate, Trial, winner
from headstart.search.judging import Judging, judging
from headstart.search.plans import next_trials
from headstart.search.trial import SEED, bundled, try_bundle

__all__ = ["SEED", "Candidate", "Judging", "Trial", "bundled", "judging", "next_trials", "try_bundle", "winner"]
