"""An OpenID Connect provider that runs in the tests: real HTTP, keys made at run time."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "labitory", "a-secret-that-only-the-provider-knows"
_PERSON = {
    "sub": "ada-at-the-provider",
    "email": "ada@example.org",
    "email_verified": True,
    "preferred_username": "ada",
    "given_name": "Ada",
    "family_name": "Student",
}


def new_key() -> rsa.RSAPrivateKey:
    """A key that exists for one test run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(kw_only=True)
class OidcProvider:
    """Whom it knows, and what it says wrongly: `lies` change the id token, None takes a claim away.

    `algorithm` may be `none`, or `forged` for a key that nobody published.
    """

    issuer: str
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    person: dict[str, Any] = field(default_factory=lambda: dict(_PERSON))
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    asks: bool = False
    declines: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    heard: list[dict[str, str]] = field(default_factory=list)

    def configuration(self) -> dict[str, Any]:
        """What discovery tells."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        """The published half of the key."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def authorise(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to: with a code, or with a no."""
        self.heard.append(asked)
        if self.declines:
            answer = {"error": "access_denied"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer = {"code": code}
        return f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}"

    def exchange(self, given: dict[str, str]) -> dict[str, Any] | None:
        """The tokens of a code, once, to whoever began (PKCE); None for anybody else."""
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
            return None
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked.get("code_challenge_method") != "S256" or asked["code_challenge"] != challenge:
            return None
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"]),
        }

    def id_token(self, nonce: str) -> str:
        """Who it is, signed; with the lies that the test asked for."""
        at = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            **self.person,
            **self.lies,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": "one"}
        if self.algorithm == "none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        key = new_key() if self.algorithm == "forged" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)


class Handler(BaseHTTPRequestHandler):
    """Answers for the provider, like any web server."""

    provider: ClassVar[Any]
    base: ClassVar[str]

    def log_message(self, *_words: Any) -> None:
        """Quiet: what matters is asserted."""

    def do_GET(self) -> None:
        """Discovery, keys, the login page and who somebody is."""
        parts = urlsplit(self.path)
        asked = _single(parts.query)
        if self.is_about_icon():
            return
        match parts.path.removeprefix(self.base):
            case "/.well-known/openid-configuration":
                self.say_json(200, self.provider.configuration())
            case "/keys":
                self.say_json(200, self.provider.keys())
            case "/authorize" if self.provider.asks:
                yes = f"{self.base}/yes?{parts.query}".replace("&", "&amp;")
                page = f'<!doctype html><title>Campus</title><a href="{yes}">Yes, it is me</a>'
                self.say(200, page.encode(), "text/html; charset=utf-8")
            case "/authorize" | "/yes":
                self.send_response(302)
                self.send_header("Location", self.provider.authorise(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/userinfo":
                self.say_json(200, self.provider.person)
            case _:
                self.say_json(404, {})

    def do_POST(self) -> None:
        """The exchange of a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        word = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {word}"
        tokens = self.provider.exchange(_single(body)) if known else None
        if tokens is None:
            self.say_json(400, {"error": "invalid_grant"})
        else:
            self.say_json(200, tokens)

    def is_about_icon(self) -> bool:
        """Browsers ask any site for its icon; we have none."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        return self.path == "/favicon.ico"

    def say_json(self, status: int, value: Any) -> None:
        """An answer for programs."""
        self.say(status, json.dumps(value).encode(), "application/json")

    def say(self, status: int, body: bytes, kind: str) -> None:
        """An answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on loopback for a while; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """A provider that answers for a while, at an address that nobody has cached."""
    base = f"/{secrets.token_hex(4)}"
    handler = type("OidcHandler", (Handler,), {"base": base})
    with serving(handler) as address:
        provider = OidcProvider(issuer=f"{address}{base}")
        handler.provider = provider  # type: ignore[attr-defined]
        yield provider


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
