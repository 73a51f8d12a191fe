"""Importing spreadsheets: what a file would change, and then exactly that, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Company, Location
from webapp.accounts.permissions import Permission
from webapp.clock import now
from webapp.db import close_reading, db, writing
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.feeds.sheet_models import SheetImport
from webapp.feeds.sheet_schema import KINDS, SheetKind
from webapp.feeds.sheets import Fault, ReadFile, read
from webapp.fleet.differences import Difference, difference, write
from webapp.fleet.models import Budget
from webapp.loans import changes

KEPT = timedelta(hours=24)
LISTED = 10
TITLES = {kind.name: kind.title for kind in KINDS}


class SheetRefused(InvalidInput):
    """Cells that cannot be used; nothing of the file is."""

    code = "bad_cells"

    def __init__(self, faults: Sequence[Fault]) -> None:
        many = f"{len(faults)} cells cannot be used" if len(faults) != 1 else "One cell cannot be used"
        super().__init__(
            f"{many}; nothing was imported.", fields={f"{one.sheet}!{one.cell}": one.text for one in faults}
        )
        self.faults = tuple(faults)


class PreviewOutdated(Refusal):
    """The data changed between the preview and its confirmation."""

    code = "preview_outdated"

    def __init__(self) -> None:
        super().__init__("The data changed since you looked. This is what the file would change now; confirm again.")


@dataclass(frozen=True)
class SheetPlan:
    """What one sheet would change."""

    kind: SheetKind
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        """How many rows, for the record."""
        found = self.difference
        counts = {"added": found.added, "changed": found.changed, "removed": found.removed}
        return {"sheet": self.kind.name, **{name: len(rows) for name, rows in counts.items()}}


@dataclass(frozen=True)
class Plan:
    """What a file would change. `digest` names exactly this file and these changes."""

    sheets: tuple[SheetPlan, ...]
    remarks: tuple[str, ...]
    digest: str

    @property
    def is_empty(self) -> bool:
        """Whether everything is as the file says already."""
        return all(sheet.difference.is_empty for sheet in self.sheets)


@dataclass(frozen=True)
class Done:
    """An import that was applied: when, by whom, from what, and how many rows of each sheet it changed."""

    filename: str
    actor_name: str
    applied_at: Any
    summary: list[dict[str, Any]]


def look_at(actor: Actor, filename: str, content: bytes, kinds: Sequence[SheetKind] = KINDS) -> Plan:
    """What the file would change in the actor's company; nothing is written.

    Raises `Forbidden`, `FileRefused`, `SheetRefused`.
    """
    actor.require(Permission.RUN_SYNCS)
    session = db.session()
    plan = _plan(session, actor.company_id, filename, content, kinds)
    close_reading()
    return plan


def upload(actor: Actor, filename: str, content: bytes) -> int:
    """Check a file and keep it until its preview is confirmed, at most a day; its id. Raises as `look_at`."""
    plan = look_at(actor, filename, content)
    with writing() as session:
        session.execute(update(SheetImport).where(SheetImport.uploaded_at < now() - KEPT).values(content=None))
        kept = SheetImport(
            company_id=actor.company_id,
            user_id=actor.user_id,
            actor_name=actor.name,
            kind=plan.sheets[0].kind.name,
            filename=filename[-200:],
            content=content,
            uploaded_at=now(),
            summary=[],
        )
        session.add(kept)
        session.flush()
        return kept.id


def preview(actor: Actor, import_id: int) -> tuple[str, Plan]:
    """Name and plan of an uploaded file, as things are now. Raises `NotFound` once it is applied or discarded."""
    actor.require(Permission.RUN_SYNCS)
    found = _uploaded(db.session(), actor, import_id)
    filename, content = found.filename, found.content
    close_reading()
    assert content is not None
    return filename, look_at(actor, filename, content)


def apply_upload(actor: Actor, import_id: int, digest: str) -> list[dict[str, Any]]:
    """Apply an uploaded file if it would still change what the preview with `digest` said; the counts.

    Raises `PreviewOutdated`, `NotFound` (applied or discarded meanwhile), and as `look_at`.
    """
    actor.require(Permission.RUN_SYNCS)
    try:
        with writing() as session:
            _alone(session, actor.company_id)
            found = _uploaded(session, actor, import_id)
            assert found.content is not None
            plan = _plan(session, actor.company_id, found.filename, found.content, KINDS)
            if plan.digest != digest:
                raise PreviewOutdated
            summary = _write(session, actor.company_id, plan)
            found.content, found.applied_at, found.summary = None, now(), summary
            found.actor_name, found.user_id = actor.name, actor.user_id
    except IntegrityError as error:
        # A run of the feeds wrote one of the rows between our look and our writing.
        raise PreviewOutdated from error
    return summary


def apply_file(actor: Actor, filename: str, content: bytes, kinds: Sequence[SheetKind]) -> Plan:
    """Apply a file at once, for commands; what it changed. Raises as `look_at`."""
    actor.require(Permission.RUN_SYNCS)
    with writing() as session:
        _alone(session, actor.company_id)
        plan = _plan(session, actor.company_id, filename, content, kinds)
        moment = now()
        session.add(
            SheetImport(
                company_id=actor.company_id,
                user_id=actor.user_id,
                actor_name=actor.name,
                kind=plan.sheets[0].kind.name,
                filename=filename[-200:],
                uploaded_at=moment,
                applied_at=moment,
                summary=_write(session, actor.company_id, plan),
            )
        )
    return plan


def discard(actor: Actor, import_id: int) -> None:
    """Forget an uploaded file; nothing happens to one that is gone."""
    actor.require(Permission.RUN_SYNCS)
    with writing() as session:
        mine = (SheetImport.id == import_id, SheetImport.company_id == actor.company_id)
        # The row stays: its number must not come to mean another file.
        session.execute(update(SheetImport).where(*mine).values(content=None))


def done(actor: Actor) -> list[Done]:
    """The last ten imports of the actor's company, newest first."""
    rows = db.session.execute(
        select(SheetImport.filename, SheetImport.actor_name, SheetImport.applied_at, SheetImport.summary)
        .where(SheetImport.company_id == actor.company_id, SheetImport.applied_at.is_not(None))
        .order_by(SheetImport.applied_at.desc(), SheetImport.id.desc())
        .limit(LISTED)
    )
    return [Done(*row) for row in rows]


def _plan(session: Session, company_id: int, filename: str, content: bytes, kinds: Sequence[SheetKind]) -> Plan:
    found = read(filename, content, kinds, _offices(session, company_id))
    if found.faults:
        raise SheetRefused(found.faults)
    plans = tuple(
        SheetPlan(
            sheet.kind,
            difference(session, sheet.kind.shape, company_id, sheet.rows, keeps_others=not sheet.kind.replaces),
        )
        for sheet in found.sheets
    )
    return Plan(plans, _remarks(found), _digest(content, plans))


def _remarks(found: ReadFile) -> tuple[str, ...]:
    return (*found.remarks, *(remark for sheet in found.sheets for remark in sheet.remarks))


def _digest(content: bytes, plans: Sequence[SheetPlan]) -> str:
    digest = sha256(content)
    for plan in plans:
        digest.update(repr((plan.kind.name, plan.difference)).encode())
    return digest.hexdigest()


def _write(session: Session, company_id: int, plan: Plan) -> list[dict[str, Any]]:
    for sheet in plan.sheets:
        write(session, sheet.kind.shape, company_id, sheet.difference)
    if any(not sheet.difference.is_empty for sheet in plan.sheets):
        # Drivers, holidays and rates stand on calendars, too.
        changes.tell_all(session, company_id)
    return [sheet.as_json() for sheet in plan.sheets]


def _alone(session: Session, company_id: int) -> None:
    """Until the transaction ends, no other spreadsheet of this company is applied."""
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update())


def _offices(session: Session, company_id: int) -> set[str]:
    """Offices with vehicles, and those for which FMS or an earlier file names money."""
    named = session.scalars(select(Location.name).where(Location.company_id == company_id, Location.is_office))
    budgeted = session.scalars(select(Budget.office).where(Budget.company_id == company_id).distinct())
    return {*named, *budgeted}


def _uploaded(session: Session, actor: Actor, import_id: int) -> SheetImport:
    found = session.scalar(
        select(SheetImport).where(
            SheetImport.id == import_id,
            SheetImport.company_id == actor.company_id,
            SheetImport.content.is_not(None),
        )
    )
    if found is None:
        raise NotFound("This file was applied or discarded already, or waited for more than a day.")
    return found
