"""The sync page in words: what each state means to a person, and what to do about it. Values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from webapp.feeds.guard import may_be_overridden
from webapp.feeds.parse_schema import FEEDS
from webapp.sync.due import STALE_AFTER, told_moment, told_span
from webapp.sync.models import FeedStatus, RunStatus
from webapp.sync.overview import Overview, Result, Run

TITLES = {feed.name: feed.title.capitalize() for feed in FEEDS}
WORDS = {
    FeedStatus.APPLIED: "Imported",
    FeedStatus.UNCHANGED: "Unchanged",
    FeedStatus.REFUSED: "Refused",
    FeedStatus.FAILED: "Failed",
    RunStatus.RUNNING: "Running",
    RunStatus.SUCCEEDED: "Succeeded",
    RunStatus.PARTIAL: "In part",
    RunStatus.ABANDONED: "Broke off",
}
TRIGGERS = {
    "nightly": "Nightly",
    "catch-up": "Catch-up",
    "button": "By hand",
    "command": "Command",
    "scheduled": "On time",
}
OVERRIDE_ADVICE = (
    "If FMS really has so few rows now, import the report anyway, this once. "
    "If not, have the report put right in FMS and sync again."
)
REFUSED_ADVICE = "The data of the last good import stay. Have the report put right in FMS, then sync again."
FAILED_ADVICE = "The data of the last good import stay. The next run tries again; if it stays so, ask who runs FMS."


@dataclass(frozen=True)
class FeedLine:
    """One report as the page shows it. `state` names the badge's colour; empty texts are not shown."""

    name: str
    title: str
    state: str
    word: str
    good_at: str
    age: str
    is_stale: bool
    rows: int | None
    said: str
    advice: str
    warnings: Sequence[str]
    bad: int
    bad_address: str
    may_override: bool


@dataclass(frozen=True)
class RunLine:
    """One run of the history; `cells` are its reports in the page's order, None where it had none."""

    id: int
    when: str
    why: str
    state: str
    word: str
    seconds: str
    error: str
    cells: Sequence["Cell | None"]


@dataclass(frozen=True)
class Cell:
    """What one report brought in one run."""

    state: str
    word: str
    counts: str
    seconds: str
    error: str
    bad: int
    bad_address: str


def feed_lines(found: Overview, names: Iterable[str], moment: datetime, zone: tzinfo) -> list[FeedLine]:
    """The reports in their order; while a run goes on, each as far as the run has come."""
    lines, is_next = [], True
    for name in names:
        good, latest = found.good.get(name), found.latest.get(name)
        state, word = _state(latest)
        if found.running and name not in found.running.results:
            state, word = ("running", "Importing ...") if is_next else ("waiting", "Waiting")
            is_next = False
        is_stale = good is None or moment - good.finished_at > STALE_AFTER
        lines.append(
            FeedLine(
                name=name,
                title=TITLES[name],
                state=state,
                word=word,
                good_at=told_moment(good.finished_at, zone) if good else "never",
                age=f"{told_span(moment - good.finished_at)} ago" if good else "",
                is_stale=is_stale,
                rows=good.valid if good else None,
                said=_said(latest),
                advice=_advice(latest),
                warnings=latest.warnings if latest else (),
                bad=latest.bad if latest else 0,
                bad_address=_bad_address(latest),
                may_override=latest is not None and _may_override(latest),
            )
        )
    return lines


def run_lines(runs: Iterable[Run], names: Sequence[str], zone: tzinfo) -> list[RunLine]:
    """The history, in the order it came."""
    return [
        RunLine(
            id=run.id,
            when=told_moment(run.started_at, zone),
            why=TRIGGERS.get(run.trigger, run.trigger.capitalize()) + (f", {run.by}" if run.by else ""),
            state=run.status,
            word=WORDS.get(RunStatus(run.status), run.status.capitalize()),
            seconds=told_seconds((run.finished_at - run.started_at).total_seconds()) if run.finished_at else "",
            error=run.error,
            cells=[_cell(run.results.get(name)) for name in names],
        )
        for run in runs
    ]


def _cell(result: Result | None) -> Cell | None:
    if result is None:
        return None
    return Cell(
        state=result.status,
        word=WORDS[FeedStatus(result.status)],
        counts=_counts(result),
        seconds=told_seconds(result.seconds),
        error=result.error,
        bad=result.bad,
        bad_address=_bad_address(result),
    )


def _state(latest: Result | None) -> tuple[str, str]:
    return (latest.status, WORDS[FeedStatus(latest.status)]) if latest else ("waiting", "Never tried")


def _said(latest: Result | None) -> str:
    if latest is None:
        return ""
    return latest.error or f"{_counts(latest)} in {told_seconds(latest.seconds)}"


def _counts(result: Result) -> str:
    if not result.is_good:
        return ""
    if result.status == FeedStatus.UNCHANGED or not (result.inserted or result.updated or result.gone):
        return "nothing new"
    return f"{result.inserted:,} new, {result.updated:,} changed, {result.gone:,} gone"


def _advice(latest: Result | None) -> str:
    if latest is None or latest.is_good:
        return ""
    if _may_override(latest):
        return OVERRIDE_ADVICE
    return REFUSED_ADVICE if latest.status == FeedStatus.REFUSED else FAILED_ADVICE


def _may_override(result: Result) -> bool:
    return result.status == FeedStatus.REFUSED and may_be_overridden(result.error)


def _bad_address(result: Result | None) -> str:
    return f"/sync/runs/{result.run_id}/{result.name}.csv" if result and result.bad else ""


def told_seconds(seconds: float) -> str:
    """`3.2 s`, `184 s`."""
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:,.0f} s"
