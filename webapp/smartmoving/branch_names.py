"""Which branch a detail means: it names one by a name that people typed, without an id."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_APART = re.compile(r"[^0-9a-z]+")
_DIGITS = re.compile(r"\D+")
# A state or province stands before the postal code, or at the end: "Portland, ME 04101".
_REGION = re.compile(r",\s*([A-Za-z]{2})\b(?=\s*(?:[0-9]{5}|[A-Za-z][0-9][A-Za-z]|,|$))")


@dataclass(frozen=True)
class Branch:
    """A branch as it is matched: our location's id, its names, phone and the code of its state or province."""

    location_id: int
    name: str
    phone: str = ""
    region: str = ""


class Branches:
    """All branches of a company, to be asked which one is meant."""

    def __init__(self, branches: Iterable[Branch]) -> None:
        self._by_name: dict[str, list[Branch]] = {}
        for branch in branches:
            self._by_name.setdefault(normal_name(branch.name), []).append(branch)

    def knows(self, name: str) -> bool:
        """Whether any branch is called `name`."""
        return bool(normal_name(name)) and normal_name(name) in self._by_name

    def match(self, name: str, phone: str = "", addresses: Sequence[str] = ()) -> int | None:
        """The location of the branch called `name`; of several, the one with `phone`, or the one in whose state
        the first of `addresses` lies. None where none or more than one is left: nobody guesses a city.
        """
        found = self._by_name.get(normal_name(name), []) if normal_name(name) else []
        if len(found) > 1 and _digits(phone):
            found = [branch for branch in found if _digits(branch.phone) == _digits(phone)] or found
        if len(found) > 1 and addresses:
            regions = {code.upper() for code in _REGION.findall(addresses[0])}
            found = [branch for branch in found if branch.region and branch.region in regions] or found
        return found[0].location_id if len(found) == 1 else None


def normal_name(name: str) -> str:
    """`name` without case, accents, pictures, punctuation and stray white space; empty where nothing is left.

    A name of a script without Latin letters is kept as it is but for case and white space.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _APART.sub(" ", letters).strip() or " ".join(
        "".join(letter for letter in letters if letter.isalnum() or letter.isspace()).split()
    )


def shown_name(name: str) -> str:
    """`name` as people see it: pictures stay, white space is put in order."""
    printable = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", name))
    return " ".join(printable.split())


def _digits(phone: str) -> str:
    """The last ten digits: a country's code is written or not."""
    return _DIGITS.sub("", phone)[-10:]
