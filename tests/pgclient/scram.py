"""SCRAM-SHA-256 (RFC 5802, 7677) from the client's side, without channel binding."""

import base64
import hashlib
import hmac
import os


def _mac(key, message):
    return hmac.new(key, message, "sha256").digest()


class ScramClient:
    """`first()`, then `final(server_first)`, then `verify(server_final)`."""

    def __init__(self, password):
        self._password = password.encode()
        self._nonce = base64.b64encode(os.urandom(18)).decode()
        self._bare = "n=,r=" + self._nonce
        self._server_signature = None

    def first(self):
        return ("n,," + self._bare).encode()

    def final(self, server_first):
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        if not fields["r"].startswith(self._nonce):
            raise ValueError("the server's nonce does not begin with ours")
        salted = hashlib.pbkdf2_hmac(
            "sha256", self._password, base64.b64decode(fields["s"]), int(fields["i"])
        )
        client_key = _mac(salted, b"Client Key")
        without_proof = "c=biws,r=" + fields["r"]
        signed = ",".join([self._bare, server_first.decode(), without_proof]).encode()
        signature = _mac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self._server_signature = _mac(_mac(salted, b"Server Key"), signed)
        return (without_proof + ",p=" + base64.b64encode(proof).decode()).encode()

    def verify(self, server_final):
        fields = dict(part.split("=", 1) for part in server_final.decode().split(","))
        if base64.b64decode(fields["v"]) != self._server_signature:
            raise ValueError("the server's signature is wrong")
