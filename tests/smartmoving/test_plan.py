"""Which calls are worth making: values in, values out, and a day of the big company by arithmetic."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.smartmoving.plan import (
    ABSENT,
    DAILY_TARGET,
    DISAGREES,
    LOOK_AGAIN,
    MOST_OPTIONAL,
    REFRESH_LATER,
    REFRESH_TODAY,
    STALE,
    TRY_AGAIN,
    Allowance,
    Journey,
    Known,
    Plan,
    Reason,
    plan,
)
from webapp.smartmoving.schemas import SweptJob, SweptOpportunity
from webapp.smartmoving.window import Window

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
WINDOW = Window(TODAY, TOMORROW)
NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
PLENTY = Allowance(made_today=0, left_in_month=20_000)
BOOKED, COMPLETED, CANCELLED, LOST, LEAD = 4, 10, 20, 30, 0


def swept(
    name: str = "o", status: int = BOOKED, day: date | None = TODAY, *, is_strange: bool = False
) -> SweptOpportunity:
    """An opportunity with one job."""
    return SweptOpportunity(name, "1", status, (SweptJob(f"{name}-1", "1-1", day, 1, is_strange),))


def known(one: SweptOpportunity, age: timedelta | None = timedelta(), problem: str = "", **changes: object) -> Known:
    """What is remembered after that was swept, and its detail read so long ago."""
    made = Known(one.status, one.fingerprint, None if age is None else NOW - age, problem, one.last_day)
    return replace(made, **changes)  # type: ignore[arg-type]


def journey(one: SweptOpportunity, starts_in: float = 3, *, is_on_board: bool = True) -> Journey:
    """Its journey, whose crew arrives in so many hours, within two."""
    starts_at = NOW + timedelta(hours=starts_in)
    job = one.jobs[0]
    assert job.day is not None
    return Journey(
        job.job_id,
        one.opportunity_id,
        job.day,
        starts_at,
        starts_at + timedelta(hours=2),
        job.day == TODAY,
        is_on_board,
    )


def planned(
    sweep: Iterable[SweptOpportunity],
    remembered: dict[str, Known] | None = None,
    journeys: Iterable[Journey] = (),
    allowance: Allowance = PLENTY,
) -> Plan:
    """The plan of this moment."""
    return plan(sweep, remembered or {}, journeys, WINDOW, NOW, allowance)


def reasons(made: Plan) -> list[Reason]:
    """Why details are wanted."""
    return [want.reason for want in made.wanted]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (swept(), Reason.NEW),
        (swept(status=COMPLETED), Reason.NEW),
        (swept(day=TOMORROW), Reason.NEW),
        (swept(day=None, is_strange=True), Reason.NEW),
        (swept(status=LEAD), Reason.TENTATIVE),
        (swept(status=77), Reason.TENTATIVE),
        (swept(status=LOST), None),
        (swept(status=CANCELLED), None),
        (swept(day=TOMORROW + timedelta(days=1)), None),
        (swept(day=TODAY - timedelta(days=1)), None),
        (swept(day=None), None),
        (swept(status=LEAD, day=None, is_strange=True), None),
    ],
)
def test_what_is_seen_for_the_first_time(one: SweptOpportunity, reason: Reason | None) -> None:
    """Booked and done work of the window is read at once, a lead when there is room, the rest never."""
    assert reasons(planned([one])) == ([reason] if reason else [])


def test_a_lead_is_taken_in_without_its_detail() -> None:
    """By the sweep's word, once."""
    lead = swept(status=LEAD)
    assert planned([lead]).settled == (lead,)
    made = planned([lead], {"o": known(lead)}, [journey(lead, is_on_board=False)])
    assert (made.settled, made.wanted) == ((), ())


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (swept(), swept(day=TOMORROW), Reason.CHANGED),
        (swept(status=LEAD), swept(), Reason.CHANGED),
        (swept(status=CANCELLED), swept(), Reason.CHANGED),
        (swept(), swept(status=COMPLETED), Reason.FINISHED),
        (swept(), swept(status=COMPLETED, day=TOMORROW), Reason.CHANGED),
        (swept(status=LOST), swept(status=COMPLETED), Reason.CHANGED),
        (swept(), swept(status=CANCELLED), None),
        (swept(), swept(status=LEAD), None),
    ],
)
def test_changes(before: SweptOpportunity, after: SweptOpportunity, reason: Reason | None) -> None:
    """A changed day, a booking, a reopening are read at once; what the sweep tells in full is not."""
    made = planned([after], {"o": known(before)}, [journey(before)])
    assert reasons(made) == ([reason] if reason else [])
    is_told = after.status in (CANCELLED, LEAD) or reason is Reason.FINISHED
    assert made.settled == ((after,) if is_told else ())


@pytest.mark.parametrize(
    ("age", "day", "starts_in", "reason"),
    [
        (REFRESH_TODAY - timedelta(seconds=1), TODAY, 3, None),
        (REFRESH_TODAY, TODAY, 3, Reason.TODAY),
        (REFRESH_TODAY, TODAY, -1, Reason.TODAY),
        (REFRESH_TODAY, TODAY, -2, None),
        (STALE, TODAY, -2, None),
        (REFRESH_TODAY, TOMORROW, 20, None),
        (REFRESH_LATER, TOMORROW, 20, Reason.LATER),
        (STALE, TOMORROW, 20, Reason.STALE),
        (STALE, TODAY, 3, Reason.STALE),
        (None, TODAY, 3, Reason.NEW),
    ],
)
def test_refreshing(age: timedelta | None, day: date, starts_in: float, reason: Reason | None) -> None:
    """Today's jobs sooner than tomorrow's, none whose arrival is over, and none older than the most it may be."""
    one = swept(day=day)
    assert reasons(planned([one], {"o": known(one, age)}, [journey(one, starts_in)])) == ([reason] if reason else [])


def test_what_is_done_is_not_refreshed() -> None:
    """SmartMoving has nothing to add to completed work."""
    one = swept(status=COMPLETED)
    assert planned([one], {"o": known(one, STALE)}, [journey(one)]).wanted == ()


@pytest.mark.parametrize(
    ("age", "is_again"),
    [(None, True), (timedelta(), False), (TRY_AGAIN - timedelta(seconds=1), False), (TRY_AGAIN, True)],
)
def test_a_problem_is_looked_at_again_in_time(age: timedelta | None, is_again: bool) -> None:
    """At once after the first time, then hourly."""
    one = swept()
    made = planned([one], {"o": known(one, age, "broken")}, [journey(one)])
    assert reasons(made) == ([Reason.AGAIN] if is_again else [])


@pytest.mark.parametrize(
    ("age", "reason"),
    [(None, Reason.AGAIN), (TRY_AGAIN, None), (LOOK_AGAIN, Reason.LATER), (STALE, Reason.AGAIN)],
)
def test_a_lasting_disagreement_does_not_eat_the_calls(age: timedelta | None, reason: Reason | None) -> None:
    """Were the list and the details to differ in every job, reading them hourly would use the month up in days."""
    one = swept()
    made = planned([one], {"o": known(one, age, DISAGREES)}, [journey(one)])
    assert reasons(made) == ([reason] if reason else [])


@pytest.mark.parametrize("source_day", [TODAY - timedelta(days=3), TOMORROW + timedelta(days=9)])
def test_a_job_that_was_moved_here_is_looked_up_now_and_then(source_day: date) -> None:
    """No sweep of its day need bring it, so a cancellation would never be heard of."""
    one = swept(day=source_day)
    ours = replace(journey(one), shown_day=TODAY)
    for age, wanted in ((timedelta(), []), (LOOK_AGAIN, [Reason.MISSING])):
        assert reasons(planned([], {"o": known(one, age)}, [ours])) == wanted
    assert planned([], {"o": known(one, LOOK_AGAIN)}, [replace(ours, is_on_board=False)]).wanted == ()
    assert planned([], {"o": known(one, LOOK_AGAIN)}, [replace(ours, shown_day=source_day)]).wanted == ()


def test_a_sibling_that_comes_into_the_window_is_new() -> None:
    """Although nothing has changed; once it is listed, it is not read again for that."""
    one = swept()
    later = SweptJob("o-2", "1-2", TOMORROW, 1)
    both = replace(one, jobs=(*one.jobs, later))
    assert reasons(planned([both], {"o": known(both)}, [journey(one)])) == [Reason.NEW]
    second = replace(journey(one), job_id="o-2", day=TOMORROW)
    assert planned([both], {"o": known(both)}, [journey(one), second]).wanted == ()


def test_a_job_that_the_sweep_leaves_out_is_looked_up() -> None:
    """Booked: before it goes; tentative: it goes at once; out of the window: it stays."""
    one, lead, later = swept("a"), swept("b", LEAD), swept("c", day=TOMORROW + timedelta(days=3))
    memory = {name.opportunity_id: known(name) for name in (one, lead, later)}
    made = planned([], memory, [journey(one), journey(lead, is_on_board=False), journey(later)])
    assert [(want.opportunity_id, want.reason) for want in made.wanted] == [("a", Reason.MISSING)]
    assert made.missing == {"b": ("b-1",)}


def test_a_job_that_only_the_detail_knows_is_not_looked_up_again_and_again() -> None:
    """Once it was found there, it is looked at again hours later."""
    one = swept()
    for age, count in ((timedelta(), 0), (LOOK_AGAIN, 1)):
        made = planned([], {"o": known(one, age, fingerprint=ABSENT)}, [journey(one)])
        assert len(made.wanted) == count
    assert reasons(planned([one], {"o": known(one, fingerprint=ABSENT)}, [journey(one)])) == [Reason.CHANGED]


def test_the_urgent_come_first_and_the_soonest_of_them() -> None:
    """New, changed, missing; then what can wait, today's before leads before tomorrow's."""
    new, changed, today, soon, lead, later = (
        swept("n"), swept("c"), swept("t"), swept("s"), swept("l", LEAD), swept("x", day=TOMORROW),
    )  # fmt: skip
    memory = {
        "c": known(changed, fingerprint="4:other"),
        "t": known(today, REFRESH_TODAY),
        "s": known(soon, REFRESH_TODAY),
        "x": known(later, REFRESH_LATER),
    }
    ours = [journey(changed), journey(today, 6), journey(soon, 1), journey(later, 20)]
    made = planned([lead, later, today, soon, changed, new], memory, ours)
    assert [want.opportunity_id for want in made.wanted] == ["n", "c", "s", "t", "l", "x"]


@pytest.mark.parametrize(
    ("allowance", "count"),
    [
        (PLENTY, MOST_OPTIONAL),
        (Allowance(made_today=DAILY_TARGET, left_in_month=20_000), 0),
        (Allowance(made_today=300, left_in_month=20_000, sweeps_left=60, pages=2), 5),
        (Allowance(made_today=300, left_in_month=20_000, sweeps_left=60, pages=2, coming=4), 1),
        (Allowance(made_today=0, left_in_month=0), 0),
        (Allowance(made_today=0, left_in_month=100, days_left_in_month=10), 10),
    ],
)
def test_what_can_wait_waits_when_calls_are_few(allowance: Allowance, count: int) -> None:
    """So many may be read as the day's sweeps to come, and the month, leave; the rest is counted."""
    jobs = [swept(f"o{number}") for number in range(50)]
    memory = {one.opportunity_id: known(one, REFRESH_TODAY) for one in jobs}
    made = planned(jobs, memory, map(journey, jobs), allowance)
    assert (len(made.optional), made.put_off) == (count, 50 - count)


@given(st.integers(0, 600), st.integers(0, 30_000), st.integers(0, 65), st.integers(1, 5), st.integers(0, 200))
def test_nothing_new_is_ever_put_off(made_today: int, left: int, sweeps: int, pages: int, coming: int) -> None:
    """However few calls there are, all that is new, changed or missing is wanted."""
    new, changed, gone = swept("n"), swept("c"), swept("g")
    memory = {"c": known(changed, fingerprint="4:other"), "g": known(gone)}
    made = planned(
        [new, changed], memory, [journey(changed), journey(gone)], Allowance(made_today, left, sweeps, pages, coming)
    )
    assert Counter(reasons(made)) == Counter([Reason.NEW, Reason.CHANGED, Reason.MISSING])


STATUSES = st.sampled_from([0, 1, 3, 4, 10, 11, 20, 30, 50, 99])
DAYS = st.sampled_from([None, TODAY - timedelta(days=1), TODAY, TOMORROW, TOMORROW + timedelta(days=9)])


@given(st.lists(st.tuples(STATUSES, DAYS, STATUSES, DAYS, st.integers(0, 3)), max_size=12))
def test_any_sweep_over_any_memory(cases: list[tuple[int, date | None, int, date | None, int]]) -> None:
    """Each opportunity is wanted at most once; one that is settled and read is only finished work, or a lead."""
    sweep, memory, ours = [], {}, []
    for number, (before, day_before, after, day_after, how) in enumerate(cases):
        was, now = swept(f"o{number}", before, day_before), swept(f"o{number}", after, day_after)
        if how:
            memory[was.opportunity_id] = known(was, None if how == 1 else timedelta(hours=7))
            if day_before and before in (4, 10, 11):
                ours.append(journey(was))
        if how != 3:
            sweep.append(now)
    made = planned(sweep, memory, ours)
    names = [want.opportunity_id for want in made.wanted]
    assert len(set(names)) == len(names)
    settled = {one.opportunity_id for one in made.settled}
    both = {want.reason for want in made.wanted if want.opportunity_id in settled}
    assert both <= {
        Reason.FINISHED,
        Reason.TENTATIVE,
        Reason.AGAIN,
        Reason.STALE,
        Reason.TODAY,
        Reason.LATER,
        Reason.NEW,
    }
    assert all(one.status in (4, 10, 11) for one in sweep if one.opportunity_id in names and one.status in (20, 30))


class BigCompany:
    """Ninety-five bookings a day, each read when the plan says so; counts calls instead of making them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.jobs: dict[str, SweptOpportunity] = {}
        self.starts: dict[str, datetime] = {}
        self.memory: dict[str, Known] = {}
        self.ours: dict[str, Journey] = {}
        self._numbers = itertools.count(1)

    def book(self, day: date, count: int) -> None:
        """New bookings for a day."""
        for _ in range(count):
            name = f"o{next(self._numbers)}"
            self.jobs[name] = swept(name, self.random.choices((BOOKED, LEAD), (94, 6))[0], day)
            hour = self.random.choice((8, 8, 8, 9, 9, 12, 13, 14))
            self.starts[name] = datetime.combine(day, time(), UTC) + timedelta(hours=8 + hour)

    def sweep(self, moment: datetime, window: Window, allowance: Allowance) -> int:
        """One run; the number of details it read."""
        brought = [one for one in self.jobs.values() if one.last_day in window]
        made = plan(brought, self.memory, self.ours.values(), window, moment, allowance)
        for one in made.settled:
            detail_at = self.memory[one.opportunity_id].detail_at if one.opportunity_id in self.memory else None
            self.memory[one.opportunity_id] = Known(one.status, one.fingerprint, detail_at, "", one.last_day)
        for want in made.wanted:
            one = self.jobs[want.opportunity_id]
            self.memory[want.opportunity_id] = Known(one.status, one.fingerprint, moment, "", one.last_day)
            starts_at, day = self.starts[want.opportunity_id], one.jobs[0].day
            assert day is not None
            is_today = (moment - timedelta(hours=8)).date() == day
            self.ours[want.opportunity_id] = Journey(
                one.jobs[0].job_id, want.opportunity_id, day, starts_at, starts_at + timedelta(hours=2), is_today,
                one.status in (4, 10),
            )  # fmt: skip
        return len(made.wanted)

    def change(self, moment: datetime) -> None:
        """Work is done, bookings are cancelled, moved, confirmed: each sweep finds a little of it."""
        for name, one in list(self.jobs.items()):
            chance = self.random.random()
            if one.status == BOOKED and self.starts[name] + timedelta(hours=6) < moment and chance < 0.05:
                self.jobs[name] = replace(one, status=COMPLETED)
            elif one.status == BOOKED and self.starts[name] > moment and chance < 0.001:
                self.jobs[name] = replace(one, status=CANCELLED)
            elif one.status == BOOKED and self.starts[name] > moment and chance < 0.002:
                self.jobs[name] = swept(name, BOOKED, TODAY + timedelta(days=self.random.randint(1, 4)))
        if self.random.random() < 0.2:
            self.book((moment - timedelta(hours=8)).date() + timedelta(days=self.random.randint(0, 1)), 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_big_company_needs_at_most_500_calls_a_day(seed: int) -> None:
    """66 branches, 190 customers a day, two pages a sweep, one every 15 minutes from 06:00 to 22:00: day after day."""
    company = BigCompany(seed)
    for offset in range(10):
        company.book(TODAY + timedelta(days=offset), 100)
    for offset in range(4):
        day, calls = TODAY + timedelta(days=offset), 2
        for number in range(65):
            moment = datetime.combine(day, time(14), UTC) + timedelta(minutes=15 * number)
            # From 20:00 on, Newfoundland has the next day.
            last = day + timedelta(days=2 if number >= 56 else 1)
            pages = 2 if number < 56 else 3
            company.change(moment)
            calls += pages
            allowance = Allowance(calls, 20_000, 64 - number, pages, 95 if number < 56 else 0)
            calls += company.sweep(moment, Window(day, last), allowance)
        assert calls <= DAILY_TARGET, offset
        oldest = [
            moment - remembered.detail_at
            for name, remembered in company.memory.items()
            if remembered.detail_at
            and company.jobs[name].status == BOOKED
            and company.starts[name] > moment
            and company.jobs[name].last_day in Window(day, day + timedelta(days=1))
        ]
        assert max(oldest, default=timedelta()) < STALE
