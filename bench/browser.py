"""The calendar in Chromium against gunicorn: first paint, and from key or click to the next paint, while 50 poll."""

import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import requests
from playwright.sync_api import Page

from bench.desk import Desk
from bench.measure import Figure
from tests.browsers import chromium
from tests.servers import GunicornServer, environment_of, signed_in_session

POLLERS, EVERY = 50, 4.0
LOADS, TURNS = 7, 7
THREADS = 8
# Written into every page before anything of ours runs: what each input took until the browser had painted again.
WATCH = """
window.inputs = [];
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (one.interactionId) window.inputs.push(one.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))"
FLOOR = "an empty page of ours, the same way"


def figures(desk: Desk) -> Iterator[Figure]:
    """Milliseconds in the browser, the middle one of some; nothing but the machine's other work differs."""
    settings = desk.app.extensions["settings"]
    office = {"office": desk.largest_office}
    with GunicornServer(environment_of(settings), threads=THREADS) as server, chromium() as browser:
        session = signed_in_session(server.url, desk.person)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": server.url} for one in session.cookies])
        context.add_init_script(WATCH)
        page = context.new_page()
        with polling(server.url, session, office):
            empty = _first_paint(page, f"{server.url}/account")
            for name, aim, view in (
                ("largest office", "under 400 ms", office),
                ("all offices", "usable", {"office": ""}),
            ):
                address = f"{server.url}/calendar?{urlencode(view)}"
                shown = _first_paint(page, address)
                yield Figure(f"first paint, {name}", round(shown), "ms", round(empty), FLOOR, aim, f"{POLLERS} polling")
                yield from _inputs(page, name)
        context.close()


@contextmanager
def polling(url: str, session: requests.Session, view: dict[str, str]) -> Iterator[None]:
    """Fifty open calendars of others: each asks every four seconds whether anything changed, spread over that time."""
    page = session.get(f"{url}/calendar?{urlencode(view)}", timeout=60)
    found = re.search(r'data-live="(\d+)"', page.text)
    assert found
    asked = f"{url}/calendar/changes?since={found[1]}"
    headers = {"HX-Request": "true", "HX-Current-URL": page.url, "Cookie": page.request.headers["Cookie"]}
    done = threading.Event()

    def poll(number: int) -> None:
        own = requests.Session()
        own.trust_env = False
        wait = number * EVERY / POLLERS
        while not done.wait(wait):
            began = time.monotonic()
            assert own.get(asked, headers=headers, timeout=60).status_code in (200, 204)
            wait = max(0.0, EVERY - (time.monotonic() - began))

    threads = [threading.Thread(target=poll, args=(number,), daemon=True) for number in range(POLLERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _first_paint(page: Page, address: str) -> float:
    """Of a page whose style sheets and scripts the browser has kept from the first time."""
    times = []
    for _ in range(LOADS):
        page.goto(address)
        times.append(float(page.evaluate(f"{FRAME}.then(() => {FIRST_PAINT})")))
    return statistics.median(times[1:])


def _inputs(page: Page, name: str) -> Iterator[Figure]:
    """A bar opened and closed, the arrows, and a week on: the slowest input of each turn until the next paint."""
    bars = page.locator("#board .bar a")
    bars.first.wait_for()

    def open_card() -> None:
        bars.first.click()
        page.locator("#card-body .card-head").wait_for()
        page.keyboard.press("Escape")

    def arrows() -> None:
        page.locator("#board .row a").first.focus()
        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)

    def week_on() -> None:
        first = page.locator("#calendar").get_attribute("data-first")
        page.locator("#week-on").click()
        page.locator(f'#calendar:not([data-first="{first}"])').wait_for()

    for what, act in (("opening a card", open_card), ("arrows", arrows), ("a week on", week_on)):
        delays, whole = [], []
        for _ in range(TURNS):
            page.evaluate("window.inputs.length = 0")
            began = time.perf_counter()
            act()
            whole.append((time.perf_counter() - began) * 1000)
            page.evaluate(FRAME)
            # What took less than 16 ms is not told.
            delays.append(max(page.evaluate("window.inputs"), default=16.0))
        note = f"slowest {max(delays):.0f} ms; {statistics.median(whole):.0f} ms until it is there"
        yield Figure(f"  {what}, {name}", round(statistics.median(delays)), "ms", 16, "one frame", "under 200 ms", note)
