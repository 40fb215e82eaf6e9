"""Bearer tokens of an identity provider (OpenID Connect; JWT access tokens as in RFC 9068).

What a token says is believed when the provider's key signed it, for this service, and now. Who may do what is not in
it: roles that it claims go to the policies as a claim.
"""

from __future__ import annotations

__all__ = ["OidcRules", "OidcTokens", "read_oidc"]

import base64
import binascii
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwt import JWTClaimsRegistry

from runbooks.adapters.fetch import is_protected
from runbooks.adapters.issuer import IssuerKeys
from runbooks.callers import Caller
from runbooks.canonical import loads
from runbooks.errors import CanonicalError, RequestError, SettingsError

ALGORITHMS = ("RS256", "ES256", "EdDSA")
_TYPES = frozenset({"jwt", "at+jwt"})
_MAX_TOKEN = 16 * 1024
_MAX_NAME = 256
_MAX_ROLES = 200
_MAX_SKEW = 300


@dataclass(frozen=True)
class OidcRules:
    """The setting `oidc`: whose tokens are taken, and where in them it says who calls.

    `roles_claim` is a claim's name, or a JSON Pointer such as `/realm_access/roles`; `parties` are the clients whose
    tokens are taken (`azp`, `client_id`), all when there are none; `skew` is how many seconds clocks may differ.
    """

    issuer: str
    audience: str
    subject_claim: str = "sub"
    roles_claim: str = ""
    parties: Sequence[str] = ()
    skew: int = 60


def read_oidc(stated: Mapping[str, Any]) -> OidcRules | None:
    """The setting, checked; None when nothing is stated. Raises SettingsError."""
    if not stated:
        return None
    names = {
        "issuer": "issuer",
        "audience": "audience",
        "subjectClaim": "subject_claim",
        "rolesClaim": "roles_claim",
        "authorizedParties": "parties",
        "skewSeconds": "skew",
    }
    unknown = sorted(stated.keys() - names.keys())
    if unknown:
        raise SettingsError(f"oidc: unknown member {unknown[0]}; known: {', '.join(names)}")
    for name in ("issuer", "audience", "subjectClaim", "rolesClaim"):
        value = stated.get(name, "-")
        if not isinstance(value, str) or (not value and name != "rolesClaim"):
            raise SettingsError(f"oidc: {name} must be a text")
    parties, skew = stated.get("authorizedParties", []), stated.get("skewSeconds", 0)
    if not isinstance(parties, list) or not all(isinstance(party, str) for party in parties):
        raise SettingsError("oidc: authorizedParties must be a list of texts")
    if type(skew) is not int or not 0 <= skew <= _MAX_SKEW:
        raise SettingsError(f"oidc: skewSeconds must be a whole number from 0 to {_MAX_SKEW}")
    missing = [name for name in ("issuer", "audience") if name not in stated]
    if missing:
        raise SettingsError(f"oidc: {missing[0]} is missing")
    if not is_protected(stated["issuer"]):
        raise SettingsError("oidc: issuer must be an https:// address; http:// is for this machine only")
    return OidcRules(**{names[name]: value for name, value in stated.items()})


class OidcTokens:
    """Tokens of one issuer; `now` gives seconds since 1970."""

    def __init__(self, rules: OidcRules, keys: IssuerKeys, now: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._keys = keys
        self._now = now

    async def find(self, token: str) -> Caller:
        """Who a token speaks for.

        Raises RequestError: `request.token` says what is wrong with it, `request.issuer` that its keys cannot be had.
        """
        if len(token) > _MAX_TOKEN:
            raise _refused(f"it is longer than {_MAX_TOKEN} bytes")
        algorithm, kid = _header(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise _refused(f"the issuer {self._rules.issuer} has no key for it")
        try:
            with warnings.catch_warnings():
                # That `EdDSA` should be written `Ed25519` in the future (RFC 9864): issuers do not yet.
                warnings.simplefilter("ignore", SecurityWarning)
                signed = jws.deserialize_compact(token, key, algorithms=[algorithm])
        except (JoseError, ValueError):
            raise _refused("its signature is not that of the issuer") from None
        claims = _claims(signed.payload or b"")
        self._check(claims)
        return Caller(self._subject(claims), "oidc", float(claims["exp"]), self._roles(claims))

    def _check(self, claims: dict[str, Any]) -> None:
        rules = self._rules
        registry = JWTClaimsRegistry(
            now=int(self._now()),
            leeway=rules.skew,
            iss={"essential": True, "value": rules.issuer},
            aud={"essential": True, "value": rules.audience},
            exp={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise _refused("it expired; get a new one") from None
        except ClaimError as error:
            why = {"iss": f"it is not of {rules.issuer}", "aud": f"it is not for {rules.audience}"}
            raise _refused(why.get(str(error.claim), f"its claim {error.claim} is missing or does not hold")) from None
        if rules.parties and claims.get("azp", claims.get("client_id")) not in rules.parties:
            raise _refused("the client that it was made for (azp) is not one of authorizedParties")

    def _subject(self, claims: dict[str, Any]) -> str:
        name = self._rules.subject_claim
        found = claims.get(name)
        if not isinstance(found, str) or not 1 <= len(found) <= _MAX_NAME:
            raise _refused(f"its claim {name} must be a text of 1 to {_MAX_NAME} characters")
        if name == "email" and claims.get("email_verified") is not True:
            raise _refused("its claim email is not verified by the issuer")
        return found

    def _roles(self, claims: dict[str, Any]) -> tuple[str, ...]:
        name = self._rules.roles_claim
        found: Any = claims
        for part in name.split("/")[1:] if name.startswith("/") else [name]:
            found = found.get(part) if isinstance(found, dict) else None
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list) or len(found) > _MAX_ROLES:
            return ()
        return tuple(role for role in found if isinstance(role, str) and len(role) <= _MAX_NAME)


def _header(token: str) -> tuple[str, str | None]:
    """Algorithm and key id."""
    first = token.partition(".")[0]
    try:
        header = loads(base64.b64decode(first + "=" * (-len(first) % 4), altchars="-_", validate=True))
    except (binascii.Error, ValueError, CanonicalError):
        raise _refused("its header is no strict JSON") from None
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise _refused(f"it must be signed with one of {', '.join(ALGORITHMS)}")
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _TYPES:
        raise _refused("its typ must be JWT or at+jwt")
    if kid is not None and not isinstance(kid, str):
        raise _refused("its kid must be a text")
    return header["alg"], kid


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        found = loads(payload)
    except CanonicalError as error:
        raise _refused(f"its claims are no strict JSON ({error.code})") from None
    if not isinstance(found, dict):
        raise _refused("its claims are no object")
    return found


def _refused(why: str) -> RequestError:
    return RequestError(f"the token is refused: {why}", code="request.token")
