"""A run that is killed, wherever, ends as an undisturbed one does."""

from pathlib import Path

from headstart.registry import Registry
from headstart.runs import run
from headstart.steps import STEPS
from tests.support.commands import headstart, headstart_until
from tests.support.inline import made_of, spec_for


def test_a_run_killed_after_each_step_goes_on_with_the_next_and_ends_the_same(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    undisturbed = run(spec_for(tmp_path / "undisturbed", tiny_backbone, tiny_export))
    spec = spec_for(tmp_path / "killed", tiny_backbone, tiny_export)
    (tmp_path / "spec.json").write_text(spec.to_json())

    for number, step in enumerate(STEPS):
        lines, status = headstart_until(
            "run", "spec.json", folder=tmp_path, last=lambda line, step=step: line.startswith(f"✓ {step} ")
        )  # type: ignore[misc]
        steps = [line.split() for line in lines if line.startswith("✓")]
        assert status == -9 or step == "register", "\n".join(lines)
        assert [words[1] for words in steps] == list(STEPS)[: number + 1]
        assert [words[2] == "found" for words in steps] == [True] * number + [False], "\n".join(lines)

    last = headstart("run", "spec.json", folder=tmp_path)
    assert last.returncode == 0, last.stderr
    assert "Nothing to do" in last.stdout
    registry = Registry(spec.registry.uri)
    assert registry.versions("messages") == [1]
    version = registry.resolve("messages@champion")
    assert made_of(version) == made_of(undisturbed.version)
    assert version.metrics == undisturbed.version.metrics


def test_a_run_killed_in_its_training_leaves_no_process_behind(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    import psutil

    before = {process.pid for process in psutil.process_iter()}
    spec = spec_for(tmp_path, tiny_backbone, tiny_export)
    (tmp_path / "spec.json").write_text(spec.to_json())
    headstart_until("run", "spec.json", folder=tmp_path, last=lambda line: line.startswith("✓ search_heads "))
    mine = [process for process in psutil.process_iter() if process.pid not in before and _is_ray(process)]
    # Ray's agents first try for a minute to tell the driver, which is dead, that its raylet is.
    _, alive = psutil.wait_procs(mine, timeout=300)
    assert not alive, [process.cmdline() for process in alive]


def _is_ray(process: object) -> bool:
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        return any("ray" in word for word in process.cmdline()[:3])
    except psutil.Error:
        return False
