"""What each loan of ours becomes by what FMS's calendar and history say of it. Pure: values in, steps out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from webapp.dates import shown
from webapp.feeds.reconcile_match import Seen, Wanted, match
from webapp.fleet.names import short_vin
from webapp.loans.periods import Period
from webapp.loans.reconciled import Flag, Step, called_off
from webapp.loans.states import Status

REMOVED = "FMS removed it from its calendar."
AGREES = "FMS's calendar agrees with this loan again."


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan as it stands. `today` is the day at its office.

    `unproven` is the ledger's id of a create that FMS has not confirmed. `is_busy`: something else is under way
    for it, so it may have its activity, and is left alone.
    """

    loan_id: int
    version: int
    status: Status
    vin: str
    person_id: int
    period: Period
    activity_id: int | None
    flag: Flag
    reason: str
    today: date
    unproven: int | None = None
    is_busy: bool = False


@dataclass(frozen=True)
class Calendar:
    """What FMS says: its calendar and what we need of its history, by the activities' numbers.

    `is_history_known` is whether the history is as new as the calendar: else what left the calendar may be in it.
    """

    activities: Mapping[int, Seen]
    history: Mapping[int, Seen]
    is_history_known: bool


@dataclass(frozen=True)
class Plan:
    """`steps` to write; `proven`: uncertain creates whose activity is there, operation → activity.

    `unexplained` are loans that FMS's calendar says nothing of: a look-up may know why.
    """

    steps: tuple[Step, ...]
    proven: Mapping[int, Seen]
    unexplained: frozenset[int]


@dataclass
class _Findings:
    """What has been found out on the way to a plan."""

    steps: list[Step] = field(default_factory=list)
    proven: dict[int, Seen] = field(default_factory=dict)
    unexplained: set[int] = field(default_factory=set)


def seeking(loans: Iterable[Standing], activities: Mapping[int, Seen]) -> list[Standing]:
    """The loans that have no activity in the calendar as yet, or not any more."""
    return [loan for loan in loans if loan.status != Status.CANCELLED and loan.activity_id not in activities]


def decide(loans: Sequence[Standing], calendar: Calendar, dead: Mapping[int, str]) -> Plan:
    """What becomes of `loans`. `dead`: why FMS refused or cancelled their requests, by the loan's id.

    Deciding again over what was written gives no step.
    """
    found = _Findings()
    linked = {loan.activity_id for loan in loans}
    free = [
        each for each in (*calendar.activities.values(), *calendar.history.values()) if each.activity_id not in linked
    ]
    seekers = [loan for loan in seeking(loans, calendar.activities) if loan.activity_id not in calendar.history]
    pairs = match((Wanted(loan.loan_id, loan.vin, loan.person_id, loan.period) for loan in seekers), free)
    paired = {activity.activity_id for activity in pairs.values()}
    left = [each for each in free if each.activity_id not in paired and not each.is_over]
    elsewhere = {(each.person_id, each.period): each for each in sorted(left, key=lambda each: -each.activity_id)}
    for loan in loans:
        activity = pairs.get(loan.loan_id) or _own(loan, calendar)
        if loan.is_busy:
            continue
        if loan.unproven is not None:
            if activity is not None:
                found.proven[loan.unproven] = activity
            continue
        if activity is None and loan.status != Status.CANCELLED:
            found.unexplained.add(loan.loan_id)
        step = (
            _without(loan, calendar, dead.get(loan.loan_id), elsewhere.get((loan.person_id, loan.period)))
            if activity is None
            else _with(loan, activity)
        )
        if step is not None and _differs(loan, step):
            found.steps.append(step)
    return Plan(tuple(found.steps), found.proven, frozenset(found.unexplained))


def _own(loan: Standing, calendar: Calendar) -> Seen | None:
    """The activity it is linked with, where FMS still has it, now or in its history."""
    if loan.activity_id is None:
        return None
    return calendar.activities.get(loan.activity_id) or calendar.history.get(loan.activity_id)


def _with(loan: Standing, activity: Seen) -> Step:
    """FMS has it: active with FMS's dates, or over."""
    is_over = activity.is_over or activity.period.end_day < loan.today
    step = replace(
        _as_it_is(loan),
        status=Status.COMPLETED if is_over else Status.ACTIVE,
        period=activity.period,
        activity_id=activity.activity_id,
        flag=Flag.NONE if is_over else _disagreement(loan, activity),
        reason="" if loan.status == Status.CANCELLED else loan.reason,
    )
    return replace(step, text=" ".join(filter(None, _sentences(loan, step, activity))))


def _sentences(loan: Standing, step: Step, activity: Seen) -> Iterable[str]:
    number = f"activity {activity.activity_id}"
    is_new = loan.activity_id != activity.activity_id
    if step.status == Status.COMPLETED:
        yield "The loan is over."
    elif loan.status == Status.CANCELLED:
        yield f"FMS's calendar has this loan again ({number})."
    elif loan.status == Status.ACTIVE and is_new:
        yield f"FMS's calendar has this loan under a new number ({number})."
    elif is_new:
        yield f"FMS approved this loan ({number})."
    if step.period != loan.period:
        yield f"FMS changed the dates: {_days(loan.period)} became {_days(step.period)}."
    if step.flag != loan.flag:
        yield {
            Flag.VEHICLE_CHANGED: f"FMS now has {short_vin(activity.vin)} for it, not {short_vin(loan.vin)}.",
            Flag.PARTNER_CHANGED: "FMS now has it for another partner, or for none.",
        }.get(step.flag, AGREES if loan.status == Status.ACTIVE and step.status == Status.ACTIVE else "")


def _disagreement(loan: Standing, activity: Seen) -> Flag:
    if activity.vin != loan.vin:
        return Flag.VEHICLE_CHANGED
    return Flag.PARTNER_CHANGED if activity.person_id != loan.person_id else Flag.NONE


def _without(loan: Standing, calendar: Calendar, dead: str | None, elsewhere: Seen | None) -> Step | None:
    """FMS's calendar does not have it: over, called off, or to be looked into."""
    if loan.status == Status.ACTIVE:
        return _vanished(loan, calendar, dead)
    if loan.status != Status.REQUESTED:
        return None
    if dead is not None:
        return _cancelled(loan, dead)
    if elsewhere is not None and elsewhere.vin != loan.vin:
        text = f"FMS's calendar has {short_vin(elsewhere.vin)} for this partner on these days, not this vehicle."
        return replace(_as_it_is(loan), flag=Flag.VEHICLE_CHANGED, text=text)
    if loan.period.start_day < loan.today:
        day = shown(loan.period.start_day)
        text = f"FMS never activated this: it should have started on {day}, and FMS's calendar does not have it."
        return replace(_as_it_is(loan), flag=Flag.NEVER_ACTIVATED, text=text)
    return replace(_as_it_is(loan), flag=Flag.NONE, text="Nothing stands out about this loan any more.")


def _vanished(loan: Standing, calendar: Calendar, dead: str | None) -> Step | None:
    """It left the calendar: on its last day that is its end, earlier it was called off."""
    if loan.period.end_day <= loan.today:
        return replace(_as_it_is(loan), status=Status.COMPLETED, flag=Flag.NONE, text="The loan is over.")
    if dead is None and not calendar.is_history_known:
        return None
    return _cancelled(loan, dead or REMOVED)


def _cancelled(loan: Standing, reason: str) -> Step:
    return called_off(loan.loan_id, loan.version, loan.period, loan.activity_id, reason)


def _as_it_is(loan: Standing) -> Step:
    return Step(loan.loan_id, loan.version, loan.status, loan.period, loan.activity_id, loan.flag, loan.reason, text="")


def _differs(loan: Standing, step: Step) -> bool:
    return replace(step, text="") != _as_it_is(loan)


def _days(period: Period) -> str:
    return f"{shown(period.start_day)} to {shown(period.end_day)}"
