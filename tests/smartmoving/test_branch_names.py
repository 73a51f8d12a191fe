"""Which branch a detail means, however somebody typed its name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.smartmoving.branch_names import Branch, Branches, normal_name, shown_name
from webapp.smartmoving.branch_naming import location_names
from webapp.smartmoving.schemas import BranchRow

BRANCHES = Branches(
    [
        Branch(1, "Montréal – Plateau ", "(514) 555-0105", "QC"),  # noqa: RUF001
        Branch(2, "Nashville 🎸 🎸", "(615) 555-0143", "TN"),
        Branch(3, "Springfield", "(217) 555-0136", "IL"),
        Branch(4, "Springfield", "+1 417-555-0137", "MO"),
        Branch(5, "Portland", "(888) 555-0100", "ME"),
        Branch(6, "Portland", "(888) 555-0100", "OR"),
        Branch(7, "🚚", "", ""),
        Branch(8, "Москва", "", ""),
    ]
)


@pytest.mark.parametrize(
    ("name", "phone", "address", "location"),
    [
        ("MONTRÉAL - PLATEAU", "", "", 1),
        (unicodedata.normalize("NFD", "montréal – plateau"), "", "", 1),  # noqa: RUF001
        ("  Montreal   Plateau ", "", "", 1),
        ("nashville", "", "", 2),
        ("Nashville\u00a0🎸", "", "", 2),
        ("Springfield", "217 555 0136", "", 3),
        ("Springfield", "4175550137", "", 4),
        ("Springfield", "", "1 First St, Springfield, MO 65806", 4),
        ("Springfield", "", "", None),
        ("Springfield", "(000) 555-0199", "", None),
        ("Portland", "(888) 555-0100", "", None),
        ("Portland", "(888) 555-0100", "12 Main St, Portland, ME 04101", 5),
        ("Portland", "(888) 555-0100", "Portland, OR", 6),
        ("Portland", "(888) 555-0100", "12 Main St, Toronto, ON M5V 1A1", None),
        ("Toronto", "", "", None),
        ("", "(615) 555-0143", "", None),
        ("москва ", "", "", 8),
        ("🚚", "", "", None),
    ],
)
def test_matching(name: str, phone: str, address: str, location: int | None) -> None:
    """By name however it is typed, then by phone or place among equals; nothing is guessed."""
    assert BRANCHES.match(name, phone, [address] if address else []) == location


@given(st.text())
def test_a_name_is_normal_once(name: str) -> None:
    """Normalising again changes nothing, and neither do case and white space."""
    assert normal_name(normal_name(name)) == normal_name(name)
    assert normal_name(f"  {name} ") == normal_name(name)
    assert shown_name(shown_name(name)) == shown_name(name)


def branch(branch_id: str, name: str, *, city: str = "", state: str = "", is_primary: bool = False) -> BranchRow:
    """A branch as it is listed."""
    return BranchRow(branch_id, name, "", city, state, "", "", None, None, is_primary)


def test_two_branches_of_one_name_have_two_names() -> None:
    """They are told apart by state, and whoever has the plain name keeps it, also when the list is turned around."""
    illinois = branch("b", "Springfield", city="Springfield", state="Illinois")
    missouri = branch("a", " SPRINGFIELD", city="Springfield", state="MO")
    assert location_names([illinois], {}, []) == {"b": "Springfield"}
    both = {"b": "Springfield", "a": "SPRINGFIELD · MO"}
    assert location_names([missouri, illinois], {"b": "Springfield"}, []) == both
    assert location_names([illinois, missouri], both, []) == both


def test_names_that_are_taken_or_missing() -> None:
    """A name that another location has gets an ending; a branch without a name takes its town's."""
    rows = [
        branch("1", "Unassigned"),
        branch("2", "", city="Tulsa"),
        branch("3", "  "),
        branch("4", "Tulsa", city="Tulsa"),
    ]
    assert location_names(rows, {}, ["Unassigned"]) == {
        "1": "Unassigned · 2",
        "2": "Tulsa",
        "3": "Branch 3",
        "4": "Tulsa · 2",
    }


ROWS = st.lists(
    st.builds(
        branch,
        st.uuids().map(str),
        st.sampled_from(["Springfield", "springfield ", "Tulsa", "", "🚚", "Springfield · MO"]),
        city=st.sampled_from(["", "Tulsa", "Springfield"]),
        state=st.sampled_from(["", "MO", "Illinois"]),
        is_primary=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda row: row.branch_id,
)


@given(ROWS, st.randoms())
def test_names_are_distinct_and_steady(rows: list[BranchRow], random: st.DataObject) -> None:
    """No two alike, whatever the order; and the next reading changes none."""
    names = location_names(rows, {}, ["Unassigned"])
    assert len({name.casefold() for name in names.values()}) == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert location_names(shuffled, {}, ["Unassigned"]) == names
    assert location_names(shuffled, names, ["Unassigned"]) == names
