"""A number per company that grows with every change its boards show, so that a look tells whether to draw again."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_company
from webapp.db import db
from webapp.journeys.models import BoardMark
from webapp.journeys.upserts import upsert


def bump(session: Session, company_id: int) -> None:
    """Let the company's boards know of a change; the number is seen when, and only if, the change is.

    Call it last in a writing transaction: the mark stays locked until that ends, and whoever locks it before a
    journey could wait for somebody who holds the journey and waits for the mark.
    """
    session.execute(
        upsert(session, BoardMark)
        .values(company_id=company_id, number=1)
        .on_conflict_do_update(index_elements=[BoardMark.company_id], set_={"number": BoardMark.number + 1})
    )


def mark(company_id: int) -> int:
    """The company's number; 0 while nothing has ever changed."""
    return db.session.scalar(select(BoardMark.number).where(BoardMark.company_id == company_id)) or 0


def mark_for(actor: Actor) -> int:
    """The number of all that the actor's boards show: of every company, for who sees all companies."""
    return db.session.scalar(select(func.sum(BoardMark.number)).where(in_company(actor, BoardMark.company_id))) or 0
