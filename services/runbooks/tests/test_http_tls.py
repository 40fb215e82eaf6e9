"""TLS of external APIs: the certificate is held against the name, by an authority that this machine trusts."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from runbooks.errors import PermanentPortError, TransientPortError

from services.runbooks.tests.api_server import call, http, serving

NAME = "api.example.com"
NOW = dt.datetime.now(dt.UTC)


def _certificate(subject: str, names: Sequence[str], key: ec.EllipticCurvePrivateKey, days: int) -> x509.Certificate:
    """Signed by its own key, and so its own authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=30))
        .not_valid_after(NOW + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(item) for item in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(folder: Path, names: Sequence[str], days: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and that of a machine which trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(names[0], names, key, days).public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "certificate.pem"))


async def _loopback(host: str, port: int) -> Sequence[str]:
    del host, port
    return ["127.0.0.1"]


async def test_a_certificate_for_the_name_is_taken_though_the_connection_goes_to_an_address(tmp_path: Path) -> None:
    server, machine = _server(tmp_path, [NAME])
    async with serving(http(200, b"1"), tls=server) as listener:
        answer = await call(f"https://{NAME}:{listener.port}", names=_loopback, tls=machine)
    assert answer.body == 1
    assert listener.requests[0][1]["host"] == f"{NAME}:{listener.port}"


@pytest.mark.parametrize(
    ("names", "days", "trusted", "word"),
    [
        (["other.example.com"], 1, True, "match"),
        (["example.com"], 1, True, "match"),
        (["*.api.example.com"], 1, True, "match"),
        ([NAME], 1, False, "self"),
        ([NAME], -1, True, "expired"),
    ],
    ids=["another name", "the name above", "the names below", "self-signed", "expired"],
)
async def test_any_other_certificate_is_a_permanent_error_and_nothing_is_sent(
    tmp_path: Path, names: list[str], days: int, trusted: bool, word: str
) -> None:
    server, machine = _server(tmp_path, names, days)
    async with serving(http(200, b"1"), tls=server) as listener:
        context = {"tls": machine} if trusted else {}
        with pytest.raises(PermanentPortError) as caught:
            await call(f"https://{NAME}:{listener.port}", names=_loopback, **context)
    assert caught.value.code == "api.tls"
    assert word in str(caught.value)
    assert listener.requests == []


async def test_a_server_without_tls_is_sent_no_request(tmp_path: Path) -> None:
    _, machine = _server(tmp_path, [NAME])
    async with serving(http(200, b"1")) as listener:
        with pytest.raises(TransientPortError) as caught:
            await call(f"https://{NAME}:{listener.port}", names=_loopback, tls=machine, timeout=0.5)
    assert caught.value.code == "api.timeout"
    assert listener.requests == []


async def test_an_old_version_of_tls_is_not_spoken(tmp_path: Path) -> None:
    server, machine = _server(tmp_path, [NAME])
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    async with serving(http(200, b"1"), tls=server) as listener:
        with pytest.raises(TransientPortError):
            await call(f"https://{NAME}:{listener.port}", names=_loopback, tls=machine)
    assert listener.requests == []
