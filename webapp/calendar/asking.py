"""What a person is shown before a loan is made or moved, and the refusal to go on past what they have not seen."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from webapp.calendar.forms import Wanted
from webapp.dates import shown_with_weekday
from webapp.errors import Refusal
from webapp.loans.errors import BrokenRule
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Assessment, Finding


class Told(NamedTuple):
    """One finding as it is shown. `key` comes back with the form: this one has been seen."""

    text: str
    is_hard: bool
    key: str


@dataclass(frozen=True)
class Outlook:
    """What the rules say of a loan as somebody wishes it; `told` None: not enough is known of it yet.

    `days` is the period as it will be booked, `possible` when it would work, `why` the address of every reason.
    """

    days: str = ""
    told: tuple[Told, ...] | None = None
    possible: str = ""
    why: str = ""


class Unseen(Refusal):
    """Nothing stands in the way, but the person has not been told yet what the rules have to say."""

    code = "unseen"

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        super().__init__("Nothing has been done yet. Read what there is to say of it, then go on.")


def refuse_unseen(
    assessment: Assessment, seen: Collection[str], *, standing: Callable[[], Assessment] | None = None
) -> None:
    """Raise `BrokenRule` for what binds everybody, `Unseen` for the rest where the person was not told of it.

    `standing` is asked, where it comes to that, what is to be said of the loan as it stands: that is no news.
    """
    if assessment.hard:
        raise BrokenRule(assessment.hard)
    unseen = {_key(finding) for finding in assessment.findings} - set(seen)
    if unseen and standing is not None:
        unseen -= {_key(finding) for finding in standing().findings}
    if unseen:
        raise Unseen(assessment)


def outlook_of(assessment: Assessment, wanted: Wanted) -> Outlook:
    """What is shown of `assessment`."""
    return Outlook(
        days=days_of(Period(wanted.start_day, wanted.end_day)),
        told=told_of(assessment.findings),
        possible=assessment.outlook,
        why="" if assessment.is_possible else why_not(wanted),
    )


def told_of(findings: Iterable[Finding]) -> tuple[Told, ...]:
    """The findings as they are shown."""
    return tuple(Told(finding.text, finding.is_hard, _key(finding)) for finding in findings)


def days_of(period: Period) -> str:
    """The days as they will be booked, the way people say them."""
    booked = with_weekday_end(period)
    days = "1 day" if booked.days == 1 else f"{booked.days} days"
    return f"{shown_with_weekday(booked.start_day)} → {shown_with_weekday(booked.end_day)} · {days}"


def why_not(wanted: Wanted) -> str:
    """The address of everything the rules say of it at once, and what would mend each."""
    days = {"start": wanted.start_day.isoformat(), "end": wanted.end_day.isoformat()}
    return f"/chains/why-not?{urlencode({'vin': wanted.vin, 'person_id': wanted.person_id, **days})}"


def _key(finding: Finding) -> str:
    # Others hold a vehicle for a few minutes, again and again: until when is no news.
    return finding.code if finding.code == "soft_hold" else finding.text
