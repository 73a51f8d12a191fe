"""What the analytics page shows of the sync itself: how runs went, and what they took of the call budget."""

from datetime import date, tzinfo

from flask import current_app

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import company_named
from webapp.journeys.charts import Chart, Series, line, stacked_bars
from webapp.journeys.counts import Asked
from webapp.journeys.tables import Column, Kind, Section, Value
from webapp.sync.due import told_moment
from webapp.sync.health import DayOfRuns, last_good_run, runs_by_day
from webapp.sync.models import RunKind


def sync_sections(actor: Actor, asked: Asked) -> list[Section]:
    """The sync's tables for the company whose jobs these are."""
    settings = current_app.extensions["settings"]
    company_id = _company_id(actor)
    return [_runs(company_id, asked, settings.zone)]


def _runs(company_id: int, asked: Asked, zone: tzinfo) -> Section:
    by_day = runs_by_day(company_id, RunKind.SMARTMOVING, asked.first, asked.last, zone)
    last_good = last_good_run(company_id, RunKind.SMARTMOVING)
    said = f"Last whole run: {told_moment(last_good, zone)}." if last_good else "No run has been whole yet."
    labels = [f"{day:%m-%d}" for day in by_day]
    days = list(by_day.values())
    charts = []
    if any(day.good + day.partial + day.failed for day in days):
        charts = [
            stacked_bars(
                Chart("chart-runs", "Runs by day", said, labels),
                [
                    Series("Whole", [day.good for day in days]),
                    Series("In part", [day.partial for day in days]),
                    Series("Failed", [day.failed for day in days]),
                ],
            ),
            line(
                Chart("chart-seconds", "Seconds of a run, on average", said, labels, told="{:,.0f} s".format),
                [Series("", [day.mean_seconds for day in days])],
            ),
        ]
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


def _company_id(actor: Actor) -> int:
    """SmartMoving is the settings' company's: who may see all companies sees that, everybody else their own."""
    name = current_app.extensions["settings"].company_name
    own = company_named(name) if actor.may(Permission.ALL_COMPANIES) else None
    return own or actor.company_id
