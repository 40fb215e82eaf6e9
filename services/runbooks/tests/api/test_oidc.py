"""Tokens of an identity provider, against a local one: whose they are, for whom, until when, and by which key."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from runbooks.adapters.issuer import FRESH_SECONDS, LONGEST_SECONDS, RETRY_SECONDS, IssuerKeys
from runbooks.adapters.oidc import OidcRules, OidcTokens, read_oidc
from runbooks.callers import Caller
from runbooks.errors import RequestError, SettingsError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.gates import service_bundle
from services.runbooks.tests.issuer import AUDIENCE, NOW, Issuer, issuing

SKEW = 60
DISCOVERY = "/.well-known/openid-configuration"


@dataclass
class Setting:
    """An issuer, and a service that takes its tokens; `clock` is monotonic, `now` the wall."""

    issuer: Issuer
    clock: float = 0.0
    now: float = NOW
    rules: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = self.made()

    def made(self, **rules: Any) -> OidcTokens:
        keys = IssuerKeys(self.issuer.url, lambda: self.clock)
        return OidcTokens(OidcRules(self.issuer.url, AUDIENCE, **rules), keys, lambda: self.now)

    async def refused(self, token: str, code: str = "request.token") -> str:
        with pytest.raises(RequestError) as caught:
            await self.tokens.find(token)
        assert caught.value.code == code
        assert token not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def setting() -> Iterator[Setting]:
    with issuing() as issuer:
        yield Setting(issuer)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_good_token_says_who_calls_and_until_when(algorithm: str, setting: Setting) -> None:
    setting.issuer.make(algorithm, "k")
    assert await setting.tokens.find(setting.issuer.token("k", algorithm)) == Caller("ann", "oidc", NOW + 600)
    listed = setting.issuer.token("k", algorithm, aud=["other", AUDIENCE])
    assert (await setting.tokens.find(listed)).subject == "ann"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "https://other.example.com"}, "not for"),
        ({"aud": ["a", "b"]}, "not for"),
        ({"aud": None}, "not for"),
        ({"aud": {}}, "not for"),
        ({"iss": "https://other.example.com"}, "not of"),
        ({"iss": None}, "not of"),
        ({"iss": ["x"]}, "not of"),
        ({"exp": None}, "missing"),
        ({"exp": str(NOW + 600)}, "claim exp"),
        ({"exp": True}, "claim exp"),
        ({"sub": None}, "claim sub"),
        ({"sub": ""}, "claim sub"),
        ({"sub": 7}, "claim sub"),
        ({"sub": "x" * 257}, "claim sub"),
        ({"exp": NOW - SKEW}, "expired"),
        ({"exp": NOW - SKEW - 1}, "expired"),
        ({"nbf": NOW + SKEW + 1}, "claim nbf"),
        ({"iat": NOW + SKEW + 1}, "claim iat"),
    ],
    ids=str,
)
async def test_a_token_for_others_or_another_time_is_refused_and_says_why(
    changed: dict[str, Any], said: str, setting: Setting
) -> None:
    assert said in await setting.refused(setting.issuer.token(**changed))


@pytest.mark.parametrize("changed", [{"exp": NOW - SKEW + 1}, {"nbf": NOW + SKEW}, {"iat": NOW + SKEW}], ids=str)
async def test_clocks_may_differ_by_a_minute_either_way(changed: dict[str, Any], setting: Setting) -> None:
    assert (await setting.tokens.find(setting.issuer.token(**changed))).subject == "ann"
    setting.tokens = setting.made(skew=0)
    await setting.refused(setting.issuer.token(**changed))


def unsigned(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


async def test_only_signatures_by_a_published_key_count(setting: Setting) -> None:
    issuer = setting.issuer
    first = issuer.keys["first"]
    assert isinstance(first, RSAKey)
    # The public key as the secret of an HMAC: what everybody has must not sign.
    bare = unsigned({"alg": "HS256", "kid": "first"}, issuer.claims()).rpartition(".")[0]
    for secret in (first.as_pem(private=False), json.dumps(first.as_dict(private=False)).encode()):
        mac = base64.urlsafe_b64encode(hmac.digest(secret, bare.encode(), "sha256")).decode().rstrip("=")
        assert "RS256, ES256, EdDSA" in await setting.refused(f"{bare}.{mac}")
    payload = json.dumps(issuer.claims()).encode()
    for name in ("none", "None", "NONE", "HS256", "RS1", "PS256", "", None, ["RS256"]):
        await setting.refused(unsigned({"alg": name, "kid": "first"}, issuer.claims()))
    await setting.refused(unsigned({"alg": "RS256", "kid": "first"}, issuer.claims()))
    strange = RSAKey.generate_key(2048, {"kid": "first"})
    await setting.refused(issuer.token(key=strange))
    other_kind = ECKey.generate_key("P-256", {"kid": "first"})
    await setting.refused(issuer.token("first", "ES256", key=other_kind))
    carried = {"alg": "RS256", "kid": "first", "jwk": strange.as_dict(private=False)}
    await setting.refused(issuer.sign(payload, carried, key=strange))


async def test_a_token_whose_parts_were_changed_is_refused(setting: Setting) -> None:
    header, payload, signature = setting.issuer.token().split(".")
    other = base64.urlsafe_b64encode(json.dumps(setting.issuer.claims(sub="adm")).encode()).decode().rstrip("=")
    for changed in (
        f"{header}.{other}.{signature}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}.",
    ):
        assert "signature" in await setting.refused(changed)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"iss": "x", "sub": "ann", "sub": "adm"}',
        b'{"sub": "ann", "roles": {"a": 1, "a": 2}}',
        b"[]",
        b"\xff",
        b"",
        b'{"exp": 1e999}',
        b'{"sub": "ann"',
    ],
)
async def test_claims_that_two_could_read_differently_are_refused(payload: bytes, setting: Setting) -> None:
    await setting.refused(setting.issuer.sign(payload, {"alg": "RS256", "kid": "first"}))


@pytest.mark.parametrize("text", [".", "..", "...", "a.b.c", "é.b.c", "e30.e30.e30", "W10.e30.e30", "A" * 17_000])
async def test_what_is_no_token_is_refused_unread(text: str, setting: Setting) -> None:
    assert "refused" in await setting.refused(text)
    assert setting.issuer.asked == []


async def test_duplicate_members_of_the_header_and_other_types_are_refused(setting: Setting) -> None:
    payload = json.dumps(setting.issuer.claims()).encode()
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"x","kid":"first"}').decode().rstrip("=")
    assert "strict JSON" in await setting.refused(f"{header}.e30.AAAA")
    for kind in ("logout+jwt", "dpop+jwt", "secevent+jwt"):
        assert "typ" in await setting.refused(
            setting.issuer.sign(payload, {"alg": "RS256", "kid": "first", "typ": kind})
        )
    for kind in ("JWT", "at+jwt", "application/at+jwt"):
        token = setting.issuer.sign(payload, {"alg": "RS256", "kid": "first", "typ": kind})
        assert (await setting.tokens.find(token)).subject == "ann"
    critical = {"alg": "RS256", "kid": "first", "crit": ["exp"], "exp": 1}
    header_ = unsigned(critical, {}).partition(".")[0]
    await setting.refused(f"{header_}.{setting.issuer.token().partition('.')[2]}")


async def test_a_new_key_is_found_once_it_is_used_and_strangers_cannot_make_us_ask_often(setting: Setting) -> None:
    issuer = setting.issuer
    await setting.tokens.find(issuer.token())
    assert issuer.asked == [DISCOVERY, "/keys"]
    issuer.make("ES256", "second")
    setting.clock += RETRY_SECONDS
    for _ in range(5):
        assert (await setting.tokens.find(issuer.token("second", "ES256"))).subject == "ann"
    assert len(issuer.asked) == 4
    unknown = RSAKey.generate_key(2048, {"kid": "unknown"})
    for _ in range(20):
        assert "no key" in await setting.refused(issuer.token("unknown", key=unknown))
    assert len(issuer.asked) == 4
    setting.clock += RETRY_SECONDS
    for _ in range(20):
        await setting.refused(issuer.token("unknown", key=unknown))
    assert len(issuer.asked) == 6


async def test_a_key_that_is_taken_back_ends_its_tokens_within_ten_minutes(setting: Setting) -> None:
    token = setting.issuer.token()
    await setting.tokens.find(token)
    del setting.issuer.keys["first"]
    setting.issuer.make("RS256", "second")
    assert (await setting.tokens.find(token)).subject == "ann"
    setting.clock += FRESH_SECONDS
    assert "no key" in await setting.refused(token)


async def test_an_issuer_that_is_down_lets_nobody_in_and_known_keys_serve_an_hour(setting: Setting) -> None:
    issuer, token = setting.issuer, setting.issuer.token()
    issuer.answers[DISCOVERY] = (503, b"")
    for _ in range(3):
        assert "try again later" in await setting.refused(token, "request.issuer")
    assert len(issuer.asked) == 1
    del issuer.answers[DISCOVERY]
    setting.clock += RETRY_SECONDS
    await setting.tokens.find(token)
    issuer.answers[DISCOVERY] = (503, b"")
    setting.clock += LONGEST_SECONDS - 1
    assert (await setting.tokens.find(token)).subject == "ann"
    setting.clock += RETRY_SECONDS
    await setting.refused(token, "request.issuer")
    await setting.refused(issuer.token("first"), "request.issuer")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (DISCOVERY, (200, b'{"issuer": "https://other.example.com", "jwks_uri": "https://other.example.com/k"}')),
        (DISCOVERY, (200, b"[]")),
        (DISCOVERY, (200, b"{")),
        (DISCOVERY, (302, b"{}")),
        (DISCOVERY, (200, b"x" * (1024 * 1024 + 1))),
        ("/keys", (200, b"{}")),
        ("/keys", (200, b'{"keys": [], "keys": []}')),
        ("/keys", (500, b"{}")),
    ],
    ids=str,
)
async def test_what_is_no_discovery_or_no_key_set_lets_nobody_in(
    path: str, answer: tuple[int, bytes], setting: Setting
) -> None:
    setting.issuer.answers[path] = (answer[0], answer[1])
    await setting.refused(setting.issuer.token(), "request.issuer")


async def test_keys_in_clear_over_the_network_and_weak_keys_are_not_taken(setting: Setting) -> None:
    issuer = setting.issuer
    away = json.dumps({"issuer": issuer.url, "jwks_uri": "http://keys.example.com/k"}).encode()
    issuer.answers[DISCOVERY] = (200, away)
    await setting.refused(issuer.token(), "request.issuer")
    del issuer.answers[DISCOVERY]
    setting.clock += RETRY_SECONDS
    public = issuer.keys["first"].as_dict(private=False)
    for key in ({**public, "use": "enc"}, {**public, "alg": "RS512"}, {"kty": "oct", "k": "AAAA", "kid": "first"}, 7):
        issuer.answers["/keys"] = (200, json.dumps({"keys": [key]}).encode())
        assert "no key" in await setting.refused(issuer.token())
        setting.clock += FRESH_SECONDS
    issuer.answers["/keys"] = (200, json.dumps({"keys": [public, public]}).encode())
    assert "no key" in await setting.refused(issuer.token()), "two of one name"


async def test_whose_client_and_which_claim_are_settings(setting: Setting) -> None:
    setting.tokens = setting.made(parties=["console"], subject_claim="email", roles_claim="/realm_access/roles")
    good: dict[str, Any] = {"azp": "console", "email": "ann@example.com", "email_verified": True}
    found = await setting.tokens.find(setting.issuer.token(**good, realm_access={"roles": ["soc", 7, "x" * 300]}))
    assert (found.subject, found.roles) == ("ann@example.com", ("soc",))
    assert (await setting.tokens.find(setting.issuer.token(**good, realm_access=["x"]))).roles == ()
    assert "azp" in await setting.refused(setting.issuer.token(**{**good, "azp": "other"}))
    assert "azp" in await setting.refused(setting.issuer.token(**{**good, "azp": None}))
    assert "verified" in await setting.refused(setting.issuer.token(**{**good, "email_verified": None}))
    setting.tokens = setting.made(roles_claim="https://example.com/roles")
    assert (await setting.tokens.find(setting.issuer.token(**{"https://example.com/roles": "soc"}))).roles == ("soc",)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"issuer": "https://i.example.com"}, "audience is missing"),
        ({"issuer": "http://i.example.com", "audience": "a"}, "https://"),
        ({"issuer": "i", "audience": "a"}, "https://"),
        ({"issuer": "https://i.example.com", "audience": "a", "secret": "s"}, "unknown member secret"),
        ({"issuer": "https://i.example.com", "audience": ""}, "audience must be a text"),
        ({"issuer": "https://i.example.com", "audience": "a", "skewSeconds": 301}, "0 to 300"),
        ({"issuer": "https://i.example.com", "audience": "a", "skewSeconds": True}, "0 to 300"),
        ({"issuer": "https://i.example.com", "audience": "a", "authorizedParties": "c"}, "list of texts"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named(stated: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_oidc(stated)


class TestThroughTheApi:
    """A token's roles are worth what the policies say, and every refusal is a problem."""

    @pytest.fixture
    def bundle(self) -> dict[str, Any]:
        found = service_bundle()
        found["data"]["claims"] = {"soc-analysts": ["operator"]}
        return found

    async def test_claimed_roles_go_to_the_policies(self, api: Api, setting: Setting) -> None:
        setting.tokens = setting.made(roles_claim="groups")
        object.__setattr__(api.app.state.gate, "bearers", setting.tokens.find)
        for groups, status in ((["soc-analysts"], 202), (["operator"], 403), (["admin", "x"], 403), ([], 403)):
            known = {"Authorization": f"Bearer {setting.issuer.token(sub='newcomer', groups=groups)}"}
            answer = await api.http.post("/runbooks/execute", json={"runbookId": "R"}, headers=known)
            assert answer.status_code == status, groups
        known = {"Authorization": f"Bearer {setting.issuer.token(sub='newcomer', groups=['soc-analysts'])}"}
        found = (await api.http.get("/me", headers=known)).json()
        assert (found["subject"], found["roles"], found["authentication"]) == ("newcomer", ["operator"], "oidc")
        assert found["expiresAt"] == "2027-01-15T08:10:00Z"
        named = {"Authorization": f"Bearer {setting.issuer.token(sub='vic')}"}
        assert (await api.http.get("/me", headers=named)).json()["roles"] == ["viewer"]

    async def test_a_refusal_is_a_problem_of_its_kind(self, api: Api, setting: Setting) -> None:
        object.__setattr__(api.app.state.gate, "bearers", setting.tokens.find)
        expired = {"Authorization": f"Bearer {setting.issuer.token(exp=NOW - 3600)}"}
        answer = await api.http.get("/me", headers=expired)
        assert (answer.status_code, answer.json()["code"]) == (401, "request.token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        setting.clock += LONGEST_SECONDS
        setting.issuer.answers["/keys"] = (500, b"")
        answer = await api.http.get("/me", headers=expired)
        assert (answer.status_code, answer.json()["code"]) == (503, "request.issuer")
        assert int(answer.headers["retry-after"]) > 0
