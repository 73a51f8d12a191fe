"""Invents the moving company's branches and its kinds of service, with names as people really type them."""

import json
from random import Random

from webapp.sandbox.generate.mover_towns import NEXT_TOWNS, STATE_NAMES, MoverTown
from webapp.sandbox.generate.places import STREETS

Row = tuple[object, ...]

ODD_NAMES = {
    "Halifax": "🚚 Halifax",
    "Charlottetown": "Charlottetown ",
    "St. John's": "St. John’s",  # noqa: RUF001
    "Montréal": "Montréal – Plateau ",  # noqa: RUF001
    "Québec": "  Québec",
    "Boston": "Boston  North",
    "New York": "NEW YORK 🗽",
    "Miami": "miami",
    "Washington": "Washington D.C.",
    "Chicago": "Chicago\u00a0Loop",
    "Nashville": "Nashville 🎸 🎸",
    "Dallas": "Dallas/Fort  Worth",
    "Denver": "Denver ⛰️",
    "San José": "San José",
    "Los Angeles": " LOS ANGELES  (West)",
    "Honolulu": "Honolulu 🌺",
}
NO_PLACE = ("Tulsa", "Omaha")
# Portland, Maine, and Portland, Oregon, answer one telephone: only where they lie tells them apart.
SHARED_PHONE = {"Portland": "(888) 555-0100"}
NO_PHONE = ("Boise", "Memphis", "Moncton", "Regina", "Phoenix")

STANDARD_SERVICES = {
    1: "Moving",
    3: "Packing",
    4: "Moving & Packing",
    5: "Load Only",
    6: "Unload Only",
    7: "Commercial",
    8: "Storage In",
    9: "Storage Out",
    10: "Inner House",
    11: "Junk Removal",
    12: "Labor Only",
}
CUSTOM_SERVICES = {
    101: "Piano Move",
    102: " Senior Relocation",
    103: "Déménagement étudiant ",
    104: "Gun Safe  Delivery",
    107: "White Glove ",
    110: "Art & Antiques",
    118: "Container (POD) load",
    131: "  Donation Pick-up ",
    150: "Crating",
}
# Jobs carry these, and the list of services does not know them.
UNLISTED_SERVICES = (105, 112, 149)


def new_id(random: Random) -> str:
    """A GUID as SmartMoving writes one."""
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def service_types() -> list[Row]:
    """(id, name): what the company offers; some of its own kinds are missing here."""
    return list((STANDARD_SERVICES | CUSTOM_SERVICES).items())


def invent_branches(towns: list[MoverTown], random: Random) -> list[Row]:
    """Rows of sm_branches, one for each town."""
    return [
        _branch(town, ODD_NAMES.get(town.city, town.city), place, random) for place, town in enumerate(towns, start=1)
    ]


def next_branch(place: int, random: Random) -> Row:
    """The branch that opens as the `place`-th; its number makes its name its own."""
    town = NEXT_TOWNS[place % len(NEXT_TOWNS)]
    return _branch(town, f"{town.city} #{place}", place, random)


def _branch(town: MoverTown, name: str, place: int, random: Random) -> Row:
    return (
        new_id(random),
        place,
        name,
        _phone(town, place, random),
        None if town.city in NO_PLACE else json.dumps(_location(town, random), ensure_ascii=False),
        place == 1,
        town.city,
        town.state,
        town.zip_code,
        town.area_code,
    )


def _phone(town: MoverTown, place: int, random: Random) -> str | None:
    if town.city in NO_PHONE:
        return random.choice(("", None))
    return SHARED_PHONE.get(town.city, f"({town.area_code}) 555-01{place % 100:02d}")


def _location(town: MoverTown, random: Random) -> dict[str, object]:
    street = f"{random.randint(12, 980)} {random.choice(STREETS)}"
    # Somebody typed these once: a full name, a code, now and then untidily.
    state = random.choices(
        (town.state, STATE_NAMES[town.state], f"{town.state.lower()} ", STATE_NAMES[town.state].upper()), (60, 32, 4, 4)
    )[0]
    return {
        "fullAddress": f"{street}, {town.city}, {town.state} {town.zip_code}",
        "street": street,
        "city": town.city,
        "state": state,
        "zip": town.zip_code,
        "lat": town.latitude,
        "lng": town.longitude,
    }
