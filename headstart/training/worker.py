"""What one training worker does: from digests to a model in the workspace."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from headstart.backbone import Backbone
from headstart.compute import Peers
from headstart.dataset import Dataset
from headstart.encoder import Encoder, Tokenizer
from headstart.evaluation.calibration import temperature
from headstart.head import Head
from headstart.heads.fitted import scaled
from headstart.model import Manifest, Model, assemble
from headstart.spec import Split, TuneSpec
from headstart.tasks import get_task
from headstart.training import adapters, loop, sharding, strategy, tokens
from headstart.training.network import HeadModule, Network
from headstart.workspace import Workspace

SEED = 0


def train(config: Mapping[str, Any], peers: Peers) -> None:
    """Tune a network on this worker's share; rank 0 stores the model and, last, leaves its digest.

    Args:
        config: ``workspace`` (URI), ``dataset``, ``backbone`` and ``head`` (digests), ``tune`` and ``strategy`` (JSON
            data), ``budget`` (seconds, or None), ``shard`` (whether weights are divided), and ``result``, the key in
            the workspace under which the model's digest is left.
        peers: The other workers and the run.
    """
    workspace = Workspace.open(config["workspace"])
    dataset = workspace.load(Dataset, config["dataset"])
    backbone = workspace.load(Backbone, config["backbone"])
    head = workspace.load(Head, config["head"])
    chosen = strategy.Strategy(**config["strategy"])
    settings = loop.Settings(
        strategy=chosen,
        metric=head.metric,
        labels=len(dataset.labels),
        tune=TuneSpec.model_validate(config["tune"]),
        seed=SEED,
        foretells=True,
        budget=config["budget"],
        shard=config["shard"],
    )
    start = strategy.start(head.read(workspace), chosen, SEED)
    with workspace.blobs.checkout(backbone.files) as folder:
        tokenizer = Tokenizer(folder, backbone.max_tokens)
        encoder = Encoder(folder, head.chosen.view.pooling, head.chosen.view.layers)
    if chosen.start == "scratch":
        encoder.redraw(SEED)
    if chosen.adapter:
        adapters.add(encoder, chosen.adapter)
    network = Network(encoder, HeadModule(start))

    def rows_of(split: Split) -> loop.Examples:
        return tokens.examples(dataset, split, backbone, tokenizer, workspace, peers)

    train_rows, judged = rows_of("train"), rows_of("validation")
    state = loop.fit(network, get_task(dataset.task), train_rows, judged, settings, peers)
    outputs = loop.outputs(network, judged.tokens, settings, peers)
    if chosen.adapter:
        adapters.merge(encoder)
    body = sharding.whole(encoder.body.state_dict(), keeps=peers.rank == 0)
    if peers.rank != 0:
        return
    fitted = scaled(network.head.fitted(), temperature(outputs, judged.targets))
    depth = int(encoder.body.config.num_hidden_layers)
    manifest = Manifest(
        task=dataset.task,
        labels=dataset.labels,
        view=head.chosen.view,
        max_tokens=backbone.max_tokens,
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "body.safetensors"
        save_file({key: tensor.float() for key, tensor in body.items()}, path, metadata={"format": "pt"})
        files = assemble(backbone, manifest, fitted, workspace, tuned=(path, depth))
    model = Model(
        backbone=backbone.identity,
        source=backbone.source,
        licence=backbone.licence,
        strategy=chosen.name,
        why=chosen.why,
        manifest=manifest,
        history=tuple(state.history),
        kept_epoch=state.kept_epoch,
        forecast=state.forecast,
        spent=state.spent(peers),
        files=files,
    )
    workspace.save(model)
    workspace.store.put(config["result"], model.digest.encode())
