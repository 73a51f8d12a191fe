"""Invents what a single moving job says: its kind, addresses, arrival window, charges and crew."""

import json
from dataclasses import dataclass
from random import Random

from webapp.sandbox.generate.mover_branches import CUSTOM_SERVICES, UNLISTED_SERVICES, new_id
from webapp.sandbox.generate.people import FIRST_NAMES, LAST_NAMES
from webapp.sandbox.generate.places import STREETS

MOVING, PACKING, STORAGE_IN, STORAGE_OUT, UNLOADING = 1, 3, 8, 9, 6
COMMON_TYPES = (MOVING, 4, 5, UNLOADING, 7, STORAGE_IN, STORAGE_OUT, 10, 11, 12)
TYPE_WEIGHTS = (60, 9, 6, 5, 5, 2, 2, 3, 2, 2)
OWN_TYPES = (*CUSTOM_SERVICES, *UNLISTED_SERVICES)

# (words, from, to) in hours of the day: 8.5 is half past eight.
ARRIVALS = (
    ("8:00 AM - 9:00 AM", 8.0, 9.0),
    ("8:30 AM - 9:30 AM", 8.5, 9.5),
    ("9:00 AM - 11:00 AM", 9.0, 11.0),
    ("12:00 PM - 2:00 PM", 12.0, 14.0),
    ("1:00 PM - 3:30 PM", 13.0, 15.5),
    ("10:45 AM - 12:15 PM", 10.75, 12.25),
    ("Morning", 8.0, 12.0),
    (None, 7.75, 8.25),
    ("Exact: 7:20 AM", 7.333333333333333, None),
)
ARRIVAL_WEIGHTS = (34, 18, 12, 12, 8, 4, 4, 2, 2)

LABOR_TEXTS = (
    "{hours:g}h @ ${rate:,.2f}/hr ({trucks} truck{s}, {crew} crew)",
    "{hours:g} h @ ${rate:,.2f} / hr ({trucks} Truck{s}, {crew} Crew)",
    "{hours:g}h @ ${rate:g}/hr ({trucks} truck{s}, {crew} crew)",
    "{hours:g}h@${rate:g}/hr({trucks} truck{s},{crew} crew)",
    "{hours:.2f}h @ ${rate:,.2f}/hr ({crew} crew)",
    "Flat rate",
    None,
)
LABOR_WEIGHTS = (76, 5, 5, 3, 3, 5, 3)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a branch stands, as its customers' addresses name it."""

    branch_id: str
    city: str
    state: str
    zip_code: str
    area_code: str


def job_type(random: Random) -> int:
    """Mostly moving; one in twenty-five is a kind of the company's own."""
    if random.random() < 0.04:
        return random.choice(OWN_TYPES)
    return random.choices(COMMON_TYPES, TYPE_WEIGHTS)[0]


def address(home: Home, random: Random) -> str:
    """An invented street in a real town."""
    street = f"{random.randint(3, 9890)} {random.choice(STREETS)}"
    kind = random.random()
    if kind < 0.02:
        return f"{home.city}, {home.state}"
    if kind < 0.16:
        street += f", {random.choice(('Apt', 'Unit', '#'))} {random.randint(1, 2400)}"
    text = f"{street}, {home.city}, {home.state} {home.zip_code}"
    if kind > 0.94:
        text += ", USA" if home.zip_code.isdigit() else ", Canada "
    return text


def addresses(home: Home, homes: list[Home], random: Random) -> list[str]:
    """Origin first, destination last if more than one; one move in eight ends in another branch's town."""
    count = random.choices((1, 2, 3, 4), (11, 85, 3, 1))[0]
    stops = [address(home, random) for _ in range(count)]
    if count > 1 and random.random() < 0.12:
        stops[-1] = address(random.choice(homes), random)
    return stops


def arrival(random: Random) -> dict[str, object] | None:
    """The window as SmartMoving says it; few jobs have none."""
    if random.random() < 0.05:
        return None
    words, start, end = random.choices(ARRIVALS, ARRIVAL_WEIGHTS)[0]
    return {"description": words, "startTime": start, "endTime": end}


def charges(random: Random, *, is_done: bool) -> dict[str, list[dict[str, object]]]:
    """Estimated and actual charges, in cents: labour with its telling text, travel, now and then fuel."""
    hours, crew, trucks = random.randint(4, 20) / 2, random.randint(2, 5), random.choices((1, 2, 3), (84, 13, 3))[0]
    rate = random.choice((129, 149, 169, 189, 209, 249, 349, 1_049.5))
    text = random.choices(LABOR_TEXTS, LABOR_WEIGHTS)[0]
    words = text and text.format(hours=hours, rate=rate, trucks=trucks, s="s" * (trucks > 1), crew=crew)
    lines = [_charge("Labor" if words else None, 1, words, round(hours * rate * 100), random)]
    if random.random() < 0.6:
        lines.append(_charge("Travel Fee", 2, "Flat", random.randint(40, 240) * 50, random))
    if random.random() < 0.2:
        lines.append(_charge("Fuel surcharge ", 4, None, random.randint(900, 9_999), random))
    return {"estimated": lines, "actual": lines if is_done else []}


def crew(random: Random) -> list[dict[str, object]]:
    """Crews are seldom known to SmartMoving."""
    if random.random() > 0.08:
        return []
    return [
        {"id": new_id(random), "name": f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"}
        for _ in range(random.randint(1, 4))
    ]


def total(lines: list[dict[str, object]], random: Random) -> str | None:
    """The opportunity's money as JSON of cents: a few have none, or no final total, or a true nought."""
    kind = random.random()
    if kind < 0.03:
        return None
    subtotal = sum(int(str(line["totalCost"])) for line in lines)
    taxable = subtotal if random.random() < 0.4 else 0
    tax = round(taxable * random.choice((0.05, 0.0725, 0.13, 0.14975)))
    found: dict[str, int | None] = {
        "subtotal": subtotal,
        "taxableAmount": taxable,
        "tax": tax,
        "finalTotal": subtotal + tax,
    }
    if kind < 0.05:
        found["finalTotal"] = None
    elif kind < 0.06:
        found = dict.fromkeys(found, 0)
    return json.dumps(found)


def _charge(name: str | None, category: int, text: str | None, cents: int, random: Random) -> dict[str, object]:
    discount = cents // 10 if random.random() < 0.08 else 0
    return {
        "name": name,
        "chargeCategory": category,
        "description": text,
        "subtotal": cents,
        "discountAmount": discount,
        "totalCost": cents - discount,
    }
