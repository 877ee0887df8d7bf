"""AWS Signature Version 4 as tests need it: connection tokens, made and taken apart."""

import datetime
import hashlib
import hmac
import urllib.parse

SERVICE = "dsql"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def encode(parameters):
    return urllib.parse.urlencode(
        sorted(parameters.items()), safe="-_.~", quote_via=urllib.parse.quote
    )


def signature(parameters, host, secret):
    """Of a presigned GET of `/` with these parameters and the one header `host`."""
    scope = parameters["X-Amz-Credential"].split("/")[1:]
    canonical = f"GET\n/\n{encode(parameters)}\nhost:{host}\n\nhost\n{EMPTY_HASH}"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", parameters["X-Amz-Date"], "/".join(scope)]
        + [hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = b"AWS4" + secret.encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def make_token(
    key_id,
    secret,
    host,
    action="DbConnect",
    region="us-east-1",
    service=SERVICE,
    at=None,
    expires_s=900,
):
    at = at or now()
    parameters = {
        "Action": action,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key_id}/{at:%Y%m%d}/{region}/{service}/aws4_request",
        "X-Amz-Date": f"{at:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": "host",
    }
    signed = signature(parameters, host, secret)
    return f"{host}/?{encode(parameters)}&X-Amz-Signature={signed}"


def open_token(token, secret):
    """(host, parameters) of a token whose signature is right."""
    host, query = token.strip().split("/?")
    parameters = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
    assert parameters.pop("X-Amz-Signature") == signature(parameters, host, secret), token
    return host, parameters
