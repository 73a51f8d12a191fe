"""In the frame of another site, in a real browser: who may frame us, signing in there, and outside at the same time.

`127.0.0.1` and `localhost` are different sites to a browser, so both are played on this machine.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import jwt
import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browsers import assert_accessible, watched_page
from tests.rows import PASSWORD, Fleet, People, Person
from tests.servers import LiveServer
from webapp import clock
from webapp.accounts.permissions import Role
from webapp.settings import EmbedCookies

SECRET = "what FMS and Motorpool alone know in tests, and nobody else at all does"
AROUND = (
    "<!doctype html><html lang=en><title>FMS</title><main><h1>FMS</h1>"
    "<iframe title=Motorpool width=1300 height=800 src='{}'></iframe></main></html>"
)
pytestmark = pytest.mark.browser


class Site:
    """A page of another site with us in a frame: `site.origin`, and `site.shows(address)` gives the page's address."""

    def __init__(self, host: str) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = AROUND.format(site.framed)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.framed = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://{host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def shows(self, address: str) -> str:
        """Put `address` into the frame; the address of the page around it."""
        self.framed = address.replace("'", "%27")
        return f"{self.origin}/"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Frame:
    """We, served for the frame of `fms`; `stranger` is a site that is not allowed."""

    url: str
    fms: Site
    stranger: Site
    people: People

    def launch(self, person: Person, **claims: object) -> str:
        """The address that FMS opens for a person."""
        now = clock.now()
        usual = {"sub": person.email, "fms_user_id": person.fms_user_id, "iat": now, "exp": now + timedelta(minutes=1)}
        token = jwt.encode({**usual, "jti": secrets.token_hex(), **claims}, SECRET, algorithm="HS256")
        return f"{self.url}/embed/launch?token={quote(token)}"


@pytest.fixture
def frame(
    sqlite_app: Flask,
    make_app: Callable[..., Flask],
    live_server: Callable[[Flask], LiveServer],
    people: People,
    fleet: Fleet,
) -> Iterator[Frame]:
    fleet.add_vehicle(make="Audi", model="A3")
    fms, stranger = Site("localhost"), Site("localhost")
    app = make_app(frame_ancestors=(fms.origin,), embed_cookies=EmbedCookies.PARTITIONED, embed_launch_secret=SECRET)
    yield Frame(live_server(app).url, fms, stranger, people)
    fms.close()
    stranger.close()


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def test_fms_opens_us_and_one_works_there(browser: Browser, frame: Frame) -> None:
    """Launched, moved about by forms and fragments, signed out and in again by hand: all inside the frame."""
    person = frame.people(Role.SCHEDULER)
    with watched_page(browser) as page:
        page.goto(frame.fms.shows(frame.launch(person)))
        us = inside(page)
        expect(us.get_by_text("Audi A3")).to_be_visible()
        assert_accessible(page)
        # A form inside the frame carries its token, and a fragment finds the sign-in.
        us.locator(".person-menu summary").click()
        us.get_by_role("button", name="Sign out").click()
        expect(us.get_by_role("heading", name="Sign in")).to_be_visible()
        us.get_by_label("E-mail").fill(person.email)
        us.get_by_label("Password").fill(PASSWORD)
        us.get_by_role("button", name="Sign in").click()
        expect(us.get_by_text("Audi A3")).to_be_visible()
        us.get_by_text("Partners", exact=True).click()
        expect(us.get_by_text("No partners here yet")).to_be_visible()
        [cookie] = [each for each in page.context.cookies() if each["name"] == "session"]
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "None")
        assert cookie["partitionKey"]


def test_outside_the_frame_somebody_else_may_work(browser: Browser, frame: Frame) -> None:
    """Each place has a sign-in of its own; neither ends or takes over the other."""
    framed, outside = frame.people(Role.SCHEDULER), frame.people(Role.MANAGER)
    with watched_page(browser) as page:
        page.goto(frame.fms.shows(frame.launch(framed)))
        expect(inside(page).get_by_text("Audi A3")).to_be_visible()
        own = page.context.new_page()
        own.goto(f"{frame.url}/account")
        own.get_by_label("E-mail").fill(outside.email)
        own.get_by_label("Password").fill(PASSWORD)
        own.get_by_role("button", name="Sign in").click()
        expect(own.get_by_text(outside.email)).to_be_visible()
        page.goto(frame.fms.shows(f"{frame.url}/account"))
        expect(inside(page).get_by_text(framed.email)).to_be_visible()
        own.reload()
        expect(own.get_by_text(outside.email)).to_be_visible()


def test_a_site_that_is_not_named_sees_nothing(browser: Browser, frame: Frame) -> None:
    """The browser refuses to draw us there, whoever signed the way in."""
    with browser.new_context() as context:
        page = context.new_page()
        for address in (f"{frame.url}/login", frame.launch(frame.people(Role.SCHEDULER))):
            with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
                page.goto(frame.stranger.shows(address))
            expect(inside(page).locator("form, #calendar")).to_have_count(0)


@pytest.mark.parametrize("fault", ["replayed", "expired", "foreign", "unsigned"])
def test_a_way_in_that_is_not_good_says_why_in_the_frame(browser: Browser, frame: Frame, fault: str) -> None:
    """The login page stands in the frame, with the reason, and works there."""
    person = frame.people(Role.SCHEDULER)
    long_ago = clock.now() - timedelta(minutes=5)
    addresses = {
        "replayed": frame.launch(person),
        "expired": frame.launch(person, iat=long_ago, exp=long_ago + timedelta(minutes=1)),
        "foreign": f"{frame.launch(person)[:-4]}AAAA",
        "unsigned": f"{frame.url}/embed/launch?token={jwt.encode({'sub': person.email}, '', algorithm='none')}",
    }
    reasons = {"replayed": "used already", "expired": "run out", "foreign": "not valid", "unsigned": "not valid"}
    if fault == "replayed":
        with watched_page(browser) as other:
            other.goto(frame.fms.shows(addresses[fault]))
            expect(inside(other).get_by_text("Audi A3")).to_be_visible()
    with watched_page(browser) as page:
        page.goto(frame.fms.shows(addresses[fault]))
        us = inside(page)
        expect(us.get_by_role("alert")).to_contain_text(reasons[fault])
        us.get_by_label("E-mail").fill(person.email)
        us.get_by_label("Password").fill(PASSWORD)
        us.get_by_role("button", name="Sign in").click()
        expect(us.get_by_text("Audi A3")).to_be_visible()
