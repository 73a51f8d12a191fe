"""The settings of the environment in the log: what differs from those last recorded, noted when a process starts.

Of a secret only that it is set, and by a keyed mark whether it is another one. The mark's key is the SECRET_KEY:
when that changes, every secret counts as changed.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.audit.change import as_json
from webapp.audit.models import AuditEntry
from webapp.audit.pending import Note, note
from webapp.db import is_sqlite, writing
from webapp.settings import Settings

THING, LABEL = "environment", "Environment"
# Two processes that start at once: the second finds what the first has noted.
TURN = select(func.pg_advisory_xact_lock(3, 0))
A_DAY = 24 * 3600


def note_settings() -> None:
    """Note what differs from the settings last recorded. Repeatable: where nothing differs, nothing is written."""
    settings = current_app.extensions["settings"]
    with writing() as session:
        if not is_sqlite():
            session.execute(TURN)
        known, now = _recorded(session), _told(settings)
        other = [name for name in {**known, **now} if known.get(name) != now.get(name)]
        if not other:
            return
        before = {name: known.get(name) for name in other} if known else None
        company_id = session.scalar(select(Company.id).where(Company.name == settings.company_name))
        after = {name: now.get(name) for name in other}
        note(session, Note(THING, "changed" if known else "added", LABEL, company_id, before, after))


def _recorded(session: Session) -> dict[str, Any]:
    rows = session.execute(
        select(AuditEntry.after).where(AuditEntry.subject == THING).order_by(AuditEntry.id)
    ).scalars()
    known: dict[str, Any] = {}
    for after in rows:
        known.update(after or {})
    return known


def _told(settings: Settings) -> dict[str, Any]:
    key = settings.secret_key.get_secret_value().encode()
    return {name.upper(): _value(key, name, getattr(settings, name)) for name in sorted(type(settings).model_fields)}


def _value(key: bytes, name: str, value: Any) -> Any:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return f"set ({_mark(key, name, secret)})" if secret else None
    if Settings.model_fields[name].repr is False:
        return f"set ({_mark(key, name, str(value))})"
    if name.endswith("_url") and value:
        # What stands behind the host may open the door, as in the address of a report.
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''} ({_mark(key, name, value)})"
    told = as_json(value)
    return ", ".join(map(str, told)) if isinstance(told, list) else told


def _mark(key: bytes, name: str, value: str) -> str:
    """Tells two values apart, and nothing else of them to whoever has not the key."""
    return hmac.new(key, f"audit {name} {value}".encode(), hashlib.sha256).hexdigest()[:12]
