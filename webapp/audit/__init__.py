"""Who changed what, when and from where: written with each change, read by who may read it, changed by nobody."""

from flask import Flask


def register(app: Flask) -> None:
    """Nothing to serve yet: the table alone."""
    from webapp.audit import models

    assert models.AuditEntry.metadata is not None
