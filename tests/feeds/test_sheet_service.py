"""What the preview of a spreadsheet shows is exactly what its confirmation does, in one transaction, once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, update

from tests.feeds.workbooks import BUDGET_HEADER, USUAL, as_csv, budgets, operations
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.errors import Forbidden, NotFound
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import import_feed, source_of
from webapp.feeds.sheet_models import SheetImport
from webapp.feeds.sheet_service import (
    PreviewOutdated,
    SheetRefused,
    apply_upload,
    discard,
    done,
    preview,
    upload,
)
from webapp.fleet.models import Budget, Holiday, LoanCost, OfficeCapacity, Rule

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def actor(people: People) -> Actor:
    """Who may run syncs, of a company with two offices."""
    return people(Role.SUPER_ADMIN, locations=["Los Angeles", "Dallas"]).actor


def apply(actor: Actor, content: bytes, filename: str = "a.xlsx") -> list[tuple[str, int, int, int]]:
    """Upload, look, confirm: (sheet, added, changed, removed)."""
    import_id = upload(actor, filename, content)
    summary = apply_upload(actor, import_id, preview(actor, import_id)[1].digest)
    return [(one["sheet"], one["added"], one["changed"], one["removed"]) for one in summary]


def stored(*columns: Any) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns))]
    close_reading()
    return found


def test_operating_data_are_imported_and_then_unchanged(actor: Actor) -> None:
    """Four tables in one transaction; the same file again changes nothing."""
    assert apply(actor, operations()) == [
        ("ops_capacity", 2, 0, 0),
        ("holiday_blackout_dates", 2, 0, 0),
        ("rules", 2, 0, 0),
        ("loan_costs", 2, 0, 0),
    ]
    assert stored(Rule.make, Rule.rank, Rule.cooldown_days, Rule.publication_rate, Rule.is_hard) == [
        ("AUDI", "B", 30, Decimal(75), False),
        ("VOLKSWAGEN", "A+", 45, Decimal(50), True),
    ]
    assert preview(actor, upload(actor, "a.xlsx", operations()))[1].is_empty
    assert {row[1:] for row in apply(actor, operations())} == {(0, 0, 0)}
    assert [db.session.scalar(select(func.count()).select_from(model)) for model in (Holiday, LoanCost)] == [2, 2]


def test_a_sheet_replaces_its_table_and_no_other(actor: Actor) -> None:
    """What the sheet no longer names is removed, shown beforehand; sheets that are not there stay."""
    apply(actor, operations())
    rules = [("VW", "A+", 6, 0.5, "45 days", "Hard"), ("BMW", "A", 1, 1, 1, "Soft")]
    content = as_csv([("Make", "Rank", "Loan Cap Per Year", "Pub Rate", "Cooldown", "Soft or Hard"), *rules])
    import_id = upload(actor, "rules.csv", content)
    (sheet,) = preview(actor, import_id)[1].sheets
    assert [key for _, key, _ in sheet.difference.removed] == [("AUDI", "B")]
    assert [(one.key, one.old[0], one.new[0]) for one in sheet.difference.changed] == [(("VOLKSWAGEN", "A+"), 12, 6)]
    assert apply(actor, content, "rules.csv") == [("rules", 1, 1, 1)]
    assert stored(Rule.make, Rule.rank, Rule.loan_cap_per_year) == [("BMW", "A", 1), ("VOLKSWAGEN", "A+", 6)]
    assert len(stored(OfficeCapacity.office)) == 2


def test_budgets_set_allocations_and_nothing_else(actor: Actor) -> None:
    """What FMS says was used stays, as do allocations that the file does not name."""
    with writing() as session:
        shared: dict[str, Any] = {"company_id": actor.company_id, "office": "Dallas", "year": 2026, "quarter": 4}
        session.add(Budget(fleet="AUDI", amount_used=Decimal("10.50"), **shared))
        session.add(Budget(fleet="BMW", allocation=Decimal(7), **shared))
    content = budgets(("Dallas", "Audi", 2026, "Q4", "$1,234.50"), ("Dallas", "Lexus", 2026, 4, 1))
    assert apply(actor, content) == [("budgets", 1, 1, 0)]
    assert stored(Budget.fleet, Budget.allocation, Budget.amount_used) == [
        ("AUDI", Decimal("1234.50"), Decimal("10.50")),
        ("BMW", Decimal(7), None),
        ("TOYOTA/LEXUS", Decimal(1), None),
    ]


def test_an_allocation_brings_back_a_budget_that_had_vanished(actor: Actor) -> None:
    """A row that left FMS's report counts again once money is allocated to it."""
    row = ("Dallas", "Audi", 2026, 4, 5)
    with writing() as session:
        key: dict[str, Any] = {"company_id": actor.company_id, "office": "Dallas", "year": 2026, "quarter": 4}
        session.add(Budget(fleet="AUDI", gone_at=datetime(2026, 1, 5, tzinfo=UTC), **key))
    assert apply(actor, budgets(row)) == [("budgets", 0, 1, 0)]
    assert stored(Budget.allocation, Budget.gone_at) == [(Decimal(5), None)]


def test_a_preview_that_is_out_of_date_is_not_applied(actor: Actor) -> None:
    """What would happen is no longer what was shown: nothing happens, and the new preview can be confirmed."""
    apply(actor, operations())
    import_id = upload(actor, "a.xlsx", operations(rules=[USUAL["rules"][0]]))
    seen = preview(actor, import_id)[1].digest
    with writing() as session:
        session.execute(update(Rule).where(Rule.make == "AUDI").values(cooldown_days=7))
    with pytest.raises(PreviewOutdated):
        apply_upload(actor, import_id, seen)
    assert len(stored(Rule.make)) == 2
    apply_upload(actor, import_id, preview(actor, import_id)[1].digest)
    assert len(stored(Rule.make)) == 1


def test_a_file_is_applied_once(actor: Actor) -> None:
    """The second click finds it done; the content is not kept, who did it is."""
    import_id = upload(actor, "a.xlsx", operations())
    digest = preview(actor, import_id)[1].digest
    apply_upload(actor, import_id, digest)
    with pytest.raises(NotFound):
        apply_upload(actor, import_id, digest)
    assert stored(SheetImport.content) == [(None,)]
    assert [(one.filename, one.actor_name) for one in done(actor)] == [("a.xlsx", actor.name)]


def test_a_fault_writes_nothing(actor: Actor) -> None:
    """One bad cell, and neither its sheet nor another is imported."""
    with pytest.raises(SheetRefused, match="One cell cannot be used; nothing was imported"):
        upload(actor, "a.xlsx", operations(loan_costs=[(1, "x", "VW", "much")]))
    assert stored(SheetImport.id) == stored(Rule.make) == []


def test_files_are_of_one_company_and_of_one_day(actor: Actor, people: People) -> None:
    """Another company's file does not exist; a discarded or forgotten one neither."""
    import_id = upload(actor, "a.xlsx", operations())
    other = people(Role.SUPER_ADMIN, company="Another Press Fleet").actor
    with pytest.raises(NotFound):
        preview(other, import_id)
    discard(other, import_id)
    assert preview(actor, import_id)
    discard(actor, import_id)
    with pytest.raises(NotFound):
        preview(actor, import_id)
    forgotten = upload(actor, "a.xlsx", operations())
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25), tick=False):
        upload(actor, "b.xlsx", operations())
    with pytest.raises(NotFound):
        preview(actor, forgotten)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_ADMIN])
def test_only_who_runs_syncs_imports(people: People, role: Role) -> None:
    """The permission table decides in the service too."""
    with pytest.raises(Forbidden):
        upload(people(role).actor, "a.xlsx", operations())


def test_the_allocations_of_fms_as_people_keep_them(app: Flask, actor: Actor, sandbox: SandboxProcess) -> None:
    """The spreadsheet beside FMS's reports goes in whole, and meets FMS's spending row by row."""
    import requests

    settings = app.extensions["settings"]
    for feed in (FEEDS[0], FEEDS[-1]):
        url = settings.model_copy(
            update={f"fms_{feed.name}_csv_url": f"{sandbox.url}/reports/{feed.name}.csv"},
        )
        assert import_feed(feed, source_of(url, feed), actor.company_id).is_good
    content = requests.get(f"{sandbox.url}/reports/budgets.csv", timeout=10).content
    (counts,) = apply(actor, content, "budgets.csv")
    assert counts[1] > 0
    assert apply(actor, content, "budgets.csv") == [("budgets", 0, 0, 0)]


def test_commands(runner: FlaskCliRunner, fleet: Fleet, tmp_path: Any) -> None:
    """Preview, dry run, import, refusal: each says what it did, and the exit code agrees."""
    fleet.add_vehicle(office="Dallas")
    file = tmp_path / "budgets.csv"
    file.write_bytes(as_csv([BUDGET_HEADER, ("Dallas", "VW", 2026, "Q4", "$1,234.50")]))
    dry = runner.invoke(args=["import", "budgets", str(file), "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "Budgets: 1 added, 0 changed, 0 removed, 0 unchanged." in dry.output
    assert "added Dallas · VOLKSWAGEN · 2026 · 4: Budget $1,234.50" in dry.output
    assert stored(Budget.id) == []
    assert runner.invoke(args=["import", "budgets", str(file)]).exit_code == 0
    assert stored(Budget.fleet, Budget.allocation) == [("VOLKSWAGEN", Decimal("1234.50"))]
    wrong = runner.invoke(args=["import", "operations", str(file)])
    assert wrong.exit_code == 1
    assert "its headers are not those of ops_capacity" in wrong.output
    file.write_bytes(as_csv([BUDGET_HEADER, ("Dalas", "VW", 2026, "Q4", "x")]))
    bad = runner.invoke(args=["import", "budgets", str(file)])
    assert bad.exit_code == 1
    assert "budgets!A2: Office is none that we know: “Dalas”; did you mean Dallas?" in bad.output
    assert "budgets!E2: Budget is not a number: “x”" in bad.output
