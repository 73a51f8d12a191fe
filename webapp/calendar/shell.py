"""What stands around every page: the tabs a person may open, and addresses of our files that change with them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission as P

# Address, label, and the permission of which one is enough. Only pages that exist are listed.
TABS: tuple[tuple[str, str, frozenset[P]], ...] = (
    ("/calendar", "Calendar", frozenset({P.VIEW_LOANS})),
    ("/chains", "Chains", frozenset({P.VIEW_LOANS})),
    ("/journeys", "Jobs", frozenset({P.VIEW_JOBS})),
    ("/my-jobs", "My jobs", frozenset({P.VIEW_OWN_JOBS})),
    ("/analytics", "Analytics", frozenset({P.SEE_MONEY})),
    ("/fms/operations", "FMS log", frozenset({P.READ_AUDIT})),
    ("/sync", "Sync", frozenset({P.VIEW_LOANS, P.VIEW_JOBS})),
)
PERSONAL: tuple[tuple[str, str, frozenset[P]], ...] = (
    ("/account", "Your account", frozenset(P)),
    ("/users", "Users", frozenset({P.MANAGE_USERS})),
)


@dataclass(frozen=True)
class Tab:
    """One page in the navigation."""

    address: str
    label: str
    is_here: bool


def register(app: Flask) -> None:
    """Give every template of `app` its navigation and `asset()`."""
    app.jinja_env.globals["asset"] = asset
    app.context_processor(_navigation)


def asset(name: str) -> str:
    """The address of a static file, with a mark that changes whenever the file does."""
    return url_for("static", filename=name, v=_mark(Path(current_app.static_folder or ""), name))


def tabs(actor: Actor, listed: tuple[tuple[str, str, frozenset[P]], ...], here: str) -> list[Tab]:
    """The pages of `listed` that exist and that `actor` may open; `here` is the path being shown."""
    known = _addresses(current_app._get_current_object())  # type: ignore[attr-defined]
    return [
        Tab(address, label, here == address or here.startswith(address + "/"))
        for address, label, permissions in listed
        if address in known and any(actor.may(permission) for permission in permissions)
    ]


def _navigation() -> dict[str, Any]:
    actor = g.get("actor")
    if actor is None:
        return {"navigation": [], "personal_navigation": []}
    return {
        "navigation": tabs(actor, TABS, request.path),
        "personal_navigation": tabs(actor, PERSONAL, request.path),
    }


@lru_cache(maxsize=8)
def _addresses(app: Flask) -> frozenset[str]:
    return frozenset(rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))


@lru_cache(maxsize=256)
def _mark(folder: Path, name: str) -> str:
    try:
        return format(int((folder / name).stat().st_mtime), "x")
    except OSError:
        return "0"
