"""What every answer carries and what none may: headers, redirects, methods, refusals; whoever asks and however."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.hardening.test_log_canaries import path_of
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.access import public
from webapp.accounts.permissions import Role

HOSTILE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\r\nSet-Cookie: a=b",
    "/%0d%0aSet-Cookie:%20a=b\x00",
    "//evil.example@localhost",
    "http://localhost@evil.example/",
]
# What calendar programs fetch with an address of their own, and what browsers may keep.
KEPT = ("/static/", "/ics/")


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    """A browser; the engine cannot matter."""
    return sqlite_app.test_client()


@pytest.fixture
def signed_in(client: FlaskClient, people: People) -> FlaskClient:
    """The browser of somebody who may do everything."""
    sign_in(client, people(Role.SUPER_ADMIN))
    return client


def test_every_page_carries_the_headers_and_is_not_kept(signed_in: FlaskClient) -> None:
    """Pages, fragments, exports, JSON and refusals: nothing of them is found in a browser or a proxy later."""
    app = signed_in.application
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    assert len(rules) > 80
    for rule in rules:
        with signed_in.get(path_of(rule)) as answer:
            headers, where = answer.headers, rule.rule
            # 503: SmartMoving is not set up here, and says so.
            assert answer.status_code < 500 or answer.status_code == 503, where
            assert headers["X-Content-Type-Options"] == "nosniff", where
            assert "frame-ancestors 'self'" in headers["Content-Security-Policy"], where
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
            assert "X-Request-ID" in headers, where
            assert "Server" not in headers, where
            if not where.startswith(KEPT):
                assert "no-store" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"], where
            if headers.get("Content-Type", "").startswith("text/"):
                assert "charset=utf-8" in headers["Content-Type"].lower(), where


@pytest.mark.settings(frame_ancestors=("https://fms.example.com",))
def test_a_framed_page_may_be_loaded_by_the_site_around_it(client: FlaskClient) -> None:
    """A site that isolates itself asks this of its frames; JSON and files are still nobody else's."""
    assert "Cross-Origin-Resource-Policy" not in client.get("/login").headers
    assert client.get("/api/calendar").headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("onward", HOSTILE)
def test_the_sign_in_sends_nobody_elsewhere(client: FlaskClient, people: People, onward: str) -> None:
    """Whatever `next` holds; and no header is made of it."""
    person = people(Role.SUPER_ADMIN)
    form = {"email": person.email, "password": person.password, "next": onward}
    answer = client.post("/login", data=form | {"csrf_token": csrf_token(client, "/login")})
    assert answer.status_code == 303
    assert re.fullmatch(r"/[a-z-]*", answer.headers["Location"])
    again = client.get("/login", query_string={"next": onward})
    assert again.status_code == 302
    assert re.fullmatch(r"/[a-z-]*", again.headers["Location"])


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize(
    "onward", ["https://evil.example/a", "http://localhost//evil.example", "http://localhost\\@evil/"]
)
def test_the_way_back_is_ours(client: FlaskClient, header: str, onward: str) -> None:
    """A page that names itself as another site is not where the sign-in leads."""
    given = {header: onward} | ({"HX-Request": "true"} if header == "HX-Current-URL" else {})
    rules = client.application.url_map.iter_rules()
    forms = [rule.rule for rule in rules if "POST" in (rule.methods or ()) and not rule.arguments]
    answer = client.post(next(path for path in sorted(forms) if path.startswith("/calendar/")), headers=given)
    target = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert target == "/login?next=/"


@pytest.mark.parametrize(
    "name", ["Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL", "Forwarded"]
)
def test_no_header_names_where_a_redirect_leads(client: FlaskClient, name: str) -> None:
    """Redirects are paths: a poisoned cache or a forged mail gains nothing by a name."""
    answer = client.get("/calendar", headers={name: "evil.example"})
    assert answer.headers["Location"] == "/login?next=/calendar"
    assert "evil.example" not in client.get("/login", headers={name: "evil.example"}).text


@pytest.mark.parametrize(("proxies", "believed"), [(0, "127.0.0.1"), (1, "198.51.100.9"), (2, "203.0.113.5")])
def test_only_our_own_proxies_say_who_calls(make_app: object, proxies: int, believed: str) -> None:
    """What a caller writes in front of their entries is not believed."""
    app: Flask = make_app(trusted_proxies=proxies)  # type: ignore[operator]

    @public
    def who() -> str:
        from flask import request

        return str(request.remote_addr)

    app.add_url_rule("/api/who", "who", who)
    forged = "10.9.9.9, 203.0.113.5, 198.51.100.9"
    assert app.test_client().get("/api/who", headers={"X-Forwarded-For": forged}).text == believed


@pytest.mark.parametrize(
    "given", ["a" * 65, "../../etc", "id with spaces", "<script>", 'a"b12345678', "ÄÖÜ45678", "short"]
)
def test_a_request_id_is_a_word_or_ours(client: FlaskClient, given: str) -> None:
    """Nothing gets into headers, pages or the log by that way."""
    answer = client.get("/no-such", headers={"X-Request-ID": given.encode().decode("latin-1")})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])
    assert given not in answer.text


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "TRACK", "DEBUG"])
@pytest.mark.parametrize("path", ["/login", "/api/calendar", "/static/css/base.css", "/"])
def test_methods_that_nothing_takes_are_refused(client: FlaskClient, method: str, path: str) -> None:
    """And what was sent is not sent back, as TRACE would."""
    answer = client.open(path, method=method, headers={"Cookie": "canary=1"})
    assert answer.status_code == 405
    assert "canary" not in answer.text


@pytest.mark.parametrize("path", ["/login", "/healthz", "/static/css/base.css"])
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    """With the same status and kind."""
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.mimetype, head.data) == (got.status_code, got.mimetype, b"")


@pytest.mark.settings(max_body_mb=1)
@pytest.mark.parametrize(
    ("path", "headers"), [("/sync/imports", {}), ("/sync/imports", {"HX-Request": "true"}), ("/api/sync/feeds", {})]
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    signed_in: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    """413 as a page, as a fragment and as JSON, by what it says of its length and by what comes."""
    given = headers | {"X-CSRFToken": csrf_token(signed_in)}
    answer = signed_in.post(
        path, data=b"x" * 1_000_001, content_type="application/x-www-form-urlencoded", headers=given
    )
    assert answer.status_code == 413
    assert (answer.mimetype == "application/problem+json") == path.startswith("/api")
    assert ("<html" in answer.text) == (path == "/sync/imports" and not headers)


@pytest.mark.parametrize("embedded", ["", "?embedded=1"])
def test_each_refusal_names_the_request(sqlite_app: Flask, people: People, embedded: str) -> None:
    """So that somebody can be told which it was: an unknown address, a wrong method, a crash; in the frame too."""
    signed_in = sqlite_app.test_client()

    @public
    def crash() -> str:
        raise RuntimeError("what only the log may say")

    sqlite_app.add_url_rule("/crash", "crash", crash)
    sign_in(signed_in, people(Role.SUPER_ADMIN))
    signed_in.get(f"/calendar{embedded}")
    for method, path, status in (("GET", "/no-such", 404), ("DELETE", "/login", 405), ("GET", "/crash", 500)):
        for extra in ({}, {"HX-Request": "true"}):
            answer = signed_in.open(path, method=method, headers=extra)
            assert answer.status_code == status
            assert answer.headers["X-Request-ID"] in answer.text
            assert "only the log" not in answer.text
            assert ("<html" in answer.text) == (not extra)
