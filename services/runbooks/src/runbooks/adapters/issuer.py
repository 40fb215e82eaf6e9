"""The public keys of an identity provider, found by discovery and fetched again when it rotates them."""

from __future__ import annotations

__all__ = ["IssuerKeys"]

import asyncio
import time
from collections.abc import Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey

from runbooks.adapters.fetch import fetch, is_protected
from runbooks.canonical import loads
from runbooks.errors import CanonicalError, PermanentPortError, PortError, RequestError

# Keys are looked for again after the first, and serve through an outage until the second; a token with an unknown
# key makes us look at most this often, however many come.
FRESH_SECONDS = 600.0
LONGEST_SECONDS = 3600.0
RETRY_SECONDS = 30.0
_MIN_RSA_BITS = 2048


class IssuerKeys:
    """Keys by their `kid`; `clock` gives monotonic seconds."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._keys: list[Key] | None = None
        self._fetched = self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of a token's header; None for one that the issuer does not have.

        Without a `kid` it must be the only one for that algorithm. Raises RequestError (`request.issuer`) when the
        issuer does not answer and what it said before is too old.
        """
        async with self._lock:
            if self._clock() - self._fetched >= FRESH_SECONDS:
                await self._refresh(may_fail=self._clock() - self._fetched < LONGEST_SECONDS)
            found = self._match(kid, algorithm)
            if found is None and self._clock() - self._tried >= RETRY_SECONDS:
                await self._refresh(may_fail=False)
                found = self._match(kid, algorithm)
            return found

    def _match(self, kid: str | None, algorithm: str) -> Key | None:
        fitting = [key for key in self._keys or [] if _fits(key, algorithm) and kid in (None, key.get("kid"))]
        return fitting[0] if len(fitting) == 1 else None

    async def _refresh(self, *, may_fail: bool) -> None:
        waits = self._tried + RETRY_SECONDS - self._clock()
        if waits > 0:
            if may_fail:
                return
            raise self._unavailable(int(waits) + 1)
        self._tried = self._clock()
        try:
            self._keys = await asyncio.to_thread(self._fetch)
        except PortError as error:
            if may_fail:
                return
            raise self._unavailable(int(RETRY_SECONDS)) from error
        self._fetched = self._clock()

    def _fetch(self) -> list[Key]:
        where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = _object(where)
        if document.get("issuer") != self._issuer:
            raise PermanentPortError(f"{where}: is of another issuer", code="issuer.other")
        address = document.get("jwks_uri")
        if not isinstance(address, str) or not is_protected(address):
            raise PermanentPortError(f"{where}: jwks_uri must be an https:// address", code="issuer.keys")
        keys = _object(address).get("keys")
        if not isinstance(keys, list):
            raise PermanentPortError(f"{address}: has no keys", code="issuer.keys")
        return [key for key in map(_key, keys) if key is not None]

    def _unavailable(self, retry_after: int) -> RequestError:
        message = f"the keys of {self._issuer} cannot be had now, so no token of it can be checked; try again later"
        return RequestError(message, code="request.issuer", retry_after=retry_after)


def _object(address: str) -> dict[str, Any]:
    status, data = fetch(address)
    if status != 200:
        raise PermanentPortError(f"{address}: answered {status}", code="issuer.answer")
    try:
        found = loads(data)
    except CanonicalError as error:
        raise PermanentPortError(f"{address}: {error}", code="issuer.answer") from None
    if not isinstance(found, dict):
        raise PermanentPortError(f"{address}: expected a JSON object", code="issuer.answer")
    return found


def _key(stated: Any) -> Key | None:
    """A key that signatures can be checked with; None for all others, which an issuer may have beside it."""
    if not isinstance(stated, dict) or stated.get("kty") not in ("RSA", "EC", "OKP") or stated.get("use") == "enc":
        return None
    try:
        key = JWKRegistry.import_key(stated)
        is_weak = isinstance(key, RSAKey) and key.raw_value.key_size < _MIN_RSA_BITS
    except (JoseError, ValueError, TypeError):
        return None
    return None if is_weak else key


def _fits(key: Key, algorithm: str) -> bool:
    kind = {"RS256": ("RSA", None), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}[algorithm]
    return (key.key_type, key.get("crv")) == kind and key.get("alg") in (None, algorithm)
