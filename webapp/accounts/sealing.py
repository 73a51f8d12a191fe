"""Secrets that the database keeps but cannot read: sealed with a key that only `SECRET_KEY` gives."""

import base64

import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

log = structlog.get_logger(__name__)


def seal(secret: str, purpose: str) -> str:
    """`secret` encrypted (Fernet: AES-128-CBC with HMAC-SHA256), for the one `purpose`."""
    return _box(purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, purpose: str) -> str | None:
    """What was sealed; None where `SECRET_KEY` has changed since, or somebody has altered it."""
    try:
        return _box(purpose).decrypt(sealed).decode()
    except InvalidToken:
        log.error("sealed_secret_unreadable", purpose=purpose)
        return None


def _box(purpose: str) -> Fernet:
    # A key of its own for each purpose: what signs cookies encrypts nothing.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"motorpool {purpose}".encode())
    key = derived.derive(str(current_app.config["SECRET_KEY"]).encode())
    return Fernet(base64.urlsafe_b64encode(key))
