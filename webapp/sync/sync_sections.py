"""What the analytics page shows of the sync itself: how runs went, and what they took of the call budget."""

from datetime import date, tzinfo

from flask import current_app

from webapp.accounts.actor import Actor
from webapp.journeys.charts import Chart, Series, bars, line, lying_bars, stacked_bars
from webapp.journeys.counts import Asked
from webapp.journeys.tables import Column, Kind, Section, Value
from webapp.smartmoving import queries
from webapp.smartmoving.queries import Budget
from webapp.sync.due import told_moment
from webapp.sync.health import DayOfRuns, last_good_run, runs_by_day
from webapp.sync.models import RunKind
from webapp.sync.whose import company_of

OUTCOMES = {
    "ok": "Answered",
    "gone": "No longer there",
    "error": "Their error",
    "lost": "No answer",
    "throttled": "Too many in a minute",
    "quota": "Month used up",
    "unauthorized": "Key refused",
    "unreadable": "Not readable",
    "unknown": "Not known",
}


def sync_sections(actor: Actor, asked: Asked) -> list[Section]:
    """The sync's tables for the company whose jobs these are."""
    company_id = company_of(actor)
    budget = queries.budget(company_id)
    return [
        _runs(company_id, asked, current_app.extensions["settings"].zone),
        _calls(budget),
        _outcomes(budget),
    ]


def _calls(budget: Budget) -> Section:
    said = (
        f"{budget.calls:,} calls of {budget.cap:,} in {budget.month:%m-%Y}; {budget.left:,} are left. "
        f"{budget.today:,} today, of {budget.daily_target:,} planned for."
    )
    labels = [f"{each.day:%m-%d}" for each in budget.by_day]
    chart = bars(Chart("chart-calls", "Calls by day", said, labels), [each.calls for each in budget.by_day])
    return Section(
        code="calls",
        title="Calls to SmartMoving this month",
        columns=(Column("Day", Kind.DAY), Column("Calls")),
        rows=[(each.day, each.calls) for each in budget.by_day] if budget.calls else [],
        charts=[("Calls by day", chart)] if budget.calls else [],
        note=said,
        nothing="No call has been made this month.",
    )


def _outcomes(budget: Budget) -> Section:
    counts = {OUTCOMES.get(name, name): calls for name, calls in budget.by_outcome.items()}
    chart = Chart("chart-outcomes", "Calls by outcome", "Errors count against the month, too.", list(counts))
    return Section(
        code="outcomes",
        title="Calls by outcome this month",
        columns=(Column("Outcome", Kind.TEXT), Column("Calls"), Column("Share", Kind.SHARE)),
        rows=[(name, calls, calls / budget.calls) for name, calls in counts.items()],
        charts=[("Calls by outcome", lying_bars(chart, [Series("", list(counts.values()))]))] if counts else [],
        note="Errors count against the month, too.",
        nothing="No call has been made this month.",
    )


def _runs(company_id: int, asked: Asked, zone: tzinfo) -> Section:
    by_day = runs_by_day(company_id, RunKind.SMARTMOVING, asked.first, asked.last, zone)
    last_good = last_good_run(company_id, RunKind.SMARTMOVING)
    said = f"Last whole run: {told_moment(last_good, zone)}." if last_good else "No run has been whole yet."
    labels = [f"{day:%m-%d}" for day in by_day]
    days = list(by_day.values())
    charts = []
    if any(day.good + day.partial + day.failed for day in days):
        counts = stacked_bars(
            Chart("chart-runs", "Runs by day", said, labels),
            [
                Series("Whole", [day.good for day in days]),
                Series("In part", [day.partial for day in days]),
                Series("Failed", [day.failed for day in days]),
            ],
        )
        seconds = Chart("chart-seconds", "Seconds of a run, on average", said, labels, told="{:,.0f} s".format)
        drawn = line(seconds, [Series("", [day.mean_seconds for day in days])])
        charts = [("Runs by day", counts), (seconds.title, drawn)]
    return Section(
        code="runs",
        title="Sync with SmartMoving",
        columns=(
            Column("Day", Kind.DAY),
            Column("Whole"),
            Column("In part"),
            Column("Failed"),
            Column("Seconds on average", Kind.SECONDS),
        ),
        rows=[_row(day, runs) for day, runs in by_day.items()] if charts else [],
        charts=charts,
        note=said,
        nothing="No run began in these days.",
    )


def _row(day: date, runs: DayOfRuns) -> tuple[Value, ...]:
    return day, runs.good, runs.partial, runs.failed, runs.mean_seconds
