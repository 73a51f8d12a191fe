"""How many moves a day asks of drivers: starts, ends, swaps, what stays; how full that is; against brute force."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.capacity import Fullness, Kind, Load, Move, Trip, load_of, most_moves, moves_of

MONDAY = date(2026, 11, 23)
TORQUE, GARCIA = (1, 3035), (1, 3036)


def trip(vin: str, partner: tuple[int, int], start: int, end: int, office: str = "Los Angeles") -> Trip:
    """A loan from `start` to `end`, in days after MONDAY."""
    days = MONDAY + timedelta(days=start), MONDAY + timedelta(days=end)
    return Trip(office, vin, partner, *days, f"/calendar/loans/{vin}-{start}")


def moves_on(day: int, *trips: Trip) -> list[Move]:
    """Who moves on that day at Los Angeles."""
    when = MONDAY + timedelta(days=day)
    return moves_of(trips, when, when).get(("Los Angeles", when), [])


@pytest.mark.parametrize(
    ("trips", "kinds"),
    [
        ([trip("A", TORQUE, 0, 7)], [Kind.OUT]),
        ([trip("A", TORQUE, -7, 0)], [Kind.BACK]),
        ([trip("A", TORQUE, -7, 0), trip("B", TORQUE, 0, 7)], [Kind.SWAP]),
        ([trip("A", TORQUE, -7, 0), trip("B", GARCIA, 0, 7)], [Kind.BACK, Kind.OUT]),
        ([trip("A", TORQUE, -7, 0), trip("A", GARCIA, 0, 7)], [Kind.BACK, Kind.OUT]),
        ([trip("A", TORQUE, -7, 0), trip("A", TORQUE, 0, 7)], [Kind.STAYS]),
        ([trip("A", TORQUE, 0, 0)], [Kind.BACK, Kind.OUT]),
        ([trip("A", TORQUE, -7, 0), trip("B", TORQUE, 0, 7), trip("C", TORQUE, 0, 7)], [Kind.OUT, Kind.SWAP]),
        ([trip("A", TORQUE, -7, 0), trip("B", TORQUE, -7, 0), trip("B", TORQUE, 0, 7)], [Kind.BACK, Kind.STAYS]),
        ([trip("A", TORQUE, -7, 7)], []),
        ([trip("A", TORQUE, 0, 7, "Miami")], []),
    ],
    ids=[
        "goes out",
        "comes back",
        "swap at one partner",
        "back from one partner and out to another are two",
        "one vehicle from one partner to another is fetched and brought",
        "lent on to the same partner it stays",
        "brought and fetched on one day",
        "one of two is swapped",
        "one stays, another comes back",
        "out all day",
        "of another office",
    ],
)
def test_what_moves(trips: list[Trip], kinds: list[Kind]) -> None:
    """Starts and ends are moves; a swap at one partner is one; what stays with its partner is none."""
    moves = moves_on(0, *trips)
    assert sorted(move.kind for move in moves) == kinds
    assert load_of(moves, None).moves == len([kind for kind in kinds if kind is not Kind.STAYS])


@pytest.mark.parametrize(
    ("moves", "most", "fullness", "words", "mark"),
    [
        (0, 30, Fullness.FINE, "0 of 30 moves", ""),
        (23, 30, Fullness.FINE, "23 of 30 moves", ""),
        (24, 30, Fullness.NEARLY, "24 of 30 moves, nearly full", "80%"),
        (29, 30, Fullness.NEARLY, "29 of 30 moves, nearly full", "96%"),
        (30, 30, Fullness.NEARLY, "30 of 30 moves, full", "full"),
        (31, 30, Fullness.OVER, "31 of 30 moves, 1 too many", "+1"),
        (0, 0, Fullness.FINE, "0 of 0 moves", ""),
        (1, 0, Fullness.OVER, "1 of 0 moves, 1 too many", "+1"),
        (1, None, Fullness.UNKNOWN, "1 move", ""),
    ],
)
def test_how_full_a_day_is(moves: int, most: int | None, fullness: Fullness, words: str, mark: str) -> None:
    """Amber from 80 % of drivers x 2, red above all of it, and the same in words; nothing where nobody counted them."""
    load = Load(moves, most)
    assert (load.fullness, load.words, load.mark) == (fullness, words, mark)


def test_a_driver_makes_two_moves_a_day() -> None:
    """Fifteen drivers make thirty."""
    assert most_moves(15) == 30


TRIPS = st.lists(
    st.builds(
        lambda vin, partner, start, length, office: trip(vin, (1, partner), start, start + length, office),
        st.sampled_from("ABCDE"),
        st.integers(1, 3),
        st.integers(-3, 3),
        st.integers(0, 4),
        st.sampled_from(["Los Angeles", "Miami"]),
    ),
    max_size=6,
    unique_by=lambda each: (each.vin, each.start_day),
)


def by_brute_force(trips: list[Trip], office: str, day: date) -> int:
    """The fewest drives: every way to pair what a partner gives back with what they get."""
    total = 0
    for partner in {each.partner for each in trips}:
        here = [each for each in trips if each.office == office and each.partner == partner]
        total += 2 * sum(each.start_day == each.end_day == day for each in here)
        back = [each.vin for each in here if each.start_day < each.end_day == day]
        out = [each.vin for each in here if day == each.start_day < each.end_day]
        for vin in set(back) & set(out):
            back.remove(vin)
            out.remove(vin)
        longer, shorter = sorted((back, out), key=len, reverse=True)
        total += min(
            (len(longer) + len(shorter) - sum(a != b for a, b in zip(order, shorter, strict=False)))
            for order in permutations(longer)
        )
    return total


@given(TRIPS)
def test_counting_agrees_with_brute_force(trips: list[Trip]) -> None:
    """For every day and office the number is the fewest drives, and every start and end is in exactly one of them."""
    last = MONDAY + timedelta(days=8)
    first = MONDAY - timedelta(days=4)
    found = moves_of(trips, first, last)
    for office in ("Los Angeles", "Miami"):
        for day in (first + timedelta(days=number) for number in range(13)):
            moves = found.get((office, day), [])
            assert load_of(moves, None).moves == by_brute_force(trips, office, day)
            starts = [each for each in trips if each.office == office and each.start_day == day]
            ends = [each for each in trips if each.office == office and each.end_day == day]
            assert sorted(move.out for move in moves if move.out) == sorted(starts)
            assert sorted(move.back for move in moves if move.back) == sorted(ends)
