"""Key files: made once, private, and refused with a sentence when they are not what they should be."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from runbooks.adapters import keys as module
from runbooks.adapters.keys import FileKeys, KeySigner
from runbooks.errors import KeyFileError

FILES = ["created-at", "manifest.pem", "salt.key", "step.pem"]


def pem(key: object, encryption: serialization.KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    )


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)


def refusal(folder: Path) -> str:
    with pytest.raises(KeyFileError) as caught:
        FileKeys.open(folder)
    assert caught.value.code == "key.unusable"
    return str(caught.value)


def test_signatures_are_those_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signer = KeySigner(seed)
    assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )


def test_a_signer_names_its_key_by_the_hash_and_signs_whole_messages() -> None:
    signer = KeySigner(b"s" * 32)
    assert signer.keyid == "sha256:" + hashlib.sha256(signer.public_key).hexdigest()
    message = os.urandom(100_000)
    signature = signer.sign(message)
    assert len(signature) == 64
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signature, message)


def test_a_new_folder_gets_keys_that_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys"
    FileKeys.open(folder)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_the_keys_are_made_once_and_differ(tmp_path: Path) -> None:
    first, again = FileKeys.open(tmp_path / "keys"), FileKeys.open(tmp_path / "keys")
    assert (first.step.keyid, first.manifest.keyid) == (again.step.keyid, again.manifest.keyid)
    assert (first.salt_key, first.created_at) == (again.salt_key, again.created_at)
    other = FileKeys.open(tmp_path / "other")
    assert len({first.step.keyid, first.manifest.keyid, other.step.keyid, other.manifest.keyid}) == 4
    assert first.salt_key != other.salt_key
    assert len(first.salt_key) == 32
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first.created_at)


def test_the_key_files_are_plain_pkcs8(tmp_path: Path) -> None:
    keys = FileKeys.open(tmp_path / "keys")
    for name, signer in (("step.pem", keys.step), ("manifest.pem", keys.manifest)):
        key = serialization.load_pem_private_key((tmp_path / "keys" / name).read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        assert key.public_key().public_bytes_raw() == signer.public_key


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused_with_what_to_do(name: str, mode: int, tmp_path: Path) -> None:
    FileKeys.open(tmp_path / "keys")
    (tmp_path / "keys" / name).chmod(mode)
    text = refusal(tmp_path / "keys")
    assert name in text
    assert "chmod 600" in text


@pytest.mark.parametrize("name", FILES)
def test_a_missing_key_is_refused_and_never_made_anew(name: str, tmp_path: Path) -> None:
    FileKeys.open(tmp_path / "keys")
    (tmp_path / "keys" / name).unlink()
    assert name in refusal(tmp_path / "keys")
    assert not (tmp_path / "keys" / name).exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not an unencrypted PKCS#8 key"),
        (b"text", "not an unencrypted PKCS#8 key"),
        (
            pem(Ed25519PrivateKey.generate(), serialization.BestAvailableEncryption(b"x")),
            "not an unencrypted PKCS#8 key",
        ),
        (pem(generate_private_key(SECP256R1())), "expected an Ed25519 key"),
    ],
    ids=["empty", "text", "encrypted", "another curve"],
)
def test_a_file_that_is_no_such_key_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    FileKeys.open(tmp_path / "keys")
    write(tmp_path / "keys" / "step.pem", data)
    text = refusal(tmp_path / "keys")
    assert "step.pem" in text
    assert reason in text


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_key_of_another_length_is_refused(size: int, tmp_path: Path) -> None:
    FileKeys.open(tmp_path / "keys")
    write(tmp_path / "keys" / "salt.key", b"x" * size)
    assert f"got {size}" in refusal(tmp_path / "keys")


def test_no_message_holds_a_secret(tmp_path: Path) -> None:
    keys = FileKeys.open(tmp_path / "keys")
    secret = (tmp_path / "keys" / "step.pem").read_text()
    write(tmp_path / "keys" / "salt.key", keys.salt_key + b"x")
    text = refusal(tmp_path / "keys")
    assert keys.salt_key.hex() not in text
    assert all(line not in text for line in secret.splitlines())


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot create keys" in refusal(tmp_path / "file" / "keys")


def test_processes_that_make_the_keys_at_the_same_moment_end_with_the_same_ones(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: FileKeys.open(tmp_path / "keys"), range(16)))
    assert len({(keys.step.keyid, keys.manifest.keyid, keys.salt_key) for keys in made}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_keys_appear_together_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write_durably = module.write_durably

    def fail_at_the_last(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) == len(FILES):
            raise OSError(28, "No space left on device")
        write_durably(path, data)

    monkeypatch.setattr(module, "write_durably", fail_at_the_last)
    assert "No space left" in refusal(tmp_path / "keys")
    assert list(tmp_path.iterdir()) == [], "no half of the keys is left behind"
    monkeypatch.undo()
    assert FileKeys.open(tmp_path / "keys").salt_key
