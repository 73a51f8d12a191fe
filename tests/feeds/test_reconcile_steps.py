"""Deciding what loans become: whatever FMS's calendar says, one decision is enough and nothing is used twice."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.feeds.reconcile_match import Seen
from webapp.feeds.reconcile_steps import Calendar, Plan, Standing, decide
from webapp.loans.periods import Period
from webapp.loans.reconciled import Flag
from webapp.loans.states import Status

TODAY = date(2026, 11, 19)
DAYS = st.integers(-12, 12).map(lambda number: TODAY + timedelta(number))
PERIODS = st.builds(lambda start, length: Period(start, start + timedelta(length)), DAYS, st.integers(1, 9))
VINS = st.sampled_from("AB")
PEOPLE = st.integers(1, 2)
LINKS = {Status.ACTIVE: st.none() | st.integers(0, 6), Status.CANCELLED: st.integers(0, 6)}


@st.composite
def loans(draw: st.DrawFn) -> list[Standing]:
    found: list[Standing] = []
    for number in range(draw(st.integers(0, 5))):
        status = draw(st.sampled_from([Status.REQUESTED, Status.ACTIVE, Status.CANCELLED, Status.MANUAL]))
        link = draw(LINKS.get(status, st.none()))
        found.append(
            Standing(
                number,
                1,
                status,
                draw(VINS),
                draw(PEOPLE),
                draw(PERIODS),
                None if link in {other.activity_id for other in found} else link,
                draw(st.sampled_from(Flag)) if status == Status.REQUESTED else Flag.NONE,
                "",
                TODAY,
                # Only a request that may be in FMS makes us look at a green loan.
                unproven=number if status == Status.MANUAL else None,
                is_busy=status == Status.REQUESTED and draw(st.booleans()),
            )
        )
    return found


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    numbers = draw(st.lists(st.integers(0, 9), unique=True, max_size=7))
    rows = {
        number: Seen(number, draw(VINS), draw(st.none() | PEOPLE), draw(PERIODS), is_over=draw(st.booleans()))
        for number in numbers
    }
    return Calendar(
        {number: row for number, row in rows.items() if not row.is_over},
        {number: row for number, row in rows.items() if row.is_over},
        draw(st.booleans()),
    )


def taken(standing: list[Standing], plan: Plan) -> list[Standing]:
    """The loans after the plan was written; those that are over are not looked at again."""
    steps = {step.loan_id: step for step in plan.steps}
    after = []
    for loan in standing:
        step = steps.get(loan.loan_id)
        if step is not None:
            loan = replace(
                loan,
                version=loan.version + 1,
                status=step.status,
                period=step.period,
                activity_id=step.activity_id,
                flag=step.flag,
                reason=step.reason,
            )
        after.append(loan)
    return after


@given(loans(), calendars(), st.dictionaries(st.integers(0, 5), st.just("No."), max_size=2))
def test_every_step_says_something_and_breaks_nothing(
    standing: list[Standing], calendar: Calendar, dead: dict[int, str]
) -> None:
    """Entries are sentences; green and busy loans get no step; no activity stands for two loans."""
    plan = decide(standing, calendar, dead)
    by_id = {loan.loan_id: loan for loan in standing}
    for step in plan.steps:
        loan = by_id[step.loan_id]
        assert step.text.endswith(".")
        assert loan.status != Status.MANUAL
        assert not loan.is_busy
        assert step.version == loan.version
        assert step.status in {Status.REQUESTED, Status.ACTIVE, Status.COMPLETED, Status.CANCELLED}
        assert step.period.days > 0
        assert (step.status == Status.REQUESTED) <= (loan.status == Status.REQUESTED)
        assert (step.flag != Flag.NONE) <= (step.status in {Status.REQUESTED, Status.ACTIVE})
    links = [loan.activity_id for loan in taken(standing, plan) if loan.activity_id is not None]
    links += [activity.activity_id for activity in plan.proven.values()]
    assert len(set(links)) == len(links)


@given(loans(), calendars(), st.dictionaries(st.integers(0, 5), st.just("No."), max_size=2))
def test_deciding_again_changes_nothing(standing: list[Standing], calendar: Calendar, dead: dict[int, str]) -> None:
    """The same calendar over what was written: no step."""
    after = taken(standing, decide(standing, calendar, dead))
    again = [loan for loan in after if loan.status != Status.COMPLETED]
    done = {loan.activity_id for loan in after if loan.status == Status.COMPLETED}
    left = Calendar(
        {number: row for number, row in calendar.activities.items() if number not in done},
        {number: row for number, row in calendar.history.items() if number not in done},
        calendar.is_history_known,
    )
    assert decide(again, left, dead).steps == ()
