"""SmartMoving on the sync page, in words: where we stand, what to do, what runs brought. Values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from webapp.smartmoving.queries import Budget
from webapp.smartmoving.report import Report
from webapp.sync.due import ByDay, told_moment, told_span
from webapp.sync.models import RunStatus
from webapp.sync.page import TRIGGERS, WORDS, told_seconds
from webapp.sync.smartmoving_overview import JobsOverview, JobsRun

OUTCOMES = {
    "ok": "Answered",
    "gone": "No longer there",
    "throttled": "Refused: too many in a minute",
    "quota": "Refused: month used up",
    "unauthorized": "Refused: key",
    "error": "SmartMoving failed",
    "lost": "No answer",
    "unreadable": "Answer not readable",
    "unknown": "Broken off",
}
HELD_ADVICE = "Scheduled looks wait until {until}; Sync now tries at once."
FAILED_ADVICE = "The board keeps what the last good look brought. The next look tries again."


@dataclass(frozen=True)
class Standing:
    """The newest state in a badge, a sentence and what to do about it; empty texts are not shown."""

    state: str
    word: str
    good_at: str
    age: str
    is_stale: bool
    said: str
    advice: str


@dataclass(frozen=True)
class Going:
    """A run that goes on: how far it is. `total` None: not known yet."""

    text: str
    done: int
    total: int | None


@dataclass(frozen=True)
class BudgetWords:
    """The calls of the month against its cap; `outcomes` are this month's, the most frequent first."""

    month: str
    made: int
    cap: int
    today: str
    pace: str
    outcomes: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class JobsRunLine:
    """One run of the history."""

    id: int
    when: str
    why: str
    state: str
    word: str
    seconds: str
    error: str
    counts: str
    failed: str
    calls: int
    warnings: Sequence[str]


@dataclass(frozen=True)
class FailureLine:
    """A job that could not be read, and why."""

    name: str
    reason: str


def standing(
    found: JobsOverview, hold_until: datetime | None, hold_reason: str, moment: datetime, by_day: ByDay
) -> Standing:
    """What is said first. `hold_until`: scheduled looks wait, for `hold_reason`."""
    good_at, latest = found.last_good_at, found.latest
    is_held = hold_until is not None and hold_until > moment
    state, word = (latest.status, _word(latest)) if latest else ("waiting", "Never tried")
    said, advice = (latest.error if latest else ""), ""
    if is_held and hold_until is not None:
        state, word = "held", "Waiting"
        said, advice = hold_reason, HELD_ADVICE.format(until=told_moment(hold_until, by_day.zone))
    elif latest and latest.status == RunStatus.FAILED:
        advice = FAILED_ADVICE
    elif latest and not said:
        said = counts(latest.report)
    return Standing(
        state=state,
        word=word,
        good_at=told_moment(good_at, by_day.zone) if good_at else "never",
        age=f"{told_span(moment - good_at)} ago" if good_at else "",
        is_stale=good_at is None or by_day.worked(good_at, moment) > by_day.stale_after,
        said=said,
        advice=advice,
    )


def going(run: JobsRun | None, zone: tzinfo) -> Going | None:
    """How far the run is that goes on, if one does."""
    if run is None:
        return None
    text = f"A run is going on since {told_moment(run.started_at, zone)}, {calls_words(run.calls)} so far."
    total = run.progress.get("total")
    return Going(f"{text} {run.progress.get('text', '')}".strip(), run.progress.get("done", 0), total)


def jobs_run_lines(runs: Iterable[JobsRun], zone: tzinfo, *, may_see_notes: bool) -> list[JobsRunLine]:
    """The history, in the order it came. Notes name jobs and branches: for who sees all locations."""
    return [
        JobsRunLine(
            id=run.id,
            when=told_moment(run.started_at, zone),
            why=TRIGGERS.get(run.trigger, run.trigger.capitalize()) + (f", {run.by}" if run.by else ""),
            state=run.status,
            word=_word(run),
            seconds=told_seconds((run.finished_at - run.started_at).total_seconds()) if run.finished_at else "",
            error=run.error,
            # A run that never saw the list cannot say that nothing in it is new.
            counts=counts(run.report) if run.finished_at and (run.report.is_complete or run.report.processed) else "",
            failed=f"{run.report.failed:,} could not be read" if run.report.failed else "",
            calls=run.calls,
            warnings=run.report.warnings if may_see_notes else (),
        )
        for run in runs
    ]


def budget_words(budget: Budget) -> BudgetWords:
    """The call budget: what is made and left of the month, and today's share."""
    outcomes = sorted(budget.by_outcome.items(), key=lambda each: (-each[1], each[0]))
    return BudgetWords(
        month=f"{budget.calls:,} of {calls_words(budget.cap)} made in {budget.month:%B %Y}, {budget.left:,} left",
        made=budget.calls,
        cap=budget.cap,
        today=f"{calls_words(budget.today)} today",
        pace=f"{budget.daily_target:,} a day are enough; at most {budget.per_minute:,} go out in a minute",
        outcomes=[(OUTCOMES.get(outcome, outcome), count) for outcome, count in outcomes],
    )


def failure_lines(report: Report) -> list[FailureLine]:
    """Jobs that could not be read, the first hundred."""
    return [FailureLine(one.job_number or f"Opportunity {one.opportunity_id}", one.reason) for one in report.failures]


def counts(report: Report) -> str:
    """`190 jobs: 3 new, 1 taken off`, `190 jobs: nothing new`."""
    told = ((report.created, "new"), (report.updated, "changed"), (report.removed, "taken off"))
    news = ", ".join(f"{count:,} {word}" for count, word in told if count)
    return f"{report.processed:,} {'job' if report.processed == 1 else 'jobs'}: {news or 'nothing new'}"


def rhythm(by_day: ByDay) -> str:
    """`every 15 minutes from 06:00 to 22:00`."""
    often = "minute" if by_day.minutes == 1 else f"{by_day.minutes} minutes"
    return f"every {often} from {by_day.begins:%H:%M} to {by_day.ends:%H:%M}"


def calls_words(count: int) -> str:
    """`1 call`, `1,234 calls`."""
    return f"{count:,} {'call' if count == 1 else 'calls'}"


def _word(run: JobsRun) -> str:
    return WORDS.get(RunStatus(run.status), run.status.capitalize())
