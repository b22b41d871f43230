"""The whole job with everything on S3: data, backbone, workspace, checkpoints and registry."""

import json
from pathlib import Path

from headstart.registry import Registry
from headstart.spec import Spec
from headstart.steps import STEPS
from headstart.store import open_store
from tests.support.commands import headstart


def test_a_run_with_everything_on_s3_ends_in_a_version_there(
    bucket: str, tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    store = open_store(bucket)
    store.upload(tiny_export, "exports/messages.csv")
    for path in tiny_backbone.iterdir():
        store.upload(path, f"models/tiny/{path.name}")
    spec = Spec.model_validate(
        {
            "name": "messages",
            "data": f"{bucket}/exports/messages.csv",
            "backbones": [f"{bucket}/models/tiny"],
            "search": {"trials": 4, "heads": ["ridge"]},
            "tune": {"epochs": 1},
            "compute": {"workers": 2, "cpus_per_worker": 1},
            "registry": {"uri": f"{bucket}/registry"},
            "workspace": f"{bucket}/work",
        }
    )
    (tmp_path / "spec.json").write_text(spec.to_json())
    done = headstart("run", "spec.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{bucket}/work/runs/" in done.stdout

    registry = Registry(f"{bucket}/registry")
    assert registry.aliases("messages") == {"champion": 1}
    assert len(registry.load("messages@champion").predict(["where is my parcel"])) == 1
    left = {info.key.split("/")[2] for info in store.list("work/ray/")}
    assert all(name.startswith("search-") for name in left), "checkpoints of a finished training are removed"
    assert not list(store.list("registry/leases/"))

    store.put("specs/messages.json", spec.to_json().encode())
    again = headstart("run", f"{bucket}/specs/messages.json", "--on", "local", "--json", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    job = json.loads(again.stdout)
    assert "Nothing to do" in again.stderr, "the job's own log"
    assert job["spec_uri"] == f"{bucket}/work/jobs/{job['id']}/spec.json"
    assert job["result"]["outcome"]["version"] == {"name": "messages", "version": 1, "registry": f"{bucket}/registry"}
    assert set(job["result"]["digests"]) == set(STEPS)
    assert store.get(f"work/jobs/{job['id']}/log.txt") is not None
