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


def sign_request(key, method, target, headers, body, region="us-east-1", at=None):
    """The headers of a request, signed as AWS's SDKs sign them: all of them, in Authorization."""
    key_id, secret = key
    at = at or now()
    signed = [*headers, ("x-amz-date", f"{at:%Y%m%dT%H%M%SZ}")]
    path, _, query = target.partition("?")
    pairs = sorted(
        tuple(urllib.parse.quote(urllib.parse.unquote_to_bytes(part), safe="-_.~") for part in pair)
        for pair in (piece.partition("=")[::2] for piece in query.split("&") if query)
    )
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in signed)
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        [method, urllib.parse.quote(path, safe="/-_.~"), "&".join("=".join(p) for p in pairs)]
        + [f"{name}:{value}" for name, value in lines]
        + ["", names, hashlib.sha256(body).hexdigest()]
    )
    scope = f"{at:%Y%m%d}/{region}/{SERVICE}/aws4_request"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", f"{at:%Y%m%dT%H%M%SZ}", scope]
        + [hashlib.sha256(canonical.encode()).hexdigest()]
    )
    derived = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    signature_hex = hmac.digest(derived, to_sign.encode(), "sha256").hex()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature_hex}"
    )
    return [*signed, ("authorization", authorization)]
