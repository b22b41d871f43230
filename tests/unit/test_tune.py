"""How far the backbone is tuned within a budget, what is known of the training, and who hears of it."""

import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from headstart import steps, tracking
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.errors import HeadstartError, SpecError, UsageError
from headstart.model import Model
from headstart.origin import run_folder
from headstart.spec import Spec
from headstart.training import loop
from headstart.training.strategy import STRATEGIES
from headstart.workspace import Workspace
from tests.support.inline import spec_for

pytestmark = pytest.mark.slow

Tune = Callable[..., Model]
DEAR, CHEAP = 1e3, 1e-9


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path
) -> tuple[Spec, Context, tuple[Any, ...]]:
    """What fine_tune is given."""
    spec = spec_for(tmp_path_factory.mktemp("tune"), tiny_backbone, tiny_export)
    on = Context(Workspace.open(spec.workspace), InlineCompute())
    dataset, backbones = steps.import_labels(spec, on), steps.fetch_backbone(spec, on)
    verdict = steps.assess_transfer(spec, dataset, backbones, on).model_copy(update={"strategy": "lp-ft"})
    return spec, on, (dataset, backbones, verdict, steps.search_heads(spec, dataset, backbones, verdict, on))


@pytest.fixture
def tune(prepared: tuple[Spec, Context, tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> Tune:
    """Tunes, where each strategy in turn is found to take so many seconds a token."""
    spec, on, inputs = prepared

    def tuned(*found: float, compute: Mapping[str, Any] | None = None, **how: Any) -> Model:
        each = iter(found)
        monkeypatch.setattr(loop, "rehearse", lambda *_: [next(each)])
        said = spec.said() | {"tune": {"epochs": 2, "batch_rows": 2} | how, "compute": compute or {}}
        return steps.fine_tune(Spec.model_validate(said), *inputs, on)

    return tuned


def test_a_strategy_that_auto_chose_and_that_is_too_dear_gives_way_to_a_cheaper_one(tune: Tune) -> None:
    model = tune(DEAR, CHEAP, budget="1h")
    assert model.strategy == "top-k"
    assert "lp-ft does not fit into the budget" in model.why


def test_where_nothing_fits_the_head_on_the_frozen_backbone_is_the_model(tune: Tune) -> None:
    model = tune(DEAR, DEAR, budget="2h")
    assert (model.strategy, model.history, model.spent) == ("head", (), None)
    assert "top-k does not fit into the budget" in model.why


def test_a_strategy_that_the_spec_names_is_refused_where_it_does_not_fit(tune: Tune) -> None:
    with pytest.raises(SpecError) as caught:
        tune(DEAR, budget="1h", strategy="lp-ft")
    assert caught.value.code == "tune/budget"
    assert "the budget is 60 min" in caught.value.problem


def test_money_limits_the_time_by_the_price_of_the_workers(tune: Tune) -> None:
    prices = {"price_per_hour": 2.0, "workers": 2}
    with pytest.raises(SpecError, match="the budget is 30 min"):
        tune(DEAR, compute=prices, cost=2.0, strategy="full")


def test_a_limit_of_money_without_a_price_is_refused_before_anything_is_done() -> None:
    with pytest.raises(HeadstartError, match=r"compute\.price_per_hour"):
        Spec.build({"name": "x", "data": "y", "tune": {"cost": 5}}, "spec.yaml")


def test_what_was_foretold_and_what_was_spent_are_known_of_the_model(tune: Tune) -> None:
    model = tune(CHEAP, budget="1h", strategy="full")
    assert model.forecast is not None
    assert model.spent is not None
    assert len(model.spent.epochs) == len(model.history) <= model.forecast.most == 2
    assert Model.model_validate_json(model.model_dump_json()) == model


def test_a_training_can_be_looked_at_in_tensorboard(tune: Tune, prepared: Any) -> None:
    tune(CHEAP, epochs=1, strategy="bitfit")
    store = prepared[1].workspace.store
    found = [each.key for each in store.list("runs/") if "/tensorboard/events.out.tfevents." in each.key]
    told = b"".join(store.get(key) or b"" for key in found)
    assert all(name in told for name in (b"train_loss", b"learning_rate", b"rows_per_second", b"validation_macro_f1"))


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the folder that runs are logged to."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv(tracking.MLFLOW, f"file:{tmp_path}")
    from mlflow import MlflowClient

    return MlflowClient()


def runs_of(client: Any, name: str) -> list[Any]:
    experiment = client.get_experiment_by_name(name)
    return list(client.search_runs([experiment.experiment_id]))


def test_a_training_that_goes_on_is_one_run_of_mlflow(prepared: Any, mlflow: Any) -> None:
    spec, on, _ = prepared
    with (
        contextlib.suppress(KeyboardInterrupt),
        tracking.tracked(spec, STRATEGIES["full"], "abc", on.workspace) as hear,
    ):
        hear({"step": 8, "train_loss": 2.0})
        raise KeyboardInterrupt
    (run,) = runs_of(mlflow, spec.name)
    assert run.info.status == "FAILED"
    with tracking.tracked(spec, STRATEGIES["full"], "abc", on.workspace) as hear:
        hear({"step": 16, "train_loss": 1.0, "rows_per_second": 50.0})
    (run,) = runs_of(mlflow, spec.name)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"train_loss": 1.0, "rows_per_second": 50.0}
    assert [each.step for each in mlflow.get_metric_history(run.info.run_id, "train_loss")] == [8, 16]
    assert run.data.params["strategy"] == "full"
    assert run.data.tags["headstart.run"] == run_folder(spec)


def test_a_server_that_is_away_stops_no_training_and_its_password_is_not_logged(
    prepared: Any, mlflow: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spec, on, _ = prepared
    monkeypatch.setenv(tracking.MLFLOW, "http://somebody:secret@127.0.0.1:9")
    with tracking.tracked(spec, STRATEGIES["full"], "abc", on.workspace) as hear:
        hear({"step": 8, "train_loss": 2.0})
    assert "MLflow is not told of this training" in caplog.text
    assert "secret" not in caplog.text


def test_a_server_without_the_extra_is_told_before_anything_trains(
    prepared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, on, _ = prepared
    monkeypatch.setenv(tracking.MLFLOW, "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.delitem(sys.modules, "headstart.adapters.mlflow", raising=False)
    training = tracking.tracked(spec, STRATEGIES["full"], "abc", on.workspace)
    with pytest.raises(UsageError, match=r"headstart\[mlflow\]"):
        training.__enter__()


def test_who_does_not_take_a_figure_is_told_no_more(
    prepared: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spec, on, _ = prepared
    monkeypatch.setattr(on.workspace.store, "upload", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with tracking.tracked(spec, STRATEGIES["full"], "abc", on.workspace) as hear:
        hear({"step": 8, "train_loss": 2.0})
    assert "EventFile is told no more of this training: full" in caplog.text
