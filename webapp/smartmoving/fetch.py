"""Fetches details with a few threads: an answer takes seconds, and the pace allows more than one in that time."""

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from flask import Flask

from webapp.smartmoving.client import SmartMovingClient
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.plan import Want
from webapp.smartmoving.schemas import Detail, Unreadable, read_detail

# Ten would make a hundred calls of six seconds in a minute; a few more, as the pace gives them out in bursts. Fewer
# than the connections that a process may have to the database.
THREADS = 14


@dataclass(frozen=True)
class Fetched:
    """What came of a wanted detail: the detail, or why there is none."""

    want: Want
    detail: Detail | None = None
    failure: SmartMovingFailed | None = None


def fetched(
    app: Flask, client: SmartMovingClient, wants: Sequence[Want], threads: int = THREADS
) -> Generator[Fetched, None, None]:
    """The details as they come. Once a failure stops the run, nothing more is asked for, and the rest is left out.

    Closing the generator early stops as well; what is under way is waited for.
    """
    is_over = threading.Event()

    def fetch(want: Want) -> Fetched | None:
        if is_over.is_set():
            return None
        with app.app_context():
            found = _one(client, want)
        if found.failure and found.failure.stops:
            is_over.set()
        return found

    with ThreadPoolExecutor(max(1, min(threads, len(wants))), thread_name_prefix="smartmoving") as pool:
        try:
            futures: list[Future[Fetched | None]] = [pool.submit(fetch, want) for want in wants]
            for future in as_completed(futures):
                found = future.result()
                if found:
                    yield found
        finally:
            is_over.set()
            pool.shutdown(cancel_futures=True)


def _one(client: SmartMovingClient, want: Want) -> Fetched:
    try:
        return Fetched(want, read_detail(client.opportunity(want.opportunity_id), want.opportunity_id))
    except SmartMovingFailed as failure:
        return Fetched(want, failure=failure)
    except Unreadable as fault:
        sentence = f"SmartMoving's answer cannot be used: {fault}."
        return Fetched(want, failure=SmartMovingFailed(kind=Kind.UNREADABLE, sentence=sentence))
