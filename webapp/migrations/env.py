"""How Alembic reaches our database: through the running application, one transaction for a whole upgrade.

While a new version is rolled out the old one serves. On PostgreSQL a table that is altered waits for everybody who
reads it, and everybody who comes later waits behind: so a migration that does not get its table soon gives way, and
tries again. Of several that start at once one migrates, and the others then find it done.
"""

import time

from alembic import context
from flask import current_app
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from webapp.db import MIGRATING, Base, db

# Seconds that people may have to wait behind us, and that we leave them in between.
PATIENCE, PAUSE = 1, 1
TRIES = 60


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
            connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
        context.run_migrations()


def _migrate_soon() -> None:
    for left in reversed(range(TRIES)):
        try:
            with db.engine.connect().execution_options(writes=True) as connection:
                _migrate(connection)
            return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable) or not left:
                raise
        time.sleep(PAUSE)


if context.is_offline_mode():
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"], target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    _migrate_soon()
