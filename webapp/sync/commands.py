"""`flask sync`: one run now, in the foreground, with progress; one that is going on elsewhere is joined."""

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.db import close_reading
from webapp.errors import Refusal
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import Outcome, missing_feeds
from webapp.smartmoving.report import Report
from webapp.sync import running, service, smartmoving_runs
from webapp.sync.models import FeedResult, RunStatus
from webapp.sync.queries import run
from webapp.sync.smartmoving_page import calls_words, counts, failure_lines

sync = AppGroup("sync", help="Bring data from FMS or jobs from SmartMoving now.")
TITLES = {feed.name: feed.title for feed in FEEDS}
STEP = 50
TITLE_WIDTH = max(len(title) for title in TITLES.values())


@sync.command("feeds")
@click.option("--override-guard", is_flag=True, help="Accept reports with far fewer rows than last time, once.")
@click.option("--company", help="The company whose reports these are (default: COMPANY_NAME).")
def feeds(override_guard: bool, company: str | None) -> None:
    """Import the reports that have an address. Ends with 0 only if all of them are good."""
    try:
        run_id = _run_or_join(override_guard, company)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    found = run(run_id)
    close_reading()
    for feed in missing_feeds(current_app.extensions["settings"]):
        click.echo(f"{feed.title.ljust(TITLE_WIDTH)}  left out: {feed.setting.upper()} is not set.")
    if found.status != RunStatus.SUCCEEDED:
        raise click.ClickException(f"Run {run_id} {found.status}. {found.error}".rstrip())
    click.echo(f"Run {run_id} succeeded.")


@sync.command("smartmoving")
def smartmoving() -> None:
    """Bring the jobs of today and tomorrow. Ends with 0 only if all of them could be read."""
    try:
        run_id = _look_or_join()
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    found = run(run_id)
    report = Report.from_json(found.report or {})
    close_reading()
    for failure in failure_lines(report):
        click.echo(f"{failure.name}: {failure.reason}")
    for sentence in report.warnings:
        click.echo(sentence)
    if found.status != RunStatus.SUCCEEDED:
        raise click.ClickException(f"Run {run_id} {found.status}. {found.error}".rstrip())
    click.echo(f"Run {run_id} succeeded. {counts(report)}; {calls_words(report.calls)}.")


def _look_or_join() -> int:
    while True:
        begun = smartmoving_runs.begin("command")
        if begun.lease is not None:
            smartmoving_runs.finish(begun, is_forced=True, progress=_tell_progress)
            return begun.run_id
        click.echo(f"Run {begun.run_id} is going on in another process; waiting for it.")
        if running.follow(begun.run_id):
            return begun.run_id


def _tell_progress(done: int, total: int | None, text: str) -> None:
    # Pages are few, details many.
    if total is None or done == total or total <= STEP or done % STEP == 0:
        click.echo(text)


def _run_or_join(override_guard: bool, company: str | None) -> int:
    while True:
        begun = service.begin("command", company=company)
        if begun.lease is not None:
            service.finish(begun, override_guard=override_guard, progress=_tell)
            return begun.run_id
        click.echo(f"Run {begun.run_id} is going on in another process; waiting for it.")
        if running.follow(begun.run_id):
            for result in run(begun.run_id).feeds:
                _tell(result)
            close_reading()
            return begun.run_id


def _tell(result: Outcome | FeedResult) -> None:
    title = TITLES[result.name].ljust(TITLE_WIDTH)
    if result.error:
        click.echo(f"{title}  {result.status}: {result.error}")
    else:
        click.echo(
            f"{title}  {result.status}: {result.valid:,} rows, {result.inserted:,} new, {result.updated:,} changed, "
            f"{result.gone:,} gone, {result.unchanged:,} as before, {result.bad:,} bad"
        )
    for warning in result.warnings:
        click.echo(f"{' ' * TITLE_WIDTH}  {warning}")
