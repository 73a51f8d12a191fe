"""The application: settings, extensions, the list of rooms. Each room registers itself."""

from importlib import import_module
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from webapp.settings import Settings

# In the order of the ways through the house: a room may enter those above it.
ROOMS = (
    "accounts",
    "audit",
    "fleet",
    "fms",
    "loans",
    "calendar",
    "chains",
    "feeds",
    "journeys",
    "smartmoving",
    "sync",
    "watch",
    # Last: it describes what the others have registered.
    "openapi",
)


def create_app(settings: "Settings | None" = None) -> Flask:
    """Build the application from `settings`, or from the environment. Raises `SettingsError`."""
    # Imported here, so that `python -m webapp.sandbox`, which shares only the name, loads none of it.
    from jinja2 import StrictUndefined
    from sqlalchemy.orm import configure_mappers
    from werkzeug.middleware.proxy_fix import ProxyFix

    from webapp import compression, cors, db, doubts, errors, headers, htmx, logs, outages
    from webapp.accounts import access
    from webapp.settings import PROJECT, read_settings

    settings = settings or read_settings()
    logs.configure(settings.log_level)
    doubts.tell(settings)
    app = Flask(
        "webapp",
        root_path=str(PROJECT / "webapp"),
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "static"),
        instance_path=str(PROJECT / "instance"),
    )
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # What a failed statement carried (names, addresses, hashes) must not reach the log with its error.
        # A connection to SQLite learns how rows are spread when it is opened: none is kept for good.
        # A connection to a server may have been cut while nobody used it: it is tried before it is.
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,
            "pool_recycle": 3600,
            "pool_pre_ping": not settings.uses_sqlite,
        },
        MAX_CONTENT_LENGTH=settings.max_body_mb * 1_000_000,
        SESSION_COOKIE_HTTPONLY=True,
        **_cookies(settings),
        # Forms are checked after the person is known, so that an expired login is not called a forgery.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    # What is registered first is done to an answer last.
    for part in (compression, logs, errors, outages, htmx, db):
        part.register(app)
    headers.register(app, settings)
    cors.register(app, settings)
    for room in ROOMS:
        import_module(f"webapp.{room}").register(app)
    access.check_routes(app)
    # Before there are threads, of which each would begin to.
    configure_mappers()
    return app


def _cookies(settings: "Settings") -> dict[str, object]:
    """How the browser keeps our cookie: Lax, or such that it arrives in the frame of another site, and only there."""
    from webapp.settings import EmbedCookies, Environment

    is_production = settings.app_env is Environment.PRODUCTION
    # By that name a browser takes it from this very host alone, over TLS, and from none beside or below it.
    named = {"SESSION_COOKIE_NAME": "__Host-session"} if is_production else {}
    if settings.embed_cookies is EmbedCookies.PARTITIONED:
        return {
            **named,
            "SESSION_COOKIE_SAMESITE": "None",
            "SESSION_COOKIE_SECURE": True,
            "SESSION_COOKIE_PARTITIONED": True,
        }
    return {**named, "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_SECURE": is_production}
