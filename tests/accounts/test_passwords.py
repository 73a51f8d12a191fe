"""Passwords: which are taken, and that checking one reveals nothing."""

from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from webapp.accounts import passwords
from webapp.errors import InvalidInput


@pytest.mark.parametrize("password", ["eleven char", "x" * 201, "aaaaaaaaaaaa", "abababababab", "Person@Example.com"])
def test_weak_passwords_are_refused_by_field(password: str) -> None:
    """Too short, too long, hardly any letters, or one's own e-mail: refused, with the reason at its field."""
    with pytest.raises(InvalidInput) as refused:
        passwords.check_new(password, field="new", unlike=("person@example.com",))
    assert set(refused.value.fields) == {"new"}


@pytest.mark.parametrize(
    "password", ["password1234", "PASSWORD1234", "qwertyuiop123", "1q2w3e4r5t6y", "correcthorsebatterystaple"]
)
def test_common_passwords_are_refused(password: str) -> None:
    """Those that are tried first, whatever their capitals, are known by the lists of them."""
    with pytest.raises(InvalidInput, match="lists of common passwords"):
        passwords.check_new(password)


OWN = ("ada.keys@press-fleet.example", "Ada Keys", "Press Fleet West")


@pytest.mark.parametrize(
    "password", ["Press Fleet 2026", "ada.keys-2026!", "MotorpoolMotorpool", "keys keys keys", "pressfleetwest99"]
)
def test_ones_own_words_are_no_password(password: str) -> None:
    """Name, e-mail, company and product with a few digits are guessed first by who knows the person."""
    with pytest.raises(InvalidInput, match="your name, your e-mail or your company"):
        passwords.check_new(password, unlike=OWN)


@pytest.mark.parametrize("password", ["ada rows past kestrels", "nine fleet-footed otters", "vq7 kestrel " * 16])
def test_own_words_may_be_part_of_more(password: str) -> None:
    """What has enough besides is taken; a password may be as long as two hundred characters."""
    passwords.check_new(password, unlike=OWN)


@pytest.mark.parametrize("password", ["twelve chars", "correct horse battery staple", "ключ от гаража"])
def test_twelve_characters_are_enough(password: str) -> None:
    """Any alphabet, blanks included."""
    passwords.check_new(password)
    assert passwords.is_right(passwords.hash_password(password), password)


def test_hashes_are_argon2id() -> None:
    """The hash names its algorithm, and two of the same password differ."""
    first, second = passwords.hash_password("twelve chars"), passwords.hash_password("twelve chars")
    assert first.startswith("$argon2id$")
    assert first != second


@pytest.mark.parametrize("password", ["wrong", "", "\ud800", "nul\0byte", "x" * 5000])
def test_nobody_has_a_password(password: str) -> None:
    """Without a person no password is right, not even the one behind the stand-in hash."""
    assert not passwords.is_right(None, password)
    assert not passwords.is_right(None, "nobody has this password")
    assert not passwords.is_right(passwords.hash_password("twelve chars"), password)


def test_nobody_costs_as_much_as_somebody() -> None:
    """The stand-in hash has the parameters of real ones, so that it takes the same work to refuse it."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for hasher in (passwords.hasher, cheap):
        assert not hasher.check_needs_rehash(passwords._nobodys_hash(hasher))


def test_nobody_is_refused_after_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """For nobody, too, argon2 runs to its end and finds a mismatch."""
    outcomes: list[type[Exception]] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            try:
                return super().verify(hash, password)
            except Exception as error:
                outcomes.append(type(error))
                raise

    monkeypatch.setattr(passwords, "hasher", Watched(time_cost=1, memory_cost=8, parallelism=1))
    passwords.is_right(passwords.hash_password("twelve chars"), "wrong")
    passwords.is_right(None, "wrong")
    assert outcomes == [VerifyMismatchError, VerifyMismatchError]


def test_a_hash_of_older_parameters_is_outdated() -> None:
    """When the parameters grow, hashes made before are known by it."""
    assert passwords.is_outdated(PasswordHasher(time_cost=1).hash("twelve chars"))
    assert not passwords.is_outdated(passwords.hash_password("twelve chars"))
