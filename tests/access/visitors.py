"""People of every role who call the application, each request as if it were the first after signing in."""

import io
import re
import shutil
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import make_url, select
from werkzeug.test import TestResponse

from tests.access.listed import Listed, Scope
from tests.access.world import NOTHING, World
from tests.background import wait_for_threads
from tests.rows import Person
from tests.servers import csrf_token, sign_in
from webapp.accounts.models import UserSession
from webapp.accounts.permissions import Role
from webapp.db import Base, db

COOKIE = "session"
BY_HTMX = {"HX-Request": "true"}
MEGABYTE = 2**20
CHANGING = re.compile(
    r"X-Request-Id: .*|Content-Length: .*|X-CSRFToken[^,}]*|csrf_token[^>]*|nonce[^ >]*"
    # Of things, as addresses name them.
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|/\d+\b(?!-)",
    re.IGNORECASE,
)
# A number that no row has.
NOBODY = 999_999


@dataclass(frozen=True)
class Answer:
    """What came back: status, kind of text, where it leads, and all that can be read in it."""

    status: int
    mimetype: str
    leads_to: str
    text: str

    @property
    def is_problem(self) -> bool:
        """Whether it is a refusal as programs read it."""
        return self.mimetype == "application/problem+json"

    @cached_property
    def folded(self) -> str:
        """The text with the headers, in small letters."""
        return f"{self.text}\n{self.leads_to}".casefold()

    @property
    def gist(self) -> tuple[int, str]:
        """What is said, but for what differs from call to call: numbers of things, tokens, the request's name."""
        return self.status, CHANGING.sub("", self.text)


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in: the cookie as it was then, and the token against forgery that goes with it."""

    person: Person
    cookie: str
    token: str
    bearer: str


class Visitors:
    """Calls the application of one world as its people.

    `undo` brings the database back to how it was at first (on SQLite, where that costs nothing), so that each
    call meets the same world.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.signed_in = {role: self._signed_in(person) for role, person in world.persons.items()}
        self._threads = set(threading.enumerate())
        self._original = folder / "world.db"
        self._path = self._release()
        if self._path:
            shutil.copyfile(self._path, self._original)

    def call(
        self,
        method: str,
        address: str,
        visitor: Visitor | None,
        *,
        headers: Mapping[str, str] | None = None,
        has_token: bool = True,
        **rest: Any,
    ) -> Answer:
        """Call an address as somebody (None: a stranger), with the token against forgery unless told otherwise."""
        client: FlaskClient = self.world.app.test_client()
        given = dict(headers or {})
        if visitor is not None:
            client.set_cookie(COOKIE, visitor.cookie)
            if has_token and method != "GET":
                given["X-CSRFToken"] = visitor.token
        answer = client.open(address, method=method, headers=given, **rest)
        found = Answer(answer.status_code, answer.mimetype or "", _leads_to(answer), _text(answer))
        answer.close()
        return found

    def address(self, listed: Listed, scope: Scope, person: Person) -> str:
        """The address of a thing of that scope."""
        address = listed.rule
        for name, value in self.world.values(listed, scope, person).items():
            address = address.replace(f"<{name}>", str(value))
        assert "<" not in address, address
        return address

    def nothing(self, listed: Listed, scope: Scope, person: Person) -> str:
        """The address of a thing that is not there; of a run, in the chain that is."""
        address = listed.rule
        if listed.kind == "run of a chain":
            chain_id = self.world.values(listed, scope, person)["chain_id"]
            address = address.replace("<chain_id>", chain_id)
        for name in re.findall(r"<(\w+)>", address):
            address = address.replace(f"<{name}>", str(NOTHING.get(name, NOBODY)))
        return address

    def state(self) -> str:
        """A fingerprint of all rows, but for who was seen when."""
        with self.world.app.app_context():
            digest = sha256()
            for table in Base.metadata.sorted_tables:
                columns = [column for column in table.columns if column.name != UserSession.last_seen_at.key]
                digest.update(repr(sorted(map(repr, db.session.execute(select(*columns))))).encode())
            return digest.hexdigest()

    def by_role(self, role: Role) -> Visitor:
        """Whoever has that role."""
        return self.signed_in[role]

    def undo(self) -> None:
        """Make the world what it was at first."""
        if self._path:
            # What a call began in the background ends in the world that it began in.
            wait_for_threads(lambda thread: thread not in self._threads)
            self._release()
            for suffix in ("-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(self._original, self._path)

    def _release(self) -> Path | None:
        """Close the database; where its file is, if it is one."""
        with self.world.app.app_context():
            db.session.remove()
            if db.engine.dialect.name != "sqlite":
                return None
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
            return Path(str(make_url(db.engine.url).database))

    def _signed_in(self, person: Person) -> Visitor:
        client = self.world.app.test_client()
        sign_in(client, person)
        token = csrf_token(client)
        kept = client.get_cookie(COOKIE)
        assert kept
        asked = {"email": person.email, "password": person.password}
        answer = self.world.app.test_client().post("/api/auth/token", json=asked)
        assert answer.json, answer.text
        return Visitor(person, kept.value, token, answer.json["access_token"])


def _leads_to(answer: TestResponse) -> str:
    return answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""


def _text(answer: TestResponse) -> str:
    """All that can be read in an answer, in its headers, too; a workbook is unpacked."""
    body = answer.get_data()
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name)[:MEGABYTE] for name in sorted(archive.namelist()))
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
    return f"{headers}\n\n{body.decode('utf-8', 'replace')}"
