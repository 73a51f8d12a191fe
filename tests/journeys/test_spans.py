"""Being busy and clashing: by table, and against a look at every minute."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import DAY
from webapp.journeys.spans import DAY_MINUTES, LEAST_MINUTES, Booking, Kind, Place, Span, busy, clashes


@pytest.mark.parametrize(
    ("window", "minutes", "expected"),
    [
        ((480, 600), 150, (480, 750)),
        ((480, 480), 60, (480, 540)),
        ((480, None), 60, (480, 540)),
        ((480, 600), None, (480, 600 + LEAST_MINUTES)),
        ((480, 600), 0, (480, 601)),
        ((1200, 1320), 300, (1200, DAY_MINUTES)),
        ((DAY_MINUTES, None), 60, (DAY_MINUTES - 1, DAY_MINUTES)),
        # Written the wrong way round by somebody else: the beginning counts.
        ((600, 480), 60, (600, 660)),
        ((None, None), 60, (0, DAY_MINUTES)),
        ((None, 600), 60, (0, DAY_MINUTES)),
    ],
)
def test_a_journey_is_busy_from_its_earliest_arrival_to_the_end_of_its_work(
    window: tuple[int | None, int | None], minutes: int | None, expected: tuple[int, int]
) -> None:
    """Unknown arrival: the whole day; unknown length: the least that is charged; never beyond midnight."""
    assert busy(DAY, *window, minutes) == Span(DAY, *expected)


def test_a_span_is_told_in_words() -> None:
    """As warnings show it."""
    assert [str(busy(DAY, 480, 600, 90)), str(busy(DAY, None, None, 90))] == ["08:00 to 11:30", "the whole day"]


MINUTE = st.none() | st.integers(-10, DAY_MINUTES + 10)


@given(MINUTE, MINUTE, st.none() | st.integers(-5, 3000))
def test_a_span_is_never_empty_and_never_beyond_the_day(start: int | None, end: int | None, needed: int | None) -> None:
    """Whatever is known of the journey."""
    span = busy(DAY, start, end, needed)
    assert 0 <= span.start < span.end <= DAY_MINUTES


@st.composite
def bookings(draw: st.DrawFn) -> list[Booking]:
    """A few people and trucks on a few journeys of two days; people and trucks share their numbers."""
    starts = st.none() | st.integers(0, DAY_MINUTES)
    places = [
        Place(number, busy(day, start, None, needed), f"job {number}", is_shown)
        for number, (day, start, needed, is_shown) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from([DAY, DAY + timedelta(days=1)]),
                        starts,
                        st.none() | st.integers(0, 600),
                        st.booleans(),
                    ),
                    max_size=6,
                )
            )
        )
    ]
    if not places:
        return []
    one = st.tuples(st.sampled_from(Kind), st.integers(1, 3), st.sampled_from(places))
    return [Booking(kind, who, f"Nr{who}", place) for kind, who, place in draw(st.sets(one, max_size=12))]


@given(bookings())
def test_clashes_are_the_pairs_that_share_a_minute(booked: list[Booking]) -> None:
    """Told at both journeys, for the same person or truck, and nothing else."""
    minutes: dict[tuple[Kind, int, date, int], set[int]] = {}
    for one in booked:
        for minute in range(one.place.span.start, one.place.span.end):
            minutes.setdefault((one.kind, one.id, one.place.span.day, minute), set()).add(one.place.journey_id)
    expected = {
        (kind, who, journey, other)
        for (kind, who, _, _), held in minutes.items()
        for journey in held
        for other in held - {journey}
    }
    shown = {one.place.journey_id: one.place.is_shown for one in booked}
    found = clashes(booked)
    told = [(clash.kind, clash.id, journey, clash.other_id) for journey, each in found.items() for clash in each]
    assert sorted(told, key=str) == sorted(
        ((kind, who, journey, other if shown[other] else None) for kind, who, journey, other in expected), key=str
    )


def test_a_hidden_journey_is_not_named() -> None:
    """Only that there is one, and when."""
    seen, hidden = (
        Place(1, busy(DAY, 480, 600, 120), "41001-1 Rowan"),
        Place(2, busy(DAY, 540, 540, 60), "41002-1 Ash", False),
    )
    found = clashes([Booking(Kind.PERSON, 7, "Kim", seen), Booking(Kind.PERSON, 7, "Kim", hidden)])
    assert [clash.text for clash in found[1]] == ["Kim is also on another journey, 09:00 to 10:00."]
    assert [clash.text for clash in found[2]] == ["Kim is also on 41001-1 Rowan, 08:00 to 12:00."]
