"""Whatever the company's people do, in whichever order: the next sweep's board is what SmartMoving holds."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.smartmoving.desk import Desk

STEPS = 25
STATUSES = (0, 3, 4, 4, 4, 10, 11, 20, 30, 50)


@pytest.mark.parametrize("seed", [5, 6])
def test_after_anything_the_board_is_the_truth(desk: Desk, seed: int) -> None:
    """Booked, moved, split over days, handed over, cancelled, deleted, brought back, while days pass."""
    people = People(desk, Random(seed))
    desk.sync()
    for _ in range(STEPS):
        told = [people.act() for _ in range(people.random.randint(1, 4))]
        report = desk.sync()
        assert report.is_complete, report
        assert shape(desk.board()) == shape(desk.truth()), told
    calls = desk.calls()
    desk.sync()
    assert [kind for kind in desk.calls()[len(calls) :] if kind != "customers"] == []


def shape(board: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """What a sweep shows at once: which jobs, on which day, in which state."""
    return {job: (row["date"], row["status"], row["number"]) for job, row in board.items()}


class People:
    """Those who work in SmartMoving, here on a handful of opportunities."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self.desk, self.random = desk, random
        self.jobs: dict[str, list[str]] = {}
        self.gone: set[str] = set()

    def act(self) -> str:
        """Do something; what it was."""
        acts = (self.book, self.move, self.move, self.decide, self.decide, self.hand_over, self.delete, self.wait)
        act = self.book if len(self.jobs) < 4 else self.random.choice(acts)
        return f"{act.__name__} {act()}"

    def book(self) -> str:
        made = self.desk.sandbox.add_customer(self._day(), status=self.random.choice(STATUSES))
        self.jobs[made["id"]] = [job["id"] for job in made["jobs"]]
        return str(made["id"])

    def move(self) -> str:
        one, job = self._job()
        self.desk.sandbox.change_opportunity(one, jobs=[{"id": job, "date": self._day().isoformat()}])
        return job

    def decide(self) -> str:
        one = self.random.choice(sorted(self.jobs))
        self.desk.sandbox.change_opportunity(one, status=self.random.choice(STATUSES))
        return one

    def hand_over(self) -> str:
        one, job = self._job()
        other = self.random.choice(sorted(self.jobs))
        self.desk.sandbox.change_opportunity(one, jobs=[{"id": job, "opportunity_id": other}])
        self.jobs[one].remove(job)
        self.jobs[other].append(job)
        return f"{job} to {other}"

    def delete(self) -> str:
        one = self.random.choice(sorted(self.jobs))
        act = self.desk.sandbox.restore_opportunity if one in self.gone else self.desk.sandbox.delete_opportunity
        act(one)
        self.gone ^= {one}
        return one

    def wait(self) -> str:
        self.desk.moment += timedelta(days=1)
        return str(self.desk.day)

    def _day(self) -> Any:
        return self.desk.day + timedelta(days=self.random.choice((-1, 0, 0, 1, 1, 2, 3, 30)))

    def _job(self) -> tuple[str, str]:
        return self.random.choice([(one, job) for one, jobs in sorted(self.jobs.items()) for job in jobs])
