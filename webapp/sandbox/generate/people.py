"""Invents the media partners and the people who work in FMS. Every name and outlet is made up."""

from dataclasses import dataclass
from random import Random

from webapp.sandbox.generate.places import OFFICES, STREETS, Town
from webapp.sandbox.generate.scale import Scale

FIRST_PERSON_ID = 2_104

FMS_USERS = (
    (1949, "Marisol", "Tennant", "Los Angeles"),
    (1952, "Gideon", "Farrow", "Los Angeles"),
    (1957, "Priya", "Lockhart", "New York"),
    (1963, "Otis", "Brandvold", "Detroit"),
    (1968, "Noémie", "Castellane", "San Francisco"),
    (1974, "Rafael", "Quintrell", "Miami"),
    (1981, "Hattie", "O'Rourke", "Dallas"),
    (1987, "Bram", "Eastlake", "Chicago"),
    (1990, "Leila", "Wainscott", "Atlanta"),
    (1996, "Corwin", "Ashdown", "Washington DC"),
    (2003, "Tove", "Lindqvist", "Seattle"),
    (2011, "Desmond", "Pell", "Nashville"),
)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


FIRST_NAMES = _listed(
    "Adele, Alonzo, Amara, Anders, Beatriz, Benno, Calista, Caspar, Celeste, Dario, Delphine, Edwin, "
    "Elspeth, Emeka, Esme, Farida, Felix, Georgina, Gunnar, Harlan, Ingrid, Isadora, Jasper, Joaquin, "
    "Kamala, Keiko, Lachlan, Leonie, Lucan, Magnus, Maeve, Mirela, Nadia, Niall, Octavia, Orson, "
    "Paloma, Percival, Quinn, Ramona, Rufus, Sabine, Silas, Tamsin, Thaddeus, Ursula, Vanya, Wendell, "
    "Xenia, Yusuf, Zelda, Zoltan"
)
LAST_NAMES = _listed(
    "Abernethy, Aldercott, Ashgrove, Bellweather, Birchall, Blackmoor, Brindlewood, Calloway, "
    "Carrick, Coldwater, Cranleigh, Dunmore, Eastvale, Elderkin, Fairbrook, Fenwright, Galloway, "
    "Goodspeed, Greyfriar, Hallowell, Hartsong, Hazelrigg, Holloway, Ironside, Jessamine, Kestrel, "
    "Kirkbride, Lanternjaw, Larkspur, Longmire, Marchbanks, Merriweather, Mistral, Northcote, "
    "Oakhollow, Okonjo, Pemberly, Penhallow, Quickfall, Ravenhurst, Redfern, Rosewarne, Saltonstall, "
    "Silverthorne, Stonebridge, Tallowfield, Thistlewood, Thornquist, Underhill, Vandermolen, "
    "Wexcombe, Whitlock, Winterbourne, Wyndham, Yarrow, Zellweiss"
)
# Each is a trap that real reports contained: quotes, apostrophes, one word, accents, commas.
ODD_NAMES = (
    'Robert "Bo" Halvering',
    "Siobhan O'Dwyerly",
    "Torvane",
    "José Peñaranda",
    "Marcus Bellweather, Jr.",
    "Zoë D'Anjoulis",
    "Anne-Sophie L'Hérault",
    'Wilhelmina "Billie" St. Crowe',
    "Björn Åkerström-Vale",
    "Kinjo",
    "María del Carmen Ibáñez Roldán",
    "Ng, Thi Lan",
    "Ludwig van der Müritz",
    "François Lécuyer, PhD",
    "d'Artignac",
    "Ebenezer Holt III",
)

OUTLET_HEADS = _listed(
    "Apex, Asphalt, Backroad, Boulevard, Camshaft, Chicane, Clutch, Curbside, Dashlight, Driveline, "
    "Fastlane, Gravel, Headlamp, Heritage, Hometown, Ignition, Lakefront, Manifold, Milepost, "
    "Northbound, Octane, Open Road, Piston, Redline, Roadside, Rumble Strip, Sidewall, Switchback, "
    "Tailpipe, Torque, Turnpike, Wayfarer"
)
OUTLET_TAILS = _listed(
    "& Gears, Almanac, Chronicle, Digest, Diaries, Dispatch, Garage, Journal, Ledger, Lounge, "
    "Magazine, Notes, Podcast, Radio, Report, Review, TV, Weekly"
)
INSTRUCTIONS = (
    "Call 30 minutes before delivery",
    "Gate code with the guard",
    "Prefers Thursdays",
    "Deliver to the rear lot,\nnot to the street",
    'Sign says "Studio B"',
    "No delivery before 10, please",
    "Leaves the key with the front desk",
)


@dataclass(frozen=True, slots=True)
class Partner:
    """A media partner at one office; a person known to two offices is two of these."""

    person_id: int
    name: str
    address: str
    office: str
    default_loan_region: str
    instructions: str
    affiliation: str
    subcategory_id: int | None


def invent_partners(scale: Scale, random: Random) -> list[Partner]:
    """As many partner rows as the scale says; about one in twenty is a person's second office."""
    twins = max(2, scale.partners // 21)
    people = _people(scale, scale.partners - twins, random)
    elsewhere = [_at_other_office(person, scale, random) for person in random.sample(people, twins)]
    return sorted(people + elsewhere, key=lambda partner: (partner.person_id, partner.office))


def _people(scale: Scale, count: int, random: Random) -> list[Partner]:
    offices, weights = list(scale.offices), [size + 12 for size in scale.offices.values()]
    # Every office has partners: the first ones go round, the others follow the size of the fleet.
    round_robin = offices * (1 + count // (4 * len(offices)))
    homes = (round_robin + random.choices(offices, weights, k=count))[:count]
    names = _names(count, random)
    numbers = sorted(random.sample(range(FIRST_PERSON_ID, FIRST_PERSON_ID + count * 4), count))
    random.shuffle(homes)
    return [
        _invent(number, name, home, offices, random) for number, name, home in zip(numbers, names, homes, strict=True)
    ]


def _names(count: int, random: Random) -> list[str]:
    plain = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    random.shuffle(plain)
    while len(plain) < count:
        plain += [
            f"{first} {middle}. {last}"
            for first in FIRST_NAMES
            for last in LAST_NAMES
            for middle in random.choice("ABCDEFGHJKLMNPRSTW")
        ]
    names = list(ODD_NAMES[: count // 3]) + plain
    names = names[:count]
    random.shuffle(names)
    return names


def _invent(number: int, name: str, office: str, offices: list[str], random: Random) -> Partner:
    kind = random.random()
    region = office if kind < 0.80 else random.choice(offices) if kind < 0.92 else ""
    return Partner(
        person_id=number,
        name=name,
        address=_address(random.choice(OFFICES[office]), random),
        office=office,
        default_loan_region=region,
        instructions=random.choice(INSTRUCTIONS) if random.random() < 0.22 else "",
        affiliation=_outlet(random) if random.random() < 0.9 else "",
        subcategory_id=random.randint(3, 18) if random.random() < 0.7 else None,
    )


def _at_other_office(person: Partner, scale: Scale, random: Random) -> Partner:
    office = random.choice([name for name in scale.offices if name != person.office])
    return Partner(
        person.person_id,
        person.name,
        _address(random.choice(OFFICES[office]), random),
        office,
        office,
        "",
        person.affiliation,
        person.subcategory_id,
    )


def _outlet(random: Random) -> str:
    return f"{random.choice(OUTLET_HEADS)} {random.choice(OUTLET_TAILS)}"


def _address(town: Town, random: Random) -> str:
    street = f"{random.randint(12, 9800)} {random.choice(STREETS)}"
    kind = random.random()
    if kind < 0.03:
        return ""
    if kind < 0.08:
        return f"{town.city}, {town.state}"
    if kind < 0.20:
        return f"{street}, Suite {random.randint(100, 980)}, {town.city}, {town.state} {town.zip_code}"
    if kind < 0.25:
        return f"{street}\n{town.city}, {town.state} {town.zip_code}"
    if kind < 0.32:
        return f"{street}, {town.city}, {town.state} {town.zip_code}-{random.randint(1000, 9899)}"
    if kind < 0.36:
        return f"{street} {town.city} {town.state} {town.zip_code}"
    return f"{street}, {town.city}, {town.state} {town.zip_code}"
