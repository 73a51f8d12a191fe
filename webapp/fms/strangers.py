"""Requests in FMS that carry a reference of ours and that our ledger does not know, as after a restore."""

from sqlalchemy import select

from webapp.db import close_reading, db
from webapp.fms.client import fms
from webapp.fms.models import Operation
from webapp.fms.schemas import Found


def strangers() -> list[Found] | None:
    """Live requests whose reference is in nobody's row, by number; None where FMS does not answer look-ups.

    They are ours or another installation's: nothing is done about them, people decide.
    """
    found = fms().look_up()
    if found is None:
        return None
    alive = {request.reference: request for request in found if request.reference and not request.is_dead}
    known = set(db.session.scalars(select(Operation.reference).where(Operation.reference.in_(sorted(alive)))))
    close_reading()
    return sorted((alive[name] for name in alive.keys() - known), key=lambda request: request.request_id)
