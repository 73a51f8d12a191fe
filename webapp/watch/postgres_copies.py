"""Copies of a PostgreSQL database: what pg_dump and pg_restore are told, and what they need to be there."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from webapp.db import APPLICATION
from webapp.watch.copies import NOT_EMPTY, RUNNING, SESSIONS, CopyRefused, new_file, refuse_unfit, tables

DUMP = ("--format=custom", "--no-owner", "--no-privileges")
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    # Ours by their name, whoever restores; and whoever else comes as the owner. Of others' connections who is no
    # superuser is told little, and whoever watches the server may stay: `lock_timeout` does for what they hold.
    f" AND (application_name = '{APPLICATION}'"
    " OR usename IN (current_user, session_user) AND backend_type = 'client backend')"
)
VERSION_ROW = re.compile(r"^COPY [^\n]*alembic_version[^\n]*\n(\w+)$", re.MULTILINE)
# Everything of ours, whatever version made it; what belongs to an extension stays.
EMPTY = """
SET lock_timeout = '5s';
SET client_min_messages = warning;
BEGIN;
DO $$ DECLARE thing text; BEGIN
  FOR thing IN SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  LOOP EXECUTE 'DROP TABLE IF EXISTS ' || thing || ' CASCADE'; END LOOP;
  FOR thing IN SELECT oid::regprocedure FROM pg_proc AS one
    WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = one.oid AND deptype = 'e')
  LOOP EXECUTE 'DROP FUNCTION IF EXISTS ' || thing || ' CASCADE'; END LOOP;
END $$;
"""


def back_up(engine: Engine, path: Path) -> None:
    """Copy the database of `engine` to `path` as pg_dump sees it, at one moment. Raises `CopyRefused`.

    Where pg_dump is missing or older than the server, the refusal says how to do it elsewhere.
    """
    where, environment = _address(engine)
    command = ["pg_dump", *DUMP, f"--dbname={where}"]
    tool = _tool("pg_dump", engine, [*command, f"--file={path}"])
    with new_file(path) as written:
        _run([tool, *command[1:], f"--file={written}"], environment)
        if _revision(written, engine) is None:
            raise CopyRefused("The copy holds no version of our tables: nothing was kept.")


def restore(engine: Engine, path: Path, *, may_replace: bool) -> str:
    """Make the database of `engine` what `path` holds, wholly or not at all; the version of its tables.

    Raises `CopyRefused` for a file that is no copy of ours or of a newer version, while anybody is connected, and
    where there are data and `may_replace` is false.
    """
    if not path.is_file():
        raise CopyRefused(f"There is no file {path}.")
    revision = _revision(path, engine)
    refuse_unfit(revision)
    _refuse_in_use(engine, may_replace=may_replace)
    _replay(path, engine)
    return str(revision)


def _refuse_in_use(engine: Engine, *, may_replace: bool) -> None:
    with engine.connect() as connection:
        if connection.scalar(OTHERS):
            raise CopyRefused(RUNNING)
        held = [name for name in tables() if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name})]
        if not may_replace and any(connection.scalar(text(f'SELECT 1 FROM "{name}" LIMIT 1')) for name in held):
            raise CopyRefused(NOT_EMPTY)
    engine.dispose()


def _replay(path: Path, engine: Engine) -> None:
    """Empty the database and fill it from `path` in one transaction, committed once pg_restore has told all."""
    where, environment = _address(engine)
    command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={where}"]
    psql = _tool("psql", engine, command)
    reader = [_tool("pg_restore", engine, command), "--no-owner", "--no-privileges", "--file=-", str(path)]
    with (
        subprocess.Popen([psql, *command[1:]], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as to,
        subprocess.Popen(reader, stdout=subprocess.PIPE) as told,
    ):
        assert to.stdin is not None
        assert told.stdout is not None
        try:
            to.stdin.write(EMPTY.encode())
            shutil.copyfileobj(told.stdout, to.stdin)
            if told.wait() == 0:
                to.stdin.write(f"\nDELETE FROM public.{SESSIONS};\nCOMMIT;\n".encode())
        except BrokenPipeError:
            # psql has ended over an error, which it has told itself.
            pass
        finally:
            told.stdout.close()
            _shut(to)
    if to.returncode or told.returncode:
        raise CopyRefused(f"{path} could not be restored. The database is as it was.")


def _shut(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()


def _revision(path: Path, engine: Engine) -> str | None:
    """The version of the tables in a copy; None for one that has no such table. Raises `CopyRefused`."""
    command = ["pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(path)]
    found = VERSION_ROW.search(_run([_tool("pg_restore", engine, command), *command[1:]], dict(os.environ)))
    return found.group(1) if found else None


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    """What the tool printed. Raises `CopyRefused` with its own words."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CopyRefused(done.stderr.strip() or f"{Path(command[0]).name} failed.")
    return done.stdout


def _tool(name: str, engine: Engine, command: Sequence[str]) -> str:
    """Where the tool is, in a version that knows the server's. Raises `CopyRefused` that says what to run instead."""
    with engine.connect() as connection:
        wanted = int(str(connection.scalar(text("SHOW server_version_num")))) // 10_000
    engine.dispose()
    found = shutil.which(name)
    if found is not None:
        version = re.search(r"\d+", _run([found, "--version"], dict(os.environ)))
        if version is not None and int(version.group()) >= wanted:
            return found
    raise CopyRefused(
        f"This needs {name} of PostgreSQL {wanted} or newer (on Debian the package postgresql-client-{wanted}).\n"
        f"Install it, or run this where it is, with the password in PGPASSWORD:\n  {_line(command)}"
    )


def _line(command: Sequence[str]) -> str:
    return " ".join(f"'{part}'" if " " in part else part for part in command)


def _address(engine: Engine) -> tuple[str, dict[str, str]]:
    """How the tools reach the database: the address, and an environment with the password.

    Arguments stand in every list of processes; the environment does not.
    """
    _, given = engine.dialect.create_connect_args(engine.url)
    # Once connected, the driver adds what only it understands.
    parameters = {name: str(value) for name, value in given.items() if isinstance(value, str | int)}
    password = parameters.pop("password", None)
    environment = dict(os.environ) | ({"PGPASSWORD": password} if password else {})
    return make_conninfo(**parameters), environment
