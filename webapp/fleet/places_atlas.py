"""Coordinates of US ZIP codes and cities, from the `zipcodes` package.

Its data take some 40 MB of a process that has looked up one code, and are needed for a second a night: this
file is run as a process of its own (JSON on standard input and output), and imports nothing of ours.
"""

import json
import re
import sys
from collections import defaultdict
from functools import lru_cache
from statistics import median
from typing import Any

Point = tuple[float, float]
# Per name: the points of codes that mail is delivered to, and of all others (boxes, single companies).
Towns = dict[str, tuple[list[Point], list[Point]]]

STATES = re.findall(
    r"\w\w",
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK "
    "OR PA PR RI SC SD TN TX UT VA VT WA WI WV WY",
)
SPELT_OUT = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount", "n": "north", "s": "south"}


def find(asked: list[dict[str, Any]]) -> list[tuple[float, float, str] | None]:
    """For each {zip_code, state, cities}: latitude, longitude and `zip` or `city`; None where it is nowhere.

    A ZIP code of another state than the one named is taken for a slip: the city decides, if it is known.
    A city without a state is the one in the state with the most codes of that name; of two equals, neither.
    """
    anywhere = _anywhere({name for one in asked if not one["state"] for name in one["cities"]})
    return [_find_one(one, anywhere) for one in asked]


def _find_one(one: dict[str, Any], anywhere: dict[str, Point]) -> tuple[float, float, str] | None:
    by_zip, state_of_zip = _by_zip(one["zip_code"])
    is_likely = not one["state"] or one["state"] == state_of_zip
    if by_zip and is_likely:
        return (*by_zip, "zip")
    for name in one["cities"]:
        point = _in_state(name, one["state"]) if one["state"] else anywhere.get(_key(name))
        if point:
            return (*point, "city")
    return (*by_zip, "zip") if by_zip else None


@lru_cache(maxsize=10_000)
def _by_zip(zip_code: str) -> tuple[Point | None, str]:
    import zipcodes

    for found in zipcodes.matching(zip_code) if zip_code else ():  # type: ignore[no-untyped-call]
        if point := _point(found):
            return point, str(found["state"])
    return None, ""


def _in_state(name: str, state: str) -> Point | None:
    return _middle(_towns(state).get(_key(name)))


def _anywhere(names: set[str]) -> dict[str, Point]:
    """The point of each name in the state that has most of its codes."""
    keys, counts = {_key(name) for name in names}, defaultdict[str, list[tuple[int, Point]]](list)
    for state in STATES if keys else ():
        towns = _towns.__wrapped__(state)
        for key in keys & towns.keys():
            point = _middle(towns[key])
            if point:
                counts[key].append((len(towns[key][0]), point))
    found = {}
    for key, candidates in counts.items():
        (most, point), *others = sorted(candidates, reverse=True)
        if not others or others[0][0] < most:
            found[key] = point
    return found


@lru_cache(maxsize=60)
def _towns(state: str) -> Towns:
    import zipcodes

    towns: Towns = defaultdict(lambda: ([], []))
    others: Towns = defaultdict(lambda: ([], []))
    for found in zipcodes.filter_by(state=state):  # type: ignore[no-untyped-call]
        point = _point(found)
        if point is None:
            continue
        place = 0 if found["zip_code_type"] == "STANDARD" and found["active"] else 1
        towns[_key(found["city"])][place].append(point)
        for name in (*found["acceptable_cities"], *found["unacceptable_cities"]):
            others[_key(name)][place].append(point)
    return {**others, **towns}


def _middle(points: tuple[list[Point], list[Point]] | None) -> Point | None:
    """The middle of a town: the median, so that one code at its edge, or a wrong one, does not move it."""
    found = points and (points[0] or points[1])
    if not found:
        return None
    return round(median(point[0] for point in found), 4), round(median(point[1] for point in found), 4)


def _point(found: dict[str, Any]) -> Point | None:
    try:
        latitude, longitude = float(found["lat"]), float(found["long"])
    except (TypeError, ValueError):
        return None
    return (latitude, longitude) if latitude or longitude else None


def _key(name: str) -> str:
    # `St. Louis` is `Saint Louis`, and `O'Fallon` is `O Fallon`.
    words = re.sub(r"[\W_]+", " ", name).casefold().split()
    return "".join(SPELT_OUT.get(word, word) for word in words)


if __name__ == "__main__":
    json.dump(find(json.load(sys.stdin)), sys.stdout)
