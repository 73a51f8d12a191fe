"""Pairing loans with activities: one to one, the best of all pairings, always the same."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.feeds.reconcile_match import Seen, Wanted, match
from webapp.loans.periods import Period

FIRST = date(2026, 11, 2)


def days(start: int, length: int = 7) -> Period:
    """`length` days from the `start`th after Monday 11-02-26."""
    return Period(FIRST + timedelta(start), FIRST + timedelta(start + length))


def loan(number: int, start: int, length: int = 7, *, vin: str = "A", person_id: int = 1) -> Wanted:
    return Wanted(number, vin, person_id, days(start, length))


def seen(number: int, start: int, length: int = 7, *, vin: str = "A", person_id: int | None = 1) -> Seen:
    return Seen(number, vin, person_id, days(start, length))


def numbers(pairs: dict[int, Seen]) -> dict[int, int]:
    return {loan_id: activity.activity_id for loan_id, activity in pairs.items()}


def test_same_vehicle_and_person_and_a_common_day() -> None:
    """Another VIN, another person, nobody, or days that only touch are somebody else's activity."""
    strangers = [
        seen(1, 0, vin="B"),
        seen(2, 0, person_id=2),
        seen(3, 0, person_id=None),
        seen(4, 7),
        seen(5, -7),
    ]
    assert match([loan(1, 0)], strangers) == {}
    assert numbers(match([loan(1, 0)], [*strangers, seen(6, 6, 1)])) == {1: 6}


def test_the_right_one_of_two_activities() -> None:
    """The closer start wins, whatever the order and the numbers."""
    assert numbers(match([loan(1, 0)], [seen(8, 3), seen(9, 1)])) == {1: 9}
    assert numbers(match([loan(1, 0)], [seen(8, 1), seen(9, -2)])) == {1: 8}


def test_the_right_one_of_two_loans() -> None:
    """One activity makes one loan blue: the one whose start is closer."""
    assert numbers(match([loan(1, 0), loan(2, 7)], [seen(9, 5)])) == {2: 9}
    assert numbers(match([loan(1, 0), loan(2, 7)], [seen(9, 2)])) == {1: 9}


def test_all_moved_by_the_same_days_stay_with_their_own() -> None:
    """FMS moved both by five days: the first activity now starts closer to the second loan and is still the first's."""
    assert numbers(match([loan(1, 0), loan(2, 7)], [seen(8, 5), seen(9, 12)])) == {1: 8, 2: 9}


def test_equal_starts_are_decided_by_the_ends_and_then_by_the_numbers() -> None:
    """Of two that start alike the one that ends alike; of equals the smaller number."""
    assert numbers(match([loan(1, 0)], [seen(8, 0, 3), seen(9, 0, 7)])) == {1: 9}
    assert numbers(match([loan(1, 0)], [seen(9, 0), seen(8, 0)])) == {1: 8}
    assert numbers(match([loan(2, 0), loan(1, 0)], [seen(9, 0), seen(8, 0)])) == {1: 8, 2: 9}


LOANS = st.lists(st.builds(loan, st.just(0), st.integers(0, 20), st.integers(1, 8)), max_size=4)
ACTIVITIES = st.lists(st.builds(seen, st.just(0), st.integers(-3, 22), st.integers(1, 8)), max_size=4)


def pairings(loans: list[Wanted], activities: list[Seen]) -> Iterator[tuple[int, ...]]:
    """Every one-to-one pairing, as one activity's place for each loan; beyond the last: alone."""
    alone = len(activities)
    for places in itertools.product(range(alone + 1), repeat=len(loans)):
        chosen = [place for place in places if place != alone]
        allowed = all(
            place == alone or one.period.overlaps(activities[place].period)
            for one, place in zip(loans, places, strict=True)
        )
        if len(set(chosen)) == len(chosen) and allowed:
            yield places


@given(LOANS, ACTIVITIES, st.randoms(use_true_random=False))
def test_it_is_the_best_of_all_pairings(loans: list[Wanted], activities: list[Seen], order: object) -> None:
    """Beside every possible pairing: most pairs, then closest starts, then closest ends, then the numbers."""
    loans = [Wanted(number, one.vin, one.person_id, one.period) for number, one in enumerate(loans)]
    activities = [Seen(number, one.vin, one.person_id, one.period) for number, one in enumerate(activities)]

    def merit(places: tuple[int, ...]) -> tuple[int, int, int, tuple[int, ...]]:
        pairs = [
            (one.period, activities[place].period)
            for one, place in zip(loans, places, strict=True)
            if place < len(activities)
        ]
        starts = sum(abs((one.start_day - other.start_day).days) for one, other in pairs)
        ends = sum(abs((one.end_day - other.end_day).days) for one, other in pairs)
        return -len(pairs), starts, ends, places

    best = min(pairings(loans, activities), key=merit)
    expected = {number: place for number, place in enumerate(best) if place < len(activities)}
    shuffled_loans, shuffled_activities = list(loans), list(activities)
    order.shuffle(shuffled_loans)  # type: ignore[attr-defined]
    order.shuffle(shuffled_activities)  # type: ignore[attr-defined]
    assert numbers(match(shuffled_loans, shuffled_activities)) == expected


@given(LOANS, LOANS, ACTIVITIES, ACTIVITIES)
def test_one_vehicle_says_nothing_of_another(
    mine: list[Wanted], others: list[Wanted], seen_here: list[Seen], seen_there: list[Seen]
) -> None:
    """What is paired for one VIN is the same with and without the rest of the fleet."""
    mine = [Wanted(number, "A", 1, one.period) for number, one in enumerate(mine)]
    others = [Wanted(100 + number, "B", 1, one.period) for number, one in enumerate(others)]
    seen_here = [Seen(number, "A", 1, one.period) for number, one in enumerate(seen_here)]
    seen_there = [Seen(100 + number, "B", 1, one.period) for number, one in enumerate(seen_there)]
    apart = {**match(mine, seen_here), **match(others, seen_there)}
    assert match([*others, *mine], [*seen_there, *seen_here]) == apart
