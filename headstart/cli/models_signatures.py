"""headstart models sign and verify-signature."""

from pathlib import Path

import click

from headstart.cli import output
from headstart.errors import UsageError
from headstart.registry import Registry, keys, signing
from headstart.registry.policy import REQUIRE_SIGNATURE, SIGNING_KEY, Policy


@click.command()
@output.reference
@click.option(
    "--key",
    required=True,
    envvar=SIGNING_KEY,
    show_envvar=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The private elliptic key, in PEM.",
)
@output.registry
@output.as_json
def sign(reference: str, key: Path, uri: str, as_json: bool) -> None:
    """Sign a version, also one that other keys have signed: its files, its record and its provenance.

    NAME alone is the model's latest version. Look at where it is from before you vouch for it.
    """
    registry = Registry(uri)
    version = registry.resolve(reference)
    signer = signing.sign(registry.store, version, key)
    if as_json:
        output.say_json({"name": version.name, "version": version.version, "key": signer})
    else:
        click.echo(f"{version.name} version {version.version} is signed by key {signer}.")


@click.command("verify-signature")
@output.reference
@click.option(
    "--key",
    "trusted",
    multiple=True,
    metavar="FILE[@DATE]",
    help=f"A public key in PEM that is trusted, by default those of {REQUIRE_SIGNATURE}; DATE is the day it retired.",
)
@output.registry
@output.as_json
def verify_signature(reference: str, trusted: tuple[str, ...], uri: str, as_json: bool) -> None:
    """Verify that a trusted key has signed a version: its files by digest, its record and its provenance.

    NAME alone is the model's latest version. The files' bytes are verified whenever they are read.
    """
    registry = Registry(uri)
    accepted = keys.parse_all(trusted) or Policy.here().trusted
    if not accepted:
        remedy = f"Name one with --key, or in the environment variable {REQUIRE_SIGNATURE}."
        raise UsageError("signature/bad-key", "no key is trusted.", remedy=remedy)
    version = registry.resolve(reference)
    signed = signing.verify(registry.store, version, accepted)
    if as_json:
        said = {"name": version.name, "version": version.version, "key": signed.key, "trusted": str(signed.trusted)}
        output.say_json(said | {"signatures": list(signed.files)})
        return
    click.echo(f"{version.name} version {version.version} is signed by {signed.trusted} (key {signed.key}).")
    for each in signed.files:
        click.echo(f"  {each}")
