"""`flask import`: spreadsheets from the command line, with the same preview and the same refusals as the page."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.accounts.queries import company_named
from webapp.accounts.service import ensure_company
from webapp.db import close_reading
from webapp.errors import Refusal
from webapp.feeds.sheet_page import previews
from webapp.feeds.sheet_schema import BUDGETS, OPERATIONS, SheetKind
from webapp.feeds.sheet_service import Plan, SheetRefused, apply_file, look_at

imports = AppGroup("import", help="Spreadsheets of budgets and of operating data.")
file = click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would change.")
company = click.option("--company", help="Whose data these are (default: COMPANY_NAME).")


@imports.command("budgets")
@file
@dry_run
@company
def budgets(file: Path, dry_run: bool, company: str | None) -> None:
    """Set the allocations that FILE names (.xlsx or .csv: Office, Fleet, Year, Quarter, Budget)."""
    _import(file, (BUDGETS,), dry_run, company)


@imports.command("operations")
@file
@dry_run
@company
def operations(file: Path, dry_run: bool, company: str | None) -> None:
    """Replace capacity, holidays, rules and loan costs by the sheets in FILE; a sheet it lacks stays."""
    _import(file, OPERATIONS, dry_run, company)


def _import(file: Path, kinds: Sequence[SheetKind], dry_run: bool, company: str | None) -> None:
    use = look_at if dry_run else apply_file
    try:
        _tell(use(_operator(company), file.name, file.read_bytes(), kinds))
    except SheetRefused as refusal:
        for fault in refusal.faults:
            click.echo(str(fault), err=True)
        raise click.ClickException(refusal.sentence) from None
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo("Nothing was written: this was a dry run." if dry_run else "Imported.")


def _tell(plan: Plan) -> None:
    for remark in plan.remarks:
        click.echo(remark)
    for sheet in previews(plan):
        click.echo(f"{sheet.title}: {sheet.sentence}.")
        for line in sheet.lines:
            details = ", ".join(
                f"{title} {old} -> {new}" if line.kind == "changed" else f"{title} {new}"
                for title, old, new in line.details
            )
            click.echo(f"  {line.kind} {line.name}: {details}")
        if sheet.more:
            click.echo(f"  and {sheet.more:,} more")


def _operator(company: str | None) -> Actor:
    if company is None:
        company_id = ensure_company(current_app.extensions["settings"].company_name)
    else:
        found = company_named(company)
        close_reading()
        if found is None:
            raise click.ClickException(f"There is no company called {company}.")
        company_id = found
    # Whoever can run commands on the server has the database already.
    return Actor(user_id=None, name="Command line", role=Role.SUPER_ADMIN, company_id=company_id)
