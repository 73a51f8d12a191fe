"""Reading addresses as people write them: the ZIP code, the state, and what the city may be called."""

import re
from dataclasses import dataclass

STATES = {
    "ALABAMA": "AL", "ALASKA": "AK", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA", "COLORADO": "CO",
    "CONNECTICUT": "CT", "DELAWARE": "DE", "DISTRICT OF COLUMBIA": "DC", "FLORIDA": "FL", "GEORGIA": "GA",
    "HAWAII": "HI", "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS",
    "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME", "MARYLAND": "MD", "MASSACHUSETTS": "MA", "MICHIGAN": "MI",
    "MINNESOTA": "MN", "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT", "NEBRASKA": "NE", "NEVADA": "NV",
    "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ", "NEW MEXICO": "NM", "NEW YORK": "NY", "NORTH CAROLINA": "NC",
    "NORTH DAKOTA": "ND", "OHIO": "OH", "OKLAHOMA": "OK", "OREGON": "OR", "PENNSYLVANIA": "PA",
    "PUERTO RICO": "PR", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC", "SOUTH DAKOTA": "SD", "TENNESSEE": "TN",
    "TEXAS": "TX", "UTAH": "UT", "VERMONT": "VT", "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV",
    "WISCONSIN": "WI", "WYOMING": "WY",
}  # fmt: skip
CODES = frozenset(STATES.values())
MOST_WORDS = 4

COUNTRY = re.compile(r"[\s,]+(?:U\.?S\.?A?\.?|United States(?: of America)?)$", re.IGNORECASE)
ZIP = re.compile(r"(?:^|[\s,])(\d{5})(?:[-\s]\d{4})?$")
# What makes the number behind it something else than a ZIP code.
NO_ZIP_AFTER = re.compile(r"(?:\b(?:box|suite|ste|unit|apt|room|floor|building|bldg)\.?|#)$", re.IGNORECASE)
CODE = re.compile(r"(?:^|[\s,])([A-Za-z]{2})$|(?:^|[\s,])([A-Za-z])\.\s?([A-Za-z])\.$")
NAME = re.compile(r"(?:^|[\s,])(" + "|".join(sorted(STATES, key=len, reverse=True)) + r")$", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """What to look for, best first: the ZIP code, then any of `cities` in `state` (no state: in any)."""

    zip_code: str = ""
    state: str = ""
    cities: tuple[str, ...] = ()

    @property
    def is_anything(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.zip_code or self.cities)


def in_address(address: str) -> Wanted:
    """What an address names. A city without a state names too many places and is not looked for."""
    rest, zip_code = _without_zip(_plain(address))
    rest, state = _without_state(rest)
    return Wanted(zip_code, state, _cities(rest) if state else ())


def in_office_name(name: str) -> Wanted:
    """What an office's name names: `Dallas`, `Dallas, TX`, `Dallas 75201`."""
    rest, zip_code = _without_zip(_plain(name))
    before, state = _without_state(rest)
    # "New York" and "Washington" are cities before they are states.
    if not before:
        before, state = rest, ""
    return Wanted(zip_code, state, (before,) if before else ())


def _plain(text: str) -> str:
    lines = [" ".join(line.split()).strip(" ,;.") for line in text.splitlines()]
    plain = re.sub(r"\s*[,;]+\s*", ", ", ", ".join(line for line in lines if line))
    return COUNTRY.sub("", plain).strip(" ,")


def _without_zip(text: str) -> tuple[str, str]:
    match = ZIP.search(text)
    if match is None:
        return text, ""
    before = text[: match.start()].strip(" ,")
    return (text, "") if NO_ZIP_AFTER.search(before) else (before, match[1])


def _without_state(text: str) -> tuple[str, str]:
    if match := CODE.search(text):
        written = match[1] or match[2] + match[3]
        # `Calle de la` is not in Louisiana.
        is_meant = written.isupper() or text[match.start() : match.start() + 1] == "," or "," in text[-5:]
        if written.upper() in CODES and is_meant:
            return text[: match.start()].strip(" ,"), written.upper()
    if match := NAME.search(text):
        return text[: match.start()].strip(" ,"), STATES[" ".join(match[1].upper().split())]
    return text, ""


def _cities(text: str) -> tuple[str, ...]:
    """The end of `text` as a city's name, longest first: nobody puts a comma before it every time."""
    words = text.rpartition(",")[2].split()[-MOST_WORDS:]
    return tuple(" ".join(words[first:]) for first in range(len(words)))
