"""The offices and the real cities around them, so that invented addresses can be placed on a map."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """A real city with its state and one of its ZIP codes."""

    city: str
    state: str
    zip_code: str


def _towns(state: str, names: str) -> tuple[Town, ...]:
    found = (entry.rsplit(" ", 1) for entry in names.split(", "))
    return tuple(Town(city, state, zip_code) for city, zip_code in found)


OFFICES: dict[str, tuple[Town, ...]] = {
    "Los Angeles": _towns(
        "CA",
        "Los Angeles 90012, Los Angeles 90036, Los Angeles 90064, Pasadena 91101, Santa Monica 90401, "
        "Burbank 91502, Long Beach 90802, Torrance 90501, Irvine 92614, Glendale 91203, Anaheim 92805, "
        "San Diego 92101, Ventura 93001, Costa Mesa 92626",
    ),
    "New York": _towns(
        "NY",
        "New York 10001, New York 10023, Brooklyn 11201, Brooklyn 11215, White Plains 10601, Yonkers 10701, "
        "Astoria 11102, New Rochelle 10801",
    )
    + _towns("NJ", "Hoboken 07030, Montclair 07042, Princeton 08540"),
    "Detroit": _towns(
        "MI",
        "Detroit 48226, Ann Arbor 48104, Royal Oak 48067, Birmingham 48009, Troy 48084, Ferndale 48220, "
        "Lansing 48933, Novi 48375",
    ),
    "San Francisco": _towns(
        "CA",
        "San Francisco 94103, San Francisco 94117, Oakland 94612, Berkeley 94704, San Jose 95113, "
        "Palo Alto 94301, Walnut Creek 94596, Santa Rosa 95404",
    ),
    "Miami": _towns(
        "FL",
        "Miami 33131, Miami Beach 33139, Fort Lauderdale 33301, Coral Gables 33134, Boca Raton 33432, "
        "West Palm Beach 33401, Hollywood 33020",
    ),
    "Dallas": _towns("TX", "Dallas 75201, Plano 75024, Fort Worth 76102, Irving 75039, Frisco 75034, Arlington 76010"),
    "Chicago": _towns(
        "IL",
        "Chicago 60601, Chicago 60614, Evanston 60201, Oak Park 60302, Naperville 60540, Schaumburg 60173",
    ),
    "Atlanta": _towns(
        "GA", "Atlanta 30303, Atlanta 30309, Decatur 30030, Marietta 30060, Alpharetta 30009, Roswell 30075"
    ),
    "Washington DC": _towns("DC", "Washington 20001, Washington 20009")
    + _towns("VA", "Arlington 22201, Alexandria 22314, Reston 20190")
    + _towns("MD", "Bethesda 20814, Silver Spring 20910"),
    "Boston": _towns(
        "MA", "Boston 02108, Cambridge 02139, Somerville 02143, Newton 02458, Worcester 01608, Salem 01970"
    ),
    "Seattle": _towns(
        "WA", "Seattle 98101, Seattle 98115, Bellevue 98004, Tacoma 98402, Redmond 98052, Kirkland 98033"
    ),
    "Denver": _towns("CO", "Denver 80202, Boulder 80302, Golden 80401, Fort Collins 80524, Littleton 80120"),
    "Phoenix": _towns("AZ", "Phoenix 85004, Scottsdale 85251, Tempe 85281, Mesa 85201, Chandler 85225"),
    "Nashville": _towns("TN", "Nashville 37203, Franklin 37064, Murfreesboro 37130, Brentwood 37027"),
}

STREETS = (
    "Larkmoor Ave",
    "Tamsin Way",
    "Quillfeather Rd",
    "Brassbell St",
    "Old Windrow Ln",
    "Copperlatch Blvd",
    "Hollowmere Dr",
    "Saltgrass Ct",
    "Nettlefold Ave",
    "Farrier's Row",
    "Juniper Bluff Rd",
    "Ninth & Ash St",
    "Marlpit Ter",
    "Swallowtail Pkwy",
)
