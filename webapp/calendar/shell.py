"""What stands around every page: the tabs a person may open, dates as people read them, addresses of our files."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user

from webapp.accounts.access import access_of
from webapp.accounts.actor import Actor
from webapp.dates import shown, shown_with_weekday

# Pages are listed where their view exists and lets the person in: what the table says, nothing else decides.
TABS = (
    ("/calendar", "Calendar"),
    ("/chains", "Chains"),
    ("/journeys", "Jobs"),
    ("/my-jobs", "My jobs"),
    ("/analytics", "Analytics"),
    ("/fms/operations", "FMS log"),
    ("/sync", "Sync"),
)
PERSONAL = (
    ("/account", "Your account"),
    ("/calendar/links", "Calendar links"),
    ("/users", "Users"),
    ("/audit", "Audit log"),
)


@dataclass(frozen=True)
class Tab:
    """One page in the navigation."""

    address: str
    label: str
    is_here: bool


def register(app: Flask) -> None:
    """Give every template of `app` its navigation, `asset()` and the date filters."""
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters["day"] = shown
    app.jinja_env.filters["weekday_day"] = shown_with_weekday
    app.context_processor(_navigation)


def asset(name: str) -> str:
    """The address of a static file, with a mark that changes whenever the file does."""
    # A page names thirty: `url_for` would put each together anew.
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={_mark(current_app.static_folder or '', name)}"


def tabs(actor: Actor, listed: tuple[tuple[str, str], ...], here: str) -> list[Tab]:
    """The pages of `listed` that exist and that `actor` may open; `here` is the path being shown."""
    endpoints = _endpoints(current_app._get_current_object())  # type: ignore[attr-defined]
    open_to_them = []
    for address, label in listed:
        access = access_of(current_app.view_functions[endpoints[address]]) if address in endpoints else None
        if access is not None and access.allows(actor):
            open_to_them.append(Tab(address, label, here == address or here.startswith(f"{address}/")))
    return open_to_them


def _navigation() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {"navigation": [], "personal_navigation": []}
    actor = current_user.actor
    return {
        "navigation": tabs(actor, TABS, request.path),
        "personal_navigation": tabs(actor, PERSONAL, request.path),
    }


@lru_cache(maxsize=8)
def _endpoints(app: Flask) -> dict[str, str]:
    return {rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


@lru_cache(maxsize=256)
def _mark(folder: str, name: str) -> str:
    try:
        return format(int(Path(folder, name).stat().st_mtime), "x")
    except OSError:
        return "0"
