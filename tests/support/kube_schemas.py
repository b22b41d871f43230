"""What the API server would say to an object's shape: unknown fields, missing ones, wrong types.

Kubernetes' own kinds are checked by kubernetes-validate, KubeRay's by the schemas of its custom resource definitions. Their
rules in CEL, and values that they leave open, are for :mod:`tests.support.kuberay_rules`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tests.support.kube_api import Object

_KUBERNETES = "1.33"


class Schemas:
    """The schemas of Kubernetes and of the definitions in a folder."""

    def __init__(self, definitions: Path) -> None:
        self._added = dict(_definitions(definitions))

    def problems(self, checked: Object) -> list[str]:
        """What is wrong with an object's shape."""
        schema = self._added.get((checked["apiVersion"], checked["kind"]))
        if schema is not None:
            return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(checked)]
        try:
            kubernetes_validate.validate(checked, _KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            return [f"{'.'.join(map(str, error.path))}: {error.message}"]
        return []


def _definitions(folder: Path) -> Iterator[tuple[tuple[str, str], jsonschema.Draft202012Validator]]:
    for path in folder.glob("*.yaml"):
        definition = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
        for version in definition["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            key = (f"{definition['group']}/{version['name']}", definition["names"]["kind"])
            yield key, jsonschema.Draft202012Validator(schema)


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A structural schema as a JSON Schema that knows no other fields."""
    made = dict(schema)
    if made.pop("x-kubernetes-int-or-string", False):
        made.pop("anyOf", None)
        made["type"] = ["integer", "string"]
    elif made.get("nullable"):
        made["type"] = [made["type"], "null"]
    inner = made.get("properties", {})
    if inner:
        made["properties"] = {name: _strict(each) for name, each in inner.items()}
        if not made.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    # The API server fills in defaults before it looks.
    made["required"] = [name for name in made.get("required", []) if "default" not in inner.get(name, {})]
    for key in ("items", "additionalProperties"):
        if isinstance(made.get(key), dict):
            made[key] = _strict(made[key])
    return made
