"""A copy of the whole database in one file: how one is put down whole, and which can be taken back."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.accounts.models import UserSession
from webapp.db import Base
from webapp.errors import Refusal
from webapp.watch.health import revisions

# Who was signed in when the copy was made may have been sent away since: nobody's session comes back.
SESSIONS = UserSession.__tablename__
RUNNING = "Something still uses this database. Stop the application on every host, and try again."
BROKEN = (
    "The database at {path} is damaged, not the copy. Stop the application on every host and move that file elsewhere, "
    "with -wal and -shm beside it. Then restore again."
)
NOT_EMPTY = "There are data in this database. Make a backup of them, then restore with --replace: they will be gone."


class CopyRefused(Refusal):
    """A copy that cannot be made or taken back, and why."""

    code = "copy_refused"


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Where to write what will be at `path`: it appears there when it is whole and on the disk, for our eyes only.

    Raises `CopyRefused` where something is there already or the folder is missing.
    """
    if path.exists():
        raise CopyRefused(f"{path} is there already. A backup overwrites nothing: give it another name.")
    if not path.parent.is_dir():
        raise CopyRefused(f"There is no folder {path.parent}.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    written = Path(name)
    try:
        yield written
        _keep(written)
        written.rename(path)
        _keep(path.parent)
    finally:
        written.unlink(missing_ok=True)


def refuse_unfit(revision: str | None) -> None:
    """Raise `CopyRefused` where tables of that version are not ours, or of a version after us."""
    if revision is None:
        raise CopyRefused("This is not a copy of Motorpool's database.")
    if revision not in revisions()[1]:
        raise CopyRefused(f"This copy is of a newer version ({revision}). Install that version, then restore.")


def is_older(revision: str) -> bool:
    """Whether tables of that version have to be migrated before we can serve on them."""
    return revision != revisions()[0]


def tables() -> list[str]:
    """The tables of which a single row means that a database is in use."""
    return sorted(Base.metadata.tables)


def _keep(path: Path) -> None:
    """Have the disk keep what was written there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
