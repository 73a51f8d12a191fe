"""One name for every make and fleet, however FMS's reports and people's spreadsheets spell it."""

import re
from functools import lru_cache

ALIASES = {
    "ALFA": "ALFA ROMEO",
    "CHEVY": "CHEVROLET",
    "CADDY": "CADILLAC",
    "HYUNDAI MOTOR": "HYUNDAI",
    "INFINITY": "INFINITI",
    "JAG": "JAGUAR",
    "LANDROVER": "LAND ROVER",
    "LR": "LAND ROVER",
    "MB": "MERCEDES-BENZ",
    "MERCEDES": "MERCEDES-BENZ",
    "MERCEDES BENZ": "MERCEDES-BENZ",
    "MITSU": "MITSUBISHI",
    "RANGE ROVER": "LAND ROVER",
    "ROLLS ROYCE": "ROLLS-ROYCE",
    "SUBIE": "SUBARU",
    "VOLKSWAGON": "VOLKSWAGEN",
    "VW": "VOLKSWAGEN",
}
TOYOTA_AND_LEXUS = "TOYOTA/LEXUS"
SHARED = {"TOYOTA", "LEXUS", TOYOTA_AND_LEXUS, "LEXUS/TOYOTA", "TOYOTA LEXUS", "LEXUS TOYOTA"}
# Vehicles name their fleet with its purpose: `Audi PR - Press`.
PURPOSE = re.compile(r"\s+PR\s*-\s*PRESS$")
SLASH = re.compile(r"\s*[/&+]\s*")


# Asked for every row of a calendar, of a few dozen names.
@lru_cache(maxsize=1000)
def make_key(name: str) -> str:
    """What two spellings of one make have in common: `VW` and `Volkswagen` are both `VOLKSWAGEN`."""
    plain = PURPOSE.sub("", " ".join(name.upper().split()))
    return ALIASES.get(plain, plain)


def model_key(make: str, model: str) -> tuple[str, str]:
    """What two vehicles of one make and model have in common. `model` is FMS's own, not the short name."""
    return make_key(make), " ".join(model.casefold().split())


@lru_cache(maxsize=1000)
def budget_fleet(name: str) -> str:
    """The fleet under which money is kept for a make or fleet; Toyota and Lexus share one budget."""
    key = SLASH.sub("/", make_key(name))
    return TOYOTA_AND_LEXUS if key in SHARED else key
