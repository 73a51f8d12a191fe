"""What every page's header says about the age of the data: looked up only when a template prints it."""

from functools import cached_property

import structlog
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.db import db
from webapp.sync.due import Age
from webapp.sync.queries import data_age

log = structlog.get_logger(__name__)


class DataAge:
    """The age of the data that the person sees. One query, when `text` or `is_stale` is first asked for."""

    @property
    def text(self) -> str:
        """`FMS data 02:04 PST today`."""
        return self._age.text

    @property
    def is_stale(self) -> bool:
        """Whether the data are older than they should be, or never came."""
        return self._age.is_stale

    @property
    def warning(self) -> str:
        """A sentence while the data are older than they should be; empty while they are not."""
        return self._age.warning

    @cached_property
    def _age(self) -> Age:
        try:
            return data_age(current_user.actor.company_id if current_user.is_authenticated else None)
        except SQLAlchemyError as error:
            # A page that says what is broken must not break over its own header.
            log.error("data age unknown", exc_info=error)
            db.session.rollback()
            return Age("FMS data: age unknown", is_stale=True)


def values() -> dict[str, DataAge]:
    """What templates get."""
    return {"data_age": DataAge()}
