"""Jobs that rooms want done regularly. The sync room runs them; nobody else needs to know how."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask


@dataclass(frozen=True)
class Job:
    """Something done in the background, inside an application context, every `seconds` and at start-up.

    `run` must bear being run by several processes at once, or be killed anywhere.
    """

    name: str
    seconds: float
    run: Callable[[], object]


def add(app: Flask, job: Job) -> None:
    """Have `job` done while the application serves."""
    app.extensions.setdefault("jobs", []).append(job)


def jobs_of(app: Flask) -> list[Job]:
    """All jobs that rooms added."""
    return list(app.extensions.get("jobs", []))
