"""A log with entries of one company's, as if they had been told."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import insert

from tests.rows import People
from webapp.accounts.permissions import Role
from webapp.audit.models import AuditEntry
from webapp.audit.watched import table_of
from webapp.db import writing

PAGE = "/audit"
NOON = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)


class Log:
    """Adds entries of one company to the log, as if they had been told."""

    def __init__(self, app: Flask, people: People) -> None:
        self._app = app
        self.auditor = people(Role.AUDITOR, name="Ada Quill")

    def add(self, count: int = 1, **columns: object) -> None:
        values = {
            "company_id": self.auditor.company_id,
            "changed_at": NOON,
            "user_id": self.auditor.user_id,
            "actor": "Ada Quill",
            "role": "ADMIN",
            "origin": "page",
            "address": "10.0.0.7",
            "request_id": "request-1",
            "subject": "loan",
            "subject_id": 12,
            "label": "Coastline Auto",
            "action": "changed",
            "before": {"status": "manual"},
            "after": {"status": "planned"},
            **columns,
        }
        with self._app.app_context(), writing() as session:
            session.connection().execute(insert(table_of(AuditEntry)), [values] * count)


@pytest.fixture
def log(app: Flask, people: People) -> Log:
    return Log(app, people)
