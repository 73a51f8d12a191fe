"""`flask backup` and `flask restore`: the whole database to one file, and back."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine

from webapp.db import db, is_sqlite
from webapp.errors import Refusal
from webapp.watch import postgres_copies, sqlite_copies
from webapp.watch.audited import tell_restore
from webapp.watch.copies import is_older

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE)
@with_appcontext
def backup(file: Path) -> None:
    """Copy the database to FILE, consistently, while the application serves. FILE must not exist yet."""
    engine = _idle_engine()
    try:
        (sqlite_copies if is_sqlite() else postgres_copies).back_up(engine, file)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(f"{file}: {file.stat().st_size:,} bytes, checked.")


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Throw away the data that are in the database now.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Make the database what FILE holds. The application must be stopped on every host."""
    engine = _idle_engine()
    try:
        revision = (sqlite_copies if is_sqlite() else postgres_copies).restore(engine, file, may_replace=replace)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(f"Restored {file}. Everybody has to sign in again.")
    if is_older(revision):
        # Such a database may have no log yet.
        click.echo(f"Its tables are of version {revision}: run `flask --app wsgi db upgrade` before you start.")
    else:
        tell_restore(file, revision)
    click.echo("FMS may hold requests that this copy does not know: `flask --app wsgi fms recover` names them.")


def _idle_engine() -> Engine:
    """The engine, without a connection that this process has left open."""
    db.session.remove()
    db.engine.dispose()
    return db.engine
