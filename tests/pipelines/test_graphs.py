"""The graphs of the pipelines, from a fresh compile: parameters, dependencies, caching, resources, secrets."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

pytest.importorskip("kfp")

from headstart.cli import main
from headstart.components.image import IMAGE
from headstart.pipelines import compile_all, compiled
from headstart.pipelines.compiled import PIPELINES
from headstart.pods import STORE_KEYS
from headstart.steps import STEPS

HEAVY = {"assess-transfer", "search-heads", "fine-tune", "evaluate", "batch-score"}
CACHED = {"assess-transfer", "search-heads", "fine-tune"}
PLACING = {"cpus", "memory", "accelerators", "accelerator_type", "tolerations", "node_selector", "store_secret"}


@pytest.fixture(scope="module")
def graphs() -> Mapping[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The graph of each pipeline, and what it says to Kubernetes."""
    found = {}
    for name in PIPELINES:
        graph, platforms = yaml.safe_load_all(compiled(name).text)
        found[name] = (graph, platforms)
    return found


def tasks(graph: dict[str, Any], dag: dict[str, Any] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task that runs a component, however deep it stands."""
    for name, task in (dag or graph["root"]["dag"])["tasks"].items():
        inner = graph["components"][task["componentRef"]["name"]]
        if "dag" in inner:
            yield from tasks(graph, inner["dag"])
        else:
            yield name, task


@pytest.mark.parametrize(
    ("name", "required", "optional"),
    [
        ("transfer", {"spec"}, set()),
        ("assess", {"spec"}, set()),
        ("retrain", {"spec"}, {"force", "notify_secret"}),
        ("score", {"model", "source", "registry", "out"}, {"text", "shadow"}),
    ],
)
def test_the_form_asks_for_at_most_five_things_and_its_description_explains_them_all(
    graphs: Mapping[str, Any], name: str, required: set[str], optional: set[str]
) -> None:
    graph, _ = graphs[name]
    parameters = graph["root"]["inputDefinitions"]["parameters"]
    assert parameters.keys() == required | optional | PLACING
    asked = {each for each, kind in parameters.items() if "defaultValue" not in kind and not kind.get("isOptional")}
    assert asked == required
    assert len(asked) <= 5
    for parameter in parameters:
        assert f"**{parameter}**" in graph["pipelineInfo"]["description"], parameter


def test_the_steps_hang_together_by_the_values_they_pass_on(graphs: Mapping[str, Any]) -> None:
    graph, _ = graphs["transfer"]
    found = dict(tasks(graph))
    assert {name.replace("-", "_") for name in found} == set(STEPS)
    needs = {name: set(task.get("dependentTasks", ())) for name, task in found.items()}
    assert needs == {
        "import-labels": set(),
        "fetch-backbone": set(),
        "assess-transfer": {"import-labels", "fetch-backbone"},
        "search-heads": {"import-labels", "fetch-backbone", "assess-transfer"},
        "fine-tune": {"import-labels", "fetch-backbone", "assess-transfer", "search-heads"},
        "evaluate": {"import-labels", "fetch-backbone", "search-heads", "fine-tune"},
        "register": {"import-labels", "fetch-backbone", "assess-transfer", "search-heads", "fine-tune", "evaluate"},
    }
    outputs = graph["root"]["outputDefinitions"]["parameters"]
    assert outputs.keys() == {"dataset", "decision", "version"}


def test_an_assessment_makes_no_model(graphs: Mapping[str, Any]) -> None:
    assert {name for name, _ in tasks(graphs["assess"][0])} == {"import-labels", "fetch-backbone", "assess-transfer"}


def test_a_retraining_works_only_where_it_is_due_and_tells_in_any_case(graphs: Mapping[str, Any]) -> None:
    graph, _ = graphs["retrain"]
    top = graph["root"]["dag"]["tasks"]
    told = top["notify"]["triggerPolicy"]["strategy"]
    assert told == "ALL_UPSTREAM_TASKS_COMPLETED"
    assert top["notify"]["dependentTasks"] == ["exit-handler-1"]
    inside = graph["components"]["comp-exit-handler-1"]["dag"]["tasks"]
    assert inside.keys() == {"check-retrain", "condition-2"}
    condition = inside["condition-2"]["triggerPolicy"]["condition"]
    assert " ".join(condition.split()) == "inputs.parameter_values['pipelinechannel--check-retrain-Output'] == true"
    done = graph["components"]["comp-condition-2"]["dag"]["tasks"]
    assert done.keys() == {"transfer", "record-retraining"}
    assert {name.replace("-", "_") for name, _ in tasks(graph, graph["components"]["comp-transfer"]["dag"])} == set(
        STEPS
    )


@pytest.mark.parametrize("name", PIPELINES)
def test_kubeflow_answers_only_for_steps_whose_inputs_are_digests(graphs: Mapping[str, Any], name: str) -> None:
    cached = {each for each, task in tasks(graphs[name][0]) if task["cachingOptions"].get("enableCache")}
    assert cached == CACHED & {each for each, _ in tasks(graphs[name][0])}


@pytest.mark.parametrize("name", PIPELINES)
def test_what_the_form_says_of_resources_reaches_every_step_that_computes_and_no_other(
    graphs: Mapping[str, Any], name: str
) -> None:
    graph, _ = graphs[name]
    executors = graph["deploymentSpec"]["executors"]
    found = {label: each["container"].get("resources") for label, each in executors.items()}
    for label, resources in found.items():
        assert (resources is not None) == (label.removeprefix("exec-") in HEAVY), label
        if resources:
            assert {key: resources[key] for key in ("resourceCpuLimit", "resourceCpuRequest")} == dict.fromkeys(
                ("resourceCpuLimit", "resourceCpuRequest"), "{{$.inputs.parameters['pipelinechannel--cpus']}}"
            )
            assert resources["resourceMemoryLimit"] == "{{$.inputs.parameters['pipelinechannel--memory']}}"
            accelerator = resources["accelerator"]
            assert accelerator["resourceCount"] == "{{$.inputs.parameters['pipelinechannel--accelerators']}}"
            assert accelerator["resourceType"] == "{{$.inputs.parameters['pipelinechannel--accelerator_type']}}"


@pytest.mark.parametrize("name", PIPELINES)
def test_every_parameter_that_a_task_takes_from_around_it_is_there(graphs: Mapping[str, Any], name: str) -> None:
    graph, _ = graphs[name]
    for label, component in graph["components"].items():
        if "dag" not in component:
            continue
        there = component.get("inputDefinitions", {}).get("parameters", {}).keys()
        for task, each in component["dag"]["tasks"].items():
            for parameter in each.get("inputs", {}).get("parameters", {}).values():
                outer = parameter.get("componentInputParameter")
                assert outer is None or outer in there, f"{label}: {task} takes {outer}"


@pytest.mark.parametrize("name", PIPELINES)
def test_pods_are_placed_by_the_form_and_have_secrets_by_name_that_need_not_exist(
    graphs: Mapping[str, Any], name: str
) -> None:
    _, platforms = graphs[name]
    executors = platforms["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for label, settings in executors.items():
        if label.removeprefix("exec-") in HEAVY:
            assert _parameter(settings["tolerations"][0]["tolerationJson"]) == "tolerations"
            assert _parameter(settings["nodeSelector"]["nodeSelectorJson"]) == "node_selector"
        secrets = {_parameter(each["secretNameParameter"]): each for each in settings["secretAsEnv"]}
        run = {"name": "KFP_RUN_ID", "fieldPath": "metadata.labels['pipeline/runid']"}
        assert settings["fieldPathAsEnv"] == [run]
        assert secrets.keys() == ({"store_secret", "notify_secret"} if label == "exec-notify" else {"store_secret"})
        assert all(each["optional"] for each in secrets.values())
        keys = [each["envVar"] for each in secrets["store_secret"]["keyToEnv"]]
        assert tuple(keys) == STORE_KEYS
    images = {each["container"]["image"] for each in graphs[name][0]["deploymentSpec"]["executors"].values()}
    assert images == {IMAGE}


def _parameter(said: dict[str, str]) -> str:
    return said["componentInputParameter"].removeprefix("pipelinechannel--")


def test_equal_graphs_have_equal_versions_and_others_do_not() -> None:
    assert compiled("score") == compiled("score")
    assert len({compiled(name).digest for name in PIPELINES}) == len(PIPELINES)
    assert compiled("score").version.startswith("score-0.")


def test_compiling_writes_each_graph_and_the_objects_that_hold_it(tmp_path: Path) -> None:
    written = compile_all(tmp_path / "new")
    assert sorted(path.name for path in written) == sorted(
        f"{name}{suffix}" for name in PIPELINES for suffix in (".yaml", ".objects.yaml")
    )
    for name in PIPELINES:
        graph = list(yaml.safe_load_all((tmp_path / "new" / f"{name}.yaml").read_text()))
        pipeline, version = yaml.safe_load_all((tmp_path / "new" / f"{name}.objects.yaml").read_text())
        assert (pipeline["kind"], version["kind"]) == ("Pipeline", "PipelineVersion")
        assert pipeline["metadata"]["name"] == version["spec"]["pipelineName"] == name
        assert version["metadata"]["name"] == compiled(name).version
        assert version["spec"]["pipelineSpec"] == graph[0]
        assert version["spec"]["platformSpec"] == graph[1]


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = CliRunner().invoke(main, ["pipelines", "compile", "--out", str(tmp_path / "file" / "folder")])
    assert ended.exit_code == 1
    assert f"error [store/unreachable] {tmp_path}/file/folder: it cannot be written: Not a directory." in ended.stderr
