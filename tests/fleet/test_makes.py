"""Makes and fleets have one name each, however they are spelled."""

import pytest

from webapp.fleet.makes import budget_fleet, make_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("VW", "VOLKSWAGEN"),
        ("Volkswagen", "VOLKSWAGEN"),
        (" volkswagen  ", "VOLKSWAGEN"),
        ("CHEVY", "CHEVROLET"),
        ("Chevrolet", "CHEVROLET"),
        ("MERCEDES", "MERCEDES-BENZ"),
        ("Mercedes-Benz", "MERCEDES-BENZ"),
        ("Mercedes  Benz", "MERCEDES-BENZ"),
        ("Audi PR - Press", "AUDI"),
        ("Land Rover", "LAND ROVER"),
        ("Polestar", "POLESTAR"),
        ("Toyota", "TOYOTA"),
        ("Lexus", "LEXUS"),
    ],
)
def test_spellings_of_one_make_have_one_key(written: str, key: str) -> None:
    """A make written as an alias, in another case or with its fleet's purpose is the same make."""
    assert make_key(written) == key


@pytest.mark.parametrize(
    "written",
    ["Toyota", "LEXUS", "TOYOTA/LEXUS", "Toyota / Lexus", "Lexus/Toyota", "toyota & lexus", "Lexus PR - Press"],
)
def test_toyota_and_lexus_share_one_budget(written: str) -> None:
    """Money for Toyota and for Lexus is one budget, whichever of the two is named."""
    assert budget_fleet(written) == "TOYOTA/LEXUS"


def test_every_other_make_has_a_budget_of_its_own() -> None:
    """The budget of a make is found under the make's key."""
    assert budget_fleet("VW") == budget_fleet("Volkswagen") == "VOLKSWAGEN"
    assert budget_fleet("Audi PR - Press") == "AUDI"
