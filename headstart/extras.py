"""Packages that only some uses need, and what to install where one is missing."""

from types import MappingProxyType

from headstart.errors import UsageError

_EXTRA_OF = MappingProxyType(
    dict.fromkeys(
        (
            "PIL",
            "defusedxml",
            "huggingface_hub",
            "jinja2",
            "numpy",
            "openpyxl",
            "orjson",
            "pyarrow",
            "ray",
            "safetensors",
            "scipy",
            "sklearn",
            "tensorboardX",
            "threadpoolctl",
            "torch",
            "transformers",
            "xxhash",
        ),
        "engine",
    )
    | {"mlflow": "mlflow", "obstore": "clouds", "openlineage": "lineage"}
    | dict.fromkeys(("cronsim", "kfp", "kfp_server_api", "tzdata"), "kubeflow")
    | dict.fromkeys(("cryptography", "model_signing"), "signing")
)


def extra_of(error: ModuleNotFoundError) -> UsageError | None:
    """The error to show for a module that an extra would have brought, or None if none would."""
    package = (error.name or "").partition(".")[0]
    extra = _EXTRA_OF.get(package)
    if extra is None:
        return None
    return UsageError(
        "install/extra",
        f"this takes {package}, which is not installed.",
        remedy=f"Install it: pip install 'headstart[{extra}]'.",
    )
