"""The installation's keys, all 0600: two Ed25519 keys as PKCS#8 files, one salt key, one key a person who decides.

`cryptography` reads and writes the key files, PyNaCl signs (twice as fast). A key that other
users can read is refused.
"""

from __future__ import annotations

__all__ = ["FileKeys", "KeySigner"]

import secrets
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from runbooks.adapters.blobs import write_durably
from runbooks.canonical import digest
from runbooks.errors import KeyFileError


class KeySigner:
    """A Signer over a 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

        self._sign = crypto_sign
        self.public_key, self._secret = crypto_sign_seed_keypair(seed)
        self.keyid = digest(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """See the port."""
        return self._sign(message, self._secret)[:64]


class FileKeys:
    """Keys of one installation; `create` makes those that are missing, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.step = KeySigner(_read_seed(folder / "step.pem"))
        self.manifest = KeySigner(_read_seed(folder / "manifest.pem"))
        self.salt_key = _read_private(folder / "salt.key")
        self.created_at = _read_private(folder / "created-at").decode("ascii", "replace").strip()
        self.approvers = {unquote(path.stem): path for path in sorted((folder / "approvers").glob("*.pem"))}
        if len(self.salt_key) != 32:
            raise KeyFileError(
                f"{folder / 'salt.key'}: expected 32 bytes, got {len(self.salt_key)}; restore it from a backup"
            )

    @property
    def trust_version(self) -> int:
        """Version of the installation's trust file: one more for each key of a person."""
        return 1 + len(self.approvers)

    def approver(self, person: str) -> KeySigner:
        """The key with which that person decides; raises KeyFileError when there is none."""
        if person not in self.approvers:
            known = ", ".join(self.approvers) or "nobody"
            message = f"{person} has no key to decide with (who has one: {known}); `runbooks keys --add` makes one"
            raise KeyFileError(message, code="key.no_approver")
        return KeySigner(_read_seed(self.approvers[person]))

    def approver_since(self, person: str) -> str:
        """Since when that person has a key."""
        return _read_private(self.approvers[person].with_suffix(".created-at")).decode("ascii", "replace").strip()

    def add_approver(self, person: str) -> KeySigner:
        """Make a key for that person, once; raises KeyFileError."""
        if not 1 <= len(person) <= 256:
            raise KeyFileError("a person is named in 1 to 256 characters", code="key.no_approver")
        path = self._folder / "approvers" / f"{quote(person, safe='')}.pem"
        try:
            if not path.exists():
                path.parent.mkdir(mode=0o700, exist_ok=True)
                write_durably(path.with_suffix(".created-at"), _now())
                write_durably(path, _pkcs8(secrets.token_bytes(32)))
        except OSError as error:
            raise KeyFileError(f"{path}: cannot make the key: {error.strerror}; make the folder writable") from error
        self.approvers[person] = path
        return self.approver(person)

    @classmethod
    def open(cls, folder: Path) -> FileKeys:
        """The keys in the folder; a folder without any gets new ones. Raises KeyFileError."""
        if not folder.exists():
            try:
                _create(folder)
            except OSError as error:
                if folder.exists():
                    return cls(folder)  # another process made them at the same moment
                raise KeyFileError(
                    f"{folder}: cannot create keys: {error.strerror}; make the folder writable"
                ) from error
        return cls(folder)


def _create(folder: Path) -> None:
    # A folder appears whole or not at all, so a crash here never leaves half an installation's keys.
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name in ("step.pem", "manifest.pem"):
            write_durably(building / name, _pkcs8(secrets.token_bytes(32)))
        write_durably(building / "salt.key", secrets.token_bytes(32))
        write_durably(building / "created-at", _now())
        building.replace(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _now() -> bytes:
    return datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z").encode()


def _pkcs8(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_seed(path: Path) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key(_read_private(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(
            f"{path}: not an unencrypted PKCS#8 key in PEM: {error}; restore it from a backup"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: expected an Ed25519 key, got {type(key).__name__}")
    return key.private_bytes_raw()


def _read_private(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o077
        data = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: cannot read the key: {error.strerror}; check its owner and mode") from error
    if mode:
        raise KeyFileError(f"{path}: other users can read the key (mode {mode:03o} for them); run chmod 600 on it")
    return data
