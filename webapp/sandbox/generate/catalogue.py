"""The makes and models that a press fleet lends, with what each is called in FMS."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Make:
    """A make: its VIN prefix, its weight in a fleet, and (model, short name) pairs."""

    name: str
    prefix: str
    weight: int
    models: tuple[tuple[str, str], ...]

    @property
    def fleet(self) -> str:
        """The fleet as vehicles and requests name it."""
        return f"{self.name} PR - Press"


MAKES = (
    Make(
        "Acura",
        "19U",
        4,
        (
            ("Integra A-Spec Technology", "Integra"),
            ("MDX Type S Advance", "MDX"),
            ("RDX A-Spec Advance", "RDX"),
        ),
    ),
    Make(
        "Audi",
        "WAU",
        8,
        (
            ("A3 Premium Plus", "A3"),
            ("Q5 Premium Plus 45 TFSI", "Q5"),
            ("Q8 e-tron Prestige", "Q8 e-tron"),
            ("S5 Sportback Prestige", "S5"),
            ("RS 6 Avant performance", "RS 6"),
        ),
    ),
    Make(
        "BMW",
        "WBA",
        8,
        (
            ("330i xDrive Sedan", "3 Series"),
            ("X5 xDrive50e", "X5"),
            ("i4 eDrive40 Gran Coupe", "i4"),
            ("M2 Coupe", "M2"),
        ),
    ),
    Make("Buick", "KL4", 3, (("Enclave Avenir", "Enclave"), ("Envista ST", "Envista"))),
    Make(
        "Cadillac",
        "1G6",
        5,
        (("CT5-V Blackwing", "CT5"), ("Escalade IQ Sport", "Escalade IQ"), ("LYRIQ Luxury", "LYRIQ")),
    ),
    Make(
        "Chevrolet",
        "1GN",
        8,
        (
            ("Blazer EV RS", "Blazer EV"),
            ("Corvette E-Ray 3LZ", "Corvette"),
            ("Silverado 1500 ZR2", "Silverado"),
            ("Trax ACTIV", "Trax"),
        ),
    ),
    Make(
        "Ford",
        "1FM",
        8,
        (
            ("Bronco Sport Badlands", "Bronco Sport"),
            ("F-150 Lightning Platinum", "F-150 Lightning"),
            ("Maverick Lobo", "Maverick"),
            ("Mustang Dark Horse", "Mustang"),
        ),
    ),
    Make(
        "Genesis",
        "KMT",
        6,
        (
            ("G70 3.3T Sport Prestige", "G70"),
            ("GV70 Electrified Prestige", "GV70"),
            ("GV80 Coupe 3.5T E-SC", "GV80"),
        ),
    ),
    Make(
        "GMC",
        "1GT",
        4,
        (("Acadia Denali", "Acadia"), ("Hummer EV SUV 3X", "Hummer EV"), ("Sierra 1500 AT4X", "Sierra")),
    ),
    Make(
        "Honda",
        "1HG",
        6,
        (
            ("Accord Hybrid Touring", "Accord"),
            ("Civic Type R", "Civic"),
            ("CR-V Sport Touring Hybrid", "CR-V"),
            ("Prologue Elite", "Prologue"),
        ),
    ),
    Make(
        "Hyundai",
        "KM8",
        7,
        (
            ("Ioniq 5 Limited AWD", "Ioniq 5"),
            ("Ioniq 9 Calligraphy", "Ioniq 9"),
            ("Santa Fe Calligraphy", "Santa Fe"),
            ("Tucson Hybrid Limited", "Tucson"),
        ),
    ),
    Make("INFINITI", "5N1", 3, (("QX60 Autograph AWD", "QX60"), ("QX80 Sensory 4WD", "QX80"))),
    Make(
        "Kia",
        "KND",
        7,
        (
            ("EV6 GT-Line AWD", "EV6"),
            ("EV9 Land AWD", "EV9"),
            ("Sorento X-Pro SX Prestige", "Sorento"),
            ("Telluride SX X-Pro", "Telluride"),
        ),
    ),
    Make(
        "Land Rover",
        "SAL",
        4,
        (("Defender 110 X-Dynamic SE", "Defender"), ("Range Rover Sport Autobiography", "Range Rover Sport")),
    ),
    Make(
        "Lexus",
        "JTH",
        6,
        (
            ("GX 550 Overtrail+", "GX"),
            ("LC 500 Convertible", "LC"),
            ("RX 500h F Sport Performance", "RX"),
            ("TX 550h+ Luxury", "TX"),
        ),
    ),
    Make(
        "Lincoln",
        "5LM",
        3,
        (("Nautilus Hybrid Black Label", "Nautilus"), ("Navigator L Reserve", "Navigator")),
    ),
    Make(
        "Mazda",
        "JM3",
        6,
        (
            ("CX-50 Turbo Meridian", "CX-50"),
            ("CX-90 PHEV Premium Plus", "CX-90"),
            ("MX-5 Miata RF Grand Touring", "MX-5"),
        ),
    ),
    Make(
        "Mercedes-Benz",
        "W1K",
        6,
        (
            ("AMG C 63 S E Performance", "C-Class"),
            ("E 450 4MATIC All-Terrain", "E-Class"),
            ("EQE 350 4MATIC SUV", "EQE SUV"),
            ("GLC 350e 4MATIC", "GLC"),
        ),
    ),
    Make("MINI", "WMW", 3, (("Cooper S 4 Door", "Cooper"), ("Countryman JCW ALL4", "Countryman"))),
    Make(
        "Nissan",
        "JN8",
        6,
        (("Ariya Platinum+ e-4ORCE", "Ariya"), ("Pathfinder Rock Creek", "Pathfinder"), ("Z NISMO", "Z")),
    ),
    Make(
        "Porsche",
        "WP1",
        3,
        (("911 Carrera T", "911"), ("Macan 4 Electric", "Macan"), ("Taycan 4S Cross Turismo", "Taycan")),
    ),
    Make(
        "Subaru",
        "JF2",
        5,
        (
            ("Crosstrek Wilderness", "Crosstrek"),
            ("Outback Onyx Edition XT", "Outback"),
            ("Solterra Touring", "Solterra"),
        ),
    ),
    Make(
        "Toyota",
        "JTM",
        9,
        (
            ("4Runner TRD Pro i-FORCE MAX", "4Runner"),
            ("Camry XSE AWD", "Camry"),
            ("GR Corolla Premium", "GR Corolla"),
            ("Land Cruiser 1958", "Land Cruiser"),
            ("Sienna Platinum AWD", "Sienna"),
        ),
    ),
    Make(
        "Volkswagen",
        "WVG",
        6,
        (
            ("Atlas SEL Premium R-Line", "Atlas"),
            ("Golf GTI Autobahn", "Golf GTI"),
            ("ID. Buzz Pro S Plus", "ID. Buzz"),
        ),
    ),
    Make(
        "Volvo",
        "YV4",
        5,
        (
            ("EX30 Twin Motor Ultra", "EX30"),
            ("V60 Cross Country Ultimate", "V60"),
            ("XC90 Recharge Ultra", "XC90"),
        ),
    ),
)

BUDGET_FLEETS = {
    "Volkswagen": "VW",
    "Chevrolet": "CHEVY",
    "Mercedes-Benz": "MERCEDES",
    "Toyota": "TOYOTA/LEXUS",
    "Lexus": "TOYOTA/LEXUS",
}

COLORS = (
    "Glacier White",
    "Mythos Black",
    "Nardo Gray",
    "Soul Red",
    "Ocean Blue",
    "Sage Green",
    "Copper",
    "Silver Ice",
    "Cement",
    "Midnight Pearl",
    "Sunset Orange",
    "Chalk",
)


def budget_fleet(make: str) -> str:
    """The fleet under which money is kept for a make: short, upper case, Toyota and Lexus together."""
    return BUDGET_FLEETS.get(make, make.upper())
