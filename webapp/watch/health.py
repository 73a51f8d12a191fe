"""Whether this process can serve: the database answers, its tables are ours, and somebody does the background jobs."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.db import db
from webapp.sync.models import Lease

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
# The recovery of FMS operations, the most frequent of the rooms' jobs, always runs.
LATE_AFTER = timedelta(minutes=10)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Health:
    """What each check found: `ok`, or what is wrong in a word or two. `is_ready`: requests can be served."""

    database: str
    migrations: str
    scheduler: str

    @property
    def is_ready(self) -> bool:
        """Late jobs are a matter for an alarm: taking every process out of service would help nobody."""
        return self.database == self.migrations == "ok"


def look() -> Health:
    """Ask the database. Never raises for one that is gone."""
    try:
        db.session.execute(select(1))
        return Health("ok", _migrations(), _scheduler())
    except SQLAlchemyError as error:
        log.warning("not ready", exc_info=error)
        db.session.rollback()
        return Health("unreachable", "unknown", "unknown")


def _migrations() -> str:
    """`ok` also where the database is ahead of us: while a new version is rolled out, the old one goes on serving."""
    try:
        current = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        return "missing"
    head, known = revisions()
    return "behind" if current is None or (current in known and current != head) else "ok"


def _scheduler() -> str:
    newest = db.session.scalar(select(func.max(Lease.expires_at)).where(Lease.name.startswith("job:")))
    return "ok" if newest is not None and newest > clock.now() - LATE_AFTER else "late"


@lru_cache(maxsize=1)
def revisions() -> tuple[str | None, frozenset[str]]:
    """The version of tables that this code serves on, and all that lead to it."""
    # Asked by few processes and once: what serves starts without it.
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())
