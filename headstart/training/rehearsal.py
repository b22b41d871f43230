"""Some real steps before a training, to foretell what it takes."""

import time
from collections.abc import Sequence

from headstart.arrays import Targets
from headstart.compute import Peers
from headstart.encoder import TokenIds
from headstart.training import exchange, forecast
from headstart.training.batches import Indices, Lengths
from headstart.training.meter import finish
from headstart.training.step import Stepper


def rehearse(
    stepper: Stepper, plan: Sequence[Indices], lengths: Lengths, tokens: TokenIds, targets: Targets, peers: Peers
) -> list[float]:
    """The seconds a token of each step that counts, by the slowest worker's clock.

    All trains that ever will. The weights are then to be put back; the stepper begins anew by itself.

    Args:
        stepper: Takes the steps.
        plan: The batches of an epoch.
        lengths: The tokens of each row.
        tokens: Of all rows.
        targets: Of all rows.
        peers: All of them rehearse.
    """
    found = []
    with stepper.trying() as device:
        for batch in forecast.tried(plan, lengths):
            finish(device)
            started = time.perf_counter()
            stepper.take(batch, tokens, targets, len(batch), rate=1.0)
            finish(device)
            found.append((time.perf_counter() - started) / int(lengths[batch].sum()))
    return exchange.greatest(found[forecast.WARMING :], peers, device)
