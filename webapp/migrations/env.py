"""How Alembic reaches our database: through the running application, one transaction for a whole upgrade."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from webapp.db import Base, db


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"], target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect().execution_options(writes=True) as connection:
        _migrate(connection)
