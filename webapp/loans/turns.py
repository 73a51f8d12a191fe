"""Whose turn it is with a vehicle: who plans with it lets others wait until their transaction ends."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.db import is_sqlite

# Any number of ours that nobody else uses: it keeps these locks apart from others in the same database.
VEHICLES = 1
TURN = select(func.pg_advisory_xact_lock(VEHICLES, bindparam("fleet_vehicle_id")))


def take_turns(session: Session, fleet_vehicle_ids: Iterable[int]) -> None:
    """Until the transaction ends, nobody else plans these vehicles. Call it once in a transaction, for all of them.

    Everybody takes them in one order, so nobody waits for somebody who waits for them. The rows themselves are not
    locked: an import that changes hundreds of them in an order of its own is neither kept waiting nor met halfway.
    """
    if is_sqlite():
        # It has one writer at a time anyway.
        return
    for fleet_vehicle_id in sorted(set(fleet_vehicle_ids)):
        session.execute(TURN, {"fleet_vehicle_id": fleet_vehicle_id})
