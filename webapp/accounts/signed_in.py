"""Who is behind a request: the live sign-in that a cookie's token or a bearer token names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask, Request, current_app, g, request
from flask_login import AnonymousUserMixin, LoginManager, current_user
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from webapp import clock
from webapp.accounts import embedding, tokens
from webapp.accounts.access import carries_bearer
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User, UserSession, user_locations
from webapp.accounts.permissions import Role
from webapp.db import db, writing
from webapp.htmx import is_by_htmx
from webapp.settings import SecondFactor

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
NOTICE_EVERY = timedelta(minutes=5)
ADMINISTRATORS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
log = structlog.get_logger(__name__)
# Built once, and of tables rather than of entities: every request asks this, and open pages do all day long.
SESSIONS, USERS, PLACES = (model.__table__.c for model in (UserSession, User, Location))
LIVE = (
    select(
        SESSIONS.id.label("session_id"),
        SESSIONS.last_seen_at,
        USERS.id,
        USERS.name,
        USERS.email,
        USERS.role,
        USERS.company_id,
        USERS.fms_user_id,
        USERS.must_change_password,
        USERS.second_factor_since,
        PLACES.name.label("location"),
    )
    .join_from(UserSession.__table__, User.__table__, USERS.id == SESSIONS.user_id)
    .outerjoin(user_locations, user_locations.c.user_id == USERS.id)
    .outerjoin(Location.__table__, PLACES.id == user_locations.c.location_id)
    .where(
        SESSIONS.token_hash == bindparam("token_hash"),
        SESSIONS.ended_at.is_(None),
        SESSIONS.last_seen_at > bindparam("used_since"),
        SESSIONS.started_at > bindparam("begun_since"),
        USERS.is_active,
    )
)


@dataclass(frozen=True)
class SignedIn:
    """A live sign-in, in the shape Flask-Login asks for. `session_id` is the row of `user_sessions`."""

    actor: Actor
    token: str
    session_id: int
    email: str
    must_change_password: bool
    must_set_second_factor: bool = False
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the browser's signed cookie carries."""
        return self.token


def register(app: Flask) -> None:
    """Have Flask-Login find the person by our own sessions."""
    app.config.update(PERMANENT_SESSION_LIFETIME=ABSOLUTE, SESSION_REFRESH_EACH_REQUEST=False)
    # A cookie of that name left by a neighbour must not shadow a bearer token.
    app.config["REMEMBER_COOKIE_NAME"] = "motorpool_never_set"
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_by_cookie)
    manager.request_loader(_by_bearer)
    # Its own context for templates asks who is there, and breaks where nobody can be looked for.
    manager.init_app(app, add_context_processor=False)
    app.context_processor(_for_templates)


def load(token: str) -> SignedIn | None:
    """The live sign-in of `token`: not ended, not idle for 12 hours, not older than 7 days, user active."""
    now = clock.now()
    which = {"token_hash": tokens.fingerprint(token), "used_since": now - IDLE, "begun_since": now - ABSOLUTE}
    rows = db.session.connection().execute(LIVE, which).all()
    if not rows:
        return None
    one = rows[0]
    found = SignedIn(
        actor=Actor(
            user_id=one.id,
            name=one.name,
            role=Role(one.role),
            company_id=one.company_id,
            fms_user_id=one.fms_user_id,
            locations=frozenset(row.location for row in rows if row.location is not None),
        ),
        token=token,
        session_id=one.session_id,
        email=one.email,
        must_change_password=one.must_change_password,
        must_set_second_factor=one.second_factor_since is None and asks_second_factor_of(Role(one.role)),
    )
    _notice(one.session_id, one.last_seen_at, now)
    return found


def asks_second_factor_of(role: Role) -> bool:
    """Whether this installation lets nobody of `role` work without a second factor."""
    asked: SecondFactor = current_app.extensions["settings"].second_factor
    return asked is SecondFactor.ADMINISTRATORS and role in ADMINISTRATORS


def actor_from(user: User, locations: frozenset[str]) -> Actor:
    """The value that services take for `user`."""
    return Actor(
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        company_id=user.company_id,
        fms_user_id=user.fms_user_id,
        locations=locations,
    )


def _for_templates() -> dict[str, object]:
    """`actor` (None when nobody is signed in) and `embedded`, for the page around every page."""
    try:
        actor = current_user.actor if current_user.is_authenticated else None
    except SQLAlchemyError:
        # The page that says the database is gone, or that there is no such page, must not need it, nor ask again.
        actor, g._login_user = None, AnonymousUserMixin()
    g.actor = actor
    return {"actor": actor, "embedded": embedding.is_embedded()}


def _by_cookie(token: str) -> SignedIn | None:
    return None if carries_bearer() else load(token)


def _by_bearer(_request: Request) -> SignedIn | None:
    if not carries_bearer():
        return None
    named = tokens.read(request.headers["Authorization"].split(" ", 1)[1].strip())
    found = load(named.session_token) if named else None
    return found if found and named and found.actor.user_id == named.user_id else None


def _notice(session_id: int, last_seen_at: datetime, now: datetime) -> None:
    # Fragments that a page fetches by itself, every second even, are not a person at work.
    polled = request.method == "GET" and is_by_htmx()
    if polled or last_seen_at > now - NOTICE_EVERY:
        return
    try:
        with writing() as session:
            session.execute(
                update(UserSession)
                .where(UserSession.id == session_id, UserSession.last_seen_at < now)
                .values(last_seen_at=now)
            )
    except OperationalError:
        # A long import holds the database: reading goes on, the next request notices.
        log.warning("sign_in_not_noticed")
