"""Coming off, going to, and the days between that nobody has the vehicle."""

from datetime import date, timedelta

import pytest

from webapp.calendar.looks import Look
from webapp.calendar.panels.gaps import Around, Gap, around, gaps
from webapp.calendar.panels.stays import Stay
from webapp.loans.periods import Period, free_between

# A Thursday.
TODAY = date(2026, 11, 19)


def stay(start: date, end: date, partner: str = "Jo Vance", look: Look = Look.ACTIVE) -> Stay:
    person_id, kind = (7, "") if partner else (None, "Service")
    return Stay(start, end, "WAUZZZ8V0SA051916", "Audi", "A3", "Silver", person_id, partner, look, kind)


def november(day: int) -> date:
    return date(2026, 11, day)


def december(day: int) -> date:
    return date(2026, 12, day)


def test_a_gap_lies_between_two_partners() -> None:
    """From whom it comes off, to whom it goes, how many days and weekdays; and after the last nothing is planned."""
    found = gaps([stay(november(12), december(3)), stay(december(14), december(21), "Wendy Torque")], TODAY)
    assert found == (
        Gap(
            coming_off="Jo Vance Thu 12-03-26",
            going_to="Wendy Torque Mon 12-14-26",
            days="Thu 12-03-26 → Mon 12-14-26",
            length="11 days, 7 weekdays",
            loan=("2026-12-03", "2026-12-10"),
        ),
        Gap(
            coming_off="Wendy Torque Mon 12-21-26",
            going_to="",
            days="from Mon 12-21-26 on",
            length="nothing is planned after",
            loan=("2026-12-21", "2026-12-28"),
        ),
    )


def test_a_vehicle_that_nobody_ever_had_is_one_gap() -> None:
    """From today, with nothing on either side."""
    assert gaps([], TODAY) == (
        Gap("", "", "from Thu 11-19-26 on", "nothing is planned after", ("2026-11-19", "2026-11-26")),
    )


def test_a_hand_over_on_one_day_is_no_gap() -> None:
    """It may come back and go out again; a service of one day has that day; a gap after two months is not listed."""
    week = timedelta(days=7)
    stays = [stay(TODAY + number * week, TODAY + (number + 1) * week) for number in range(9)]
    assert gaps(stays, TODAY) == ()
    with_service = [*stays[:2], stay(TODAY + 2 * week, TODAY + 2 * week, "")]
    (after,) = gaps(with_service, TODAY)
    assert (after.coming_off, after.days) == ("Service Thu 12-03-26", "from Fri 12-04-26 on")


def test_what_came_back_early_holds_nothing() -> None:
    """A loan that is over leaves its days free, and is where the vehicle comes off."""
    back, later = stay(november(9), november(23), look=Look.OVER), stay(november(30), december(7))
    (gap, _) = gaps([back, later], TODAY)
    assert (gap.days, gap.going_to) == ("Thu 11-19-26 → Mon 11-30-26", "Jo Vance Mon 11-30-26")


@pytest.mark.parametrize(
    ("start", "end", "loan"),
    [
        # On a weekend nothing goes out or comes back.
        (december(5), december(7), None),
        (december(4), december(6), None),
        (december(4), december(7), ("2026-12-04", "2026-12-07")),
        (december(5), december(13), ("2026-12-07", "2026-12-11")),
        (december(1), december(2), ("2026-12-01", "2026-12-02")),
    ],
)
def test_what_is_offered_for_a_gap_fits_into_it(start: date, end: date, loan: tuple[str, str] | None) -> None:
    """At most a week, on weekdays, and never beyond the gap."""
    (gap, _) = gaps([stay(november(12), start), stay(end, december(31))], TODAY)
    assert gap.loan == loan


def test_around_the_day_of_a_bar() -> None:
    """What is before it, what is after it, and how long the vehicle stands on either side."""
    before, here, after = (
        stay(november(12), november(20), "Ada Quill"),
        stay(november(23), november(30)),
        stay(november(30), december(7), "Wendy Torque"),
    )
    found = around([after, here, before], november(23), TODAY)
    assert found == Around(
        title="Around Mon 11-23-26",
        has="Jo Vance Mon 11-23-26 → Mon 11-30-26",
        before=Gap(
            "Ada Quill Fri 11-20-26",
            "Jo Vance Mon 11-23-26",
            "Fri 11-20-26 → Mon 11-23-26",
            "3 days, 1 weekday",
            ("2026-11-20", "2026-11-23"),
        ),
        after=Gap(
            "Jo Vance Mon 11-30-26",
            "Wendy Torque Mon 11-30-26",
            "Mon 11-30-26 → Mon 11-30-26",
            "no day between",
            None,
        ),
    )


def test_around_a_day_that_is_free() -> None:
    """The gap in which it lies; before the first stay it begins with that day."""
    stays = [stay(november(23), november(30)), stay(december(14), december(21), "Wendy Torque")]
    found = around(stays, december(8), TODAY)
    assert (found.has, found.before) == ("", None)
    assert (found.after.coming_off, found.after.going_to, found.after.length) == (
        "Jo Vance Mon 11-30-26",
        "Wendy Torque Mon 12-14-26",
        "14 days, 10 weekdays",
    )
    first = around(stays, november(20), TODAY).after
    assert (first.coming_off, first.days) == ("", "Fri 11-20-26 → Mon 11-23-26")


def test_two_who_have_it_at_once_are_told() -> None:
    """What FMS approved twice is no gap of negative days."""
    found = around(
        [stay(november(23), november(30)), stay(november(27), december(4), "Wendy Torque")], november(23), TODAY
    )
    assert found.after.length == "3 days both at once"


def test_free_days_are_what_nothing_occupies() -> None:
    """Between, before and after what is taken, whatever overlaps, and nothing of no length."""
    taken = [Period(november(25), november(27)), Period(november(20), november(22)), Period(november(21), november(23))]
    assert free_between(taken, november(19), november(30)) == (
        Period(november(19), november(20)),
        Period(november(23), november(25)),
        Period(november(27), november(30)),
    )
    assert free_between(taken, november(21), november(25)) == (Period(november(23), november(25)),)
    assert free_between([], november(21), november(21)) == ()
