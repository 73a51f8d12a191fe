"""Who may call which route: every view declares it, and one hook enforces it before anything else happens.

The order is: find the person, ask what the route declares, then check against forgery. So an expired sign-in
is called that, and not a forgery; and a request is authenticated before it is validated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.errors import Forbidden, Refusal, Unauthenticated, answer_refusal, wants_json
from webapp.htmx import go_to, is_by_htmx, is_own_address

V = TypeVar("V", bound=Callable[..., Any])
LOGIN = "/login"
ACCOUNT = "/account"
# The blueprint that stays open to a person who must choose a password or set up a second factor first.
SELF_SERVICE = "account"

csrf = CSRFProtect()


@dataclass(frozen=True)
class Access:
    """What a route asks for: nothing (public), only a sign-in, or any one of `permissions`."""

    is_public: bool = False
    permissions: frozenset[Permission] = frozenset()

    def allows(self, actor: Actor) -> bool:
        """Whether the permission table opens the route to `actor`."""
        return not self.permissions or any(actor.may(permission) for permission in self.permissions)


class PageOutOfDate(Refusal):
    """The form does not carry this sign-in's token: an old page, or somebody else's."""

    status = 400
    code = "csrf"


class MustChangePassword(Refusal):
    """The password was given by somebody else and has to be replaced first."""

    status = 403
    code = "must_change_password"


class MustSetSecondFactor(Refusal):
    """The installation asks a second factor of this role, and there is none yet."""

    status = 403
    code = "second_factor_required"


def requires(*permissions: Permission) -> Callable[[V], V]:
    """Open a view (function or class) to whom the table gives any one of `permissions`."""
    if not permissions:
        raise ValueError("name a permission, or declare the route with any_role or public")
    return _declare(Access(permissions=frozenset(permissions)))


def any_role(view: V) -> V:
    """Open a view to everybody who is signed in."""
    return _declare(Access())(view)


def public(view: V) -> V:
    """Open a view to everybody; a person who is signed in is still known to it."""
    return _declare(Access(is_public=True))(view)


def access_of(view: Callable[..., Any]) -> Access | None:
    """What `view`, or the class behind it, declares; None when it declares nothing."""
    declared = getattr(view, "access", None) or getattr(getattr(view, "view_class", None), "access", None)
    return declared if isinstance(declared, Access) else None


def current_actor() -> Actor:
    """The person this request acts for. Raises `Unauthenticated` when nobody is signed in."""
    if not current_user.is_authenticated:
        raise Unauthenticated
    actor: Actor = current_user.actor
    return actor


def check_routes(app: Flask) -> None:
    """Raise when a route of `app` declares no access, so that none is open by oversight."""
    silent = sorted(
        {
            f"{rule.rule} ({rule.endpoint})"
            for rule in app.url_map.iter_rules()
            if access_of(app.view_functions[rule.endpoint]) is None
        }
    )
    if silent:
        raise RuntimeError("these routes declare no access (@requires, @any_role or @public): " + ", ".join(silent))


def register(app: Flask) -> None:
    """Guard every route of `app`."""
    csrf.init_app(app)
    if app.has_static_folder:
        public(app.view_functions["static"])
    app.before_request(_guard)
    app.register_error_handler(Unauthenticated, _send_to_login)
    app.register_error_handler(MustChangePassword, _send_to_account)
    app.register_error_handler(MustSetSecondFactor, _send_to_account)


def carries_bearer() -> bool:
    """Whether the request brings its own authority, and none of a browser's cookies counts."""
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _declare(access: Access) -> Callable[[V], V]:
    def mark(view: V) -> V:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def _guard() -> None:
    # Each request finds its own person, whatever the context it runs in has seen before.
    g.pop("_login_user", None)
    if request.endpoint is None:
        return  # no such route or method; the router's own refusal follows
    access = access_of(current_app.view_functions[request.endpoint])
    if access is None:
        raise RuntimeError(f"{request.endpoint} declares no access")
    if not access.is_public:
        _admit(access)
    _check_forgery(access)


def _admit(access: Access) -> None:
    actor = current_actor()
    structlog.contextvars.bind_contextvars(user_id=actor.user_id)
    if current_user.must_change_password and request.blueprint != SELF_SERVICE:
        raise MustChangePassword("Choose a new password on your account page first.")
    if current_user.must_set_second_factor and request.blueprint != SELF_SERVICE:
        raise MustSetSecondFactor("Set up your second factor on your account page first.")
    if not access.allows(actor):
        raise Forbidden


def _check_forgery(access: Access) -> None:
    # A forged request lives off the browser's cookies: tokens and public JSON routes do not use them.
    if carries_bearer() or (access.is_public and wants_json()):
        return
    try:
        csrf.protect()
    except CSRFError as error:
        raise PageOutOfDate("This page is out of date. Reload it and try again.") from error


def _send_to_login(refusal: Unauthenticated) -> Response:
    if wants_json():
        response = answer_refusal(refusal)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return go_to(f"{LOGIN}?next={quote(_page_at_hand(), safe='/')}")


def _send_to_account(refusal: MustChangePassword | MustSetSecondFactor) -> Response:
    return answer_refusal(refusal) if wants_json() else go_to(ACCOUNT)


def _page_at_hand() -> str:
    """The page to come back to: for a fragment or a form, the one it sits on."""
    is_htmx = is_by_htmx()
    if request.method == "GET" and not is_htmx:
        return request.full_path.rstrip("?")
    named = (request.headers.get("HX-Current-URL") if is_htmx else request.referrer) or ""
    # Without the scheme: behind a proxy that ends TLS we may not know it.
    host, slash, path = named.partition("://")[2].partition("/")
    address = slash + path
    return address if host == request.host and is_own_address(address) else "/"
