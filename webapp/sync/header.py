"""What every page can say about the age of its data: looked up only when a template prints it."""

from functools import cached_property

import structlog
from flask import current_app
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.sync.configured import has_key
from webapp.sync.due import Age
from webapp.sync.queries import data_age
from webapp.sync.smartmoving_overview import jobs_age

log = structlog.get_logger(__name__)
NO_AGE = Age("", is_stale=False)


class JobsAge:
    """The age of the jobs that the person's board shows. One query, when it is first asked for."""

    @property
    def text(self) -> str:
        """`Jobs as of 14:05 PST, 12 minutes ago`; empty where SmartMoving is not set up."""
        return self._age.text

    @property
    def is_stale(self) -> bool:
        """Whether the data are older than they should be, or never came."""
        return self._age.is_stale

    @property
    def warning(self) -> str:
        """A sentence while the data are older than they should be; empty while they are not."""
        return self._age.warning

    @property
    def is_configured(self) -> bool:
        """Whether there are such data at all."""
        return bool(self._age.text)

    @cached_property
    def _age(self) -> Age:
        try:
            return self._looked_up()
        except SQLAlchemyError as error:
            # A page that says what is broken must not break over its own header.
            log.error("data age unknown", exc_info=error)
            db.session.rollback()
            return Age(f"{'Jobs' if _sees_jobs_only() else 'FMS data'}: age unknown", is_stale=True)

    def _looked_up(self) -> Age:
        return (jobs_age(current_user.actor.company_id) if current_user.is_authenticated else None) or NO_AGE


class DataAge(JobsAge):
    """The age of the data that the person works with: FMS's, or the jobs' for who sees no loans."""

    def __bool__(self) -> bool:
        return not _sees_jobs_only() or has_key(current_app.extensions["settings"])

    def _looked_up(self) -> Age:
        if _sees_jobs_only():
            return super()._looked_up()
        return data_age(current_user.actor.company_id if current_user.is_authenticated else None)


def values() -> dict[str, JobsAge]:
    """What templates get."""
    return {"data_age": DataAge(), "jobs_age": JobsAge()}


def _sees_jobs_only() -> bool:
    if not current_user.is_authenticated:
        return False
    actor = current_user.actor
    return not (actor.may(Permission.VIEW_LOANS) or actor.may(Permission.READ_AUDIT))
