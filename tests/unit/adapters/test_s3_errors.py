"""What S3 refuses is told in words that say what to do."""

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from headstart.adapters.s3_errors import status, told


def refusal(code: str, http: int = 403) -> ClientError:
    said = {"Error": {"Code": code, "Message": "as the server says"}, "ResponseMetadata": {"HTTPStatusCode": http}}
    return ClientError(said, "PutObject")


@pytest.mark.parametrize(
    ("code", "problem", "remedy"),
    [
        ("InvalidAccessKeyId", "does not know these credentials", "AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "does not accept these credentials", "AWS_SECRET_ACCESS_KEY"),
        ("ExpiredToken", "have expired", "Log in again"),
        ("AccessDenied", "may not do this", "Ask for the right"),
        ("RequestTimeTooSkewed", "clock is too far from the server's", "Set the clock"),
        ("AuthorizationHeaderMalformed", "in another region", "AWS_DEFAULT_REGION"),
        ("PermanentRedirect", "in another region", "AWS_DEFAULT_REGION"),
    ],
)
def test_a_known_refusal_says_what_to_do(code: str, problem: str, remedy: str) -> None:
    try:
        try:
            raise refusal(code)
        except ClientError as cause:
            raise PermissionError("translated") from cause
    except PermissionError as error:
        found = told(error, "s3://bucket/key")
    assert (found.code, found.where) == ("store/unreachable", "s3://bucket/key")
    assert problem in found.problem
    assert remedy in found.remedy


def test_missing_credentials_are_told_from_wrong_ones() -> None:
    found = told(NoCredentialsError(), "s3://bucket")
    assert "there are no AWS credentials" in found.problem
    assert "AWS_PROFILE" in found.remedy


def test_what_is_not_known_is_told_as_the_server_said_it() -> None:
    assert "as the server says" in told(refusal("SlowDown", 503), "s3://bucket").problem


def test_the_status_is_found_behind_a_translated_error() -> None:
    error = OSError("translated")
    error.__cause__ = refusal("PreconditionFailed", 412)
    assert status(error) == 412
    assert status(OSError("no answer at all")) is None
