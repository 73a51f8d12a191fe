"""How partners are sorted and searched: by last name, and whatever the accents. Pure."""

import unicodedata
from functools import lru_cache

SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


@lru_cache(maxsize=4096)
def last_first(name: str) -> str:
    """`Torque, Wendy` for "Wendy Torque"; one word, or a name written so already, stays as it is."""
    before, comma, after = name.partition(",")
    if comma and after.strip().casefold() in SUFFIXES:
        name = f"{before} {after}"
    words = name.split()
    if len(words) < 2 or "," in name:
        return " ".join(words)
    cut = len(words) - 1
    if words[cut].casefold() in SUFFIXES and cut > 1:
        cut -= 1
    return f"{' '.join(words[cut:])}, {' '.join(words[:cut])}"


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The text as searches compare it: no accents, no capitals."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def words_of(query: str) -> tuple[str, ...]:
    """The words of a search, as `folded` compares them: all of them must be found, in whatever order.

    "Torque, Wendy" and "wendy torque" look for the same; dots before the end of a VIN are no part of it.
    """
    words = (word.strip(".") for word in folded(query).replace(",", " ").split())
    return tuple(word for word in words if word)


def by_last_name(name: str) -> tuple[str, str]:
    """The key that sorts names as people look for them."""
    return folded(last_first(name)), name
