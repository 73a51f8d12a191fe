"""What is audited of running us: that the database was made what a copy holds."""

from pathlib import Path

from flask import current_app

from webapp.accounts.queries import company_named
from webapp.audit.pending import Note, note
from webapp.audit.watched import thing
from webapp.db import writing

thing("database", "Database")


def tell_restore(file: Path, revision: str) -> None:
    """Have it told in the restored database, which itself knows nothing of it, that it is one."""
    company_id = company_named(current_app.extensions["settings"].company_name)
    after = {"copy": file.name, "tables": revision}
    with writing() as session:
        note(session, Note("database", "restored", "The whole database", company_id, None, after))
