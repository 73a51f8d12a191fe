"""Passwords: argon2id hashes, what makes one acceptable, and the same effort for people who do not exist."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import InvalidInput

SHORTEST = 12
LONGEST = 200

hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, parameters and salt included."""
    return hasher.hash(_bytes(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to `password_hash`. None (nobody) takes as long and is never right."""
    try:
        is_same = hasher.verify(password_hash or _nobodys_hash(hasher), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_same and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


def check_new(password: str, *, field: str = "password", unlike: tuple[str, ...] = ()) -> None:
    """Raise `InvalidInput` naming `field` unless `password` can be somebody's: 12 to 200 characters."""
    if len(password) < SHORTEST:
        fault = f"Use at least {SHORTEST} characters."
    elif len(password) > LONGEST:
        fault = f"Use at most {LONGEST} characters."
    elif len(set(password)) < 4 or password.lower() in {text.lower() for text in unlike}:
        fault = "This one is too easy to guess."
    else:
        return
    raise InvalidInput(fault, fields={field: fault}, code="weak_password")


def _bytes(password: str) -> bytes:
    # JSON can carry half a surrogate pair, which no encoding takes: it is a wrong password, not a crash.
    return password.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=4)
def _nobodys_hash(with_parameters_of: PasswordHasher) -> str:
    return with_parameters_of.hash("nobody has this password")
