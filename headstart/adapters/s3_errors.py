"""What S3 says when it refuses, in words that tell what to do about it."""

from typing import NamedTuple

from headstart.errors import StoreError

_CREDENTIALS = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the pod's role."
_DENIED = "Ask for the right to do this, or use other credentials."
_SERVER = "Check AWS_ENDPOINT_URL, the region and the credentials, and that they may do this."


class _Said(NamedTuple):
    problem: str
    remedy: str


_KNOWN = {
    "NoCredentialsError": _Said("there are no AWS credentials", _CREDENTIALS),
    "PartialCredentialsError": _Said("the AWS credentials are incomplete", _CREDENTIALS),
    "InvalidAccessKeyId": _Said("the server does not know these credentials", _CREDENTIALS),
    "SignatureDoesNotMatch": _Said("the server does not accept these credentials", _CREDENTIALS),
    "ExpiredToken": _Said("the credentials have expired", "Log in again."),
    "AccessDenied": _Said("these credentials may not do this", _DENIED),
    "AllAccessDisabled": _Said("these credentials may not do this", _DENIED),
    "RequestTimeTooSkewed": _Said(
        "this machine's clock is too far from the server's", "Set the clock, for example by NTP."
    ),
    "AuthorizationHeaderMalformed": _Said("the bucket is in another region", "Set AWS_DEFAULT_REGION to the bucket's."),
    "PermanentRedirect": _Said("the bucket is in another region", "Set AWS_DEFAULT_REGION to the bucket's."),
    "IllegalLocationConstraintException": _Said(
        "the bucket is in another region", "Set AWS_DEFAULT_REGION to the bucket's."
    ),
}


def told(error: BaseException, where: str) -> StoreError:
    """The error to show for what botocore or the network raised."""
    reason = str(error).rstrip(".") or type(error).__name__
    for name in _names(error):
        if name in _KNOWN:
            said = _KNOWN[name]
            return StoreError("store/unreachable", f"{said.problem} ({reason}).", remedy=said.remedy, where=where)
    return StoreError("store/unreachable", f"{reason}.", remedy=_SERVER, where=where)


def status(error: BaseException | None) -> int | None:
    """The HTTP status behind an error, if there was an answer."""
    for each in _chain(error):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return found if isinstance(found, int) else None
    return None


def _names(error: BaseException) -> list[str]:
    """What the errors of a chain are called, by the server and by Python."""
    found = []
    for each in _chain(error):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            found.append(str(response.get("Error", {}).get("Code", "")))
        found.append(type(each).__name__)
    return found


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
