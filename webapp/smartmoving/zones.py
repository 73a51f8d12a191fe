"""Which time zone a state or province of the US or Canada is in, also where one is split.

Splits follow the lines in straight degrees, which is right for every larger city; for a branch beyond a crooked
line somebody sets its zone by hand.
"""

import unicodedata
from dataclasses import dataclass

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
HALIFAX = "America/Halifax"

_NAMES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas
KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi
MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York
NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island
SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington
WV West Virginia|WI Wisconsin|WY Wyoming
AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NT Northwest Territories
NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon
"""


def _each(codes: str, zone: str) -> dict[str, str]:
    return dict.fromkeys(codes.split(), zone)


_ZONES = {
    **_each("CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV", EASTERN),
    **_each("AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI", CENTRAL),
    **_each("CO ID MT NM UT WY", MOUNTAIN),
    **_each("CA NV OR WA", PACIFIC),
    **_each("NB NS PE", HALIFAX),
    "AK": "America/Anchorage",
    "AZ": "America/Phoenix",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
    "MI": "America/Detroit",
    "IN": "America/Indiana/Indianapolis",
    "AB": "America/Edmonton",
    "BC": "America/Vancouver",
    "MB": "America/Winnipeg",
    "NL": "America/St_Johns",
    "NT": "America/Edmonton",
    "NU": "America/Iqaluit",
    "ON": "America/Toronto",
    "QC": "America/Toronto",
    "SK": "America/Regina",
    "YT": "America/Whitehorse",
}
# Others that people write.
_ALIASES = {"PQ": "QC", "NF": "NL", "LB": "NL", "WASHINGTON DC": "DC", "NEWFOUNDLAND": "NL", "YUKON TERRITORY": "YT"}


@dataclass(frozen=True)
class Split:
    """Part of a state or province in another zone: what lies within these lines, in degrees."""

    region: str
    zone: str
    west_of: float = 180
    east_of: float = -180
    north_of: float = -90
    south_of: float = 90

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the point lies within."""
        return self.east_of < longitude < self.west_of and self.north_of < latitude < self.south_of


_SPLITS = (
    Split("AK", "America/Adak", west_of=-169.5),
    Split("FL", CENTRAL, west_of=-85.15),
    Split("ID", PACIFIC, north_of=45.5),
    Split("IN", CENTRAL, west_of=-86.65, north_of=40.75),
    Split("IN", CENTRAL, west_of=-86.75, south_of=38.55),
    Split("KS", MOUNTAIN, west_of=-101.5, north_of=37.7),
    Split("KY", CENTRAL, west_of=-86.2),
    Split("MI", "America/Menominee", west_of=-87.5, south_of=46.6),
    Split("ND", MOUNTAIN, west_of=-101.9, south_of=47.6),
    Split("NE", MOUNTAIN, west_of=-101.2),
    Split("OR", MOUNTAIN, east_of=-117.5, south_of=44.4),
    Split("SD", MOUNTAIN, west_of=-100.5),
    Split("TN", EASTERN, east_of=-85.45, south_of=35.5),
    Split("TN", EASTERN, east_of=-84.9, north_of=35.5),
    Split("TX", MOUNTAIN, west_of=-104.9),
    Split("BC", "America/Dawson_Creek", east_of=-121.8, north_of=55.3),
    Split("BC", "America/Edmonton", east_of=-117.0, south_of=52.5),
    Split("NL", "America/Goose_Bay", north_of=52.5),
    Split("ON", "America/Winnipeg", west_of=-90.0),
    Split("SK", "America/Edmonton", west_of=-109.9),
)


def region_of(state: str) -> str:
    """The code of a state or province from its code or name as somebody typed it; empty where it is none."""
    text = _plain(state)
    code = _ALIASES.get(text, text)
    return code if code in _ZONES else _CODES.get(text, "")


def zone_of(region: str, latitude: float | None = None, longitude: float | None = None) -> str:
    """The zone name of a region's code, at that point if one is given; empty for a region that is none."""
    if latitude is not None and longitude is not None:
        for split in _SPLITS:
            if split.region == region and split.holds(latitude, longitude):
                return split.zone
    return _ZONES.get(region, "")


def regions() -> dict[str, tuple[str, str]]:
    """Every region's name and packaged zone, by code in the order of codes."""
    return {code: (_BY_CODE[code], _ZONES[code]) for code in sorted(_ZONES)}


def _plain(text: str) -> str:
    """Upper case without accents, dots and stray white space."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join("".join(letters).replace(".", "").upper().split())


_BY_CODE = dict(entry.split(" ", 1) for line in _NAMES.strip().splitlines() for entry in line.split("|"))
_CODES = {_plain(name): code for code, name in _BY_CODE.items()}
