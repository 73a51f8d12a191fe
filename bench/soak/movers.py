"""What dispatchers do at their board all day, and crews on their phones."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from bench.soak.cast import Branch
from bench.soak.journal import IN_DOUBT, Told
from bench.soak.visitor import Visitor

THINK, POLL = 2.5, 5.0
STAGES = ("MORNING_PREP", "EN_ROUTE", "ONSITE", "COMPLETED")
DESK_ITEMS = ("addresses_checked", "customer_called", "crew_and_truck_assigned", "special_items_noted")
CREW_ITEMS = ("truck_inspected", "equipment_loaded", "paperwork_on_board", "home_protected", "load_secured")


class Dispatcher:
    """One person at the board of one branch."""

    def __init__(self, visitor: Visitor, branch: Branch) -> None:
        self._visitor, self._branch, self._chance = visitor, branch, visitor.chance
        self._page = f"/journeys?{urlencode({'location': branch.name})}"
        self._mark = ""
        self._hash = ""
        self._known: dict[int, Mapping[str, Any]] = {}
        self._doings: Sequence[tuple[int, Callable[[int], object]]] = (
            (8, self._open_board),
            (10, self._open_job),
            (14, self._step),
            (14, self._tick),
            (12, self._send_crew),
            (10, self._send_trucks),
            (14, self._edit),
        )

    def work(self) -> None:
        """Work until it is time to go home."""
        weights, doings = zip(*self._doings, strict=True)
        polled = 0.0
        while self._visitor.think(THINK):
            self._chance.choices(doings, weights)[0](self._chance.choice(self._branch.journeys))
            polled += THINK
            if polled >= POLL:
                polled = 0.0
                self._poll()

    def _open_board(self, _journey_id: int) -> None:
        answer = self._visitor.call("board page", "GET", self._page)
        self._mark = answer.found(r'data-mark="([^"]*)"') or self._mark
        self._hash = answer.found(r'data-hash="([^"]*)"') or self._hash

    def _poll(self) -> None:
        query = {"location": self._branch.name, "mark": self._mark, "hash": self._hash}
        answer = self._visitor.call("board poll", "GET", "/journeys/changes", query=query, page=self._page)
        self._mark = (answer.headers or {}).get("X-Board-Mark") or self._mark
        self._hash = answer.found(r'data-hash="([^"]*)"') or self._hash

    def _open_job(self, journey_id: int) -> None:
        self._visitor.call("job page", "GET", f"/journeys/{journey_id}")

    def _step(self, journey_id: int) -> None:
        stage = self._stage_of(journey_id)
        here = STAGES.index(stage) if stage in STAGES else 0
        to = STAGES[max(0, min(len(STAGES) - 1, here + self._chance.choice((1, 1, -1))))]
        body = {"stage": to, "reason": "Something came up"}
        self._post("stage", f"/api/journeys/{journey_id}/stage", journey_id, body, {"stage": to})

    def _tick(self, journey_id: int) -> None:
        item, is_done = self._chance.choice(DESK_ITEMS), self._chance.random() < 0.6
        self._visitor.call(
            "tick",
            "POST",
            f"/journeys/{journey_id}/tick",
            form={"item": item, "is_done": "yes" if is_done else "no"},
            page=self._page,
            subject="journey",
            number=journey_id,
            wrote={f"tick {item}": is_done},
        )

    def _send_crew(self, journey_id: int) -> None:
        crew = sorted(self._chance.sample(self._branch.crew, self._chance.randint(0, len(self._branch.crew))))
        body = {"user_ids": crew}
        self._post("crew", f"/api/journeys/{journey_id}/crew", journey_id, body, {"crew": crew})

    def _send_trucks(self, journey_id: int) -> None:
        trucks = sorted(self._chance.sample(self._branch.trucks, self._chance.randint(1, 2)))
        body = {"truck_ids": trucks}
        self._post("trucks", f"/api/journeys/{journey_id}/trucks", journey_id, body, {"trucks": trucks})

    def _edit(self, journey_id: int) -> None:
        values: dict[str, Any] = {
            "move_size": f"{self._chance.randint(1, 9)} rooms",
            "notes": f"Note {self._chance.randint(1, 10_000)}",
        }
        known = self._known.get(journey_id)
        stale = {"version": known["version"]} if known and self._chance.random() < 0.3 else {}
        path = f"/api/journeys/{journey_id}"
        self._sent("edit", "PATCH", path, journey_id, {**values, **stale}, values)

    def _stage_of(self, journey_id: int) -> str:
        known = self._known.get(journey_id)
        return str(known["stage"]) if known else STAGES[0]

    def _post(self, kind: str, path: str, journey_id: int, body: Any, wrote: Mapping[str, Any]) -> None:
        self._sent(kind, "POST", path, journey_id, body, wrote)

    def _sent(self, kind: str, method: str, path: str, journey_id: int, body: Any, wrote: Mapping[str, Any]) -> None:
        answer = self._visitor.call(kind, method, path, json=body, subject="journey", number=journey_id, wrote=wrote)
        if answer.is_done:
            self._known[journey_id] = answer.body["journey"]


class Crew:
    """One person with a phone that sends every tap until it is told what became of it."""

    def __init__(self, visitor: Visitor, branch: Branch) -> None:
        self._visitor, self._branch, self._chance = visitor, branch, visitor.chance

    def work(self) -> None:
        """Work until it is time to go home."""
        jobs: list[int] = []
        while self._visitor.think(THINK):
            if not jobs or self._chance.random() < 0.4:
                answer = self._visitor.call("my jobs", "GET", "/my-jobs")
                jobs = [one for one in self._branch.journeys if f"/my-jobs/{one}" in answer.text]
            elif self._chance.random() < 0.5:
                self._visitor.call("my job", "GET", f"/my-jobs/{self._chance.choice(jobs)}")
            else:
                self._tap(self._chance.choice(jobs))

    def _tap(self, journey_id: int) -> None:
        item, is_done = self._chance.choice(CREW_ITEMS), self._chance.random() < 0.6
        form = {"item": item, "is_done": "yes" if is_done else "no", "tap_id": str(uuid.uuid4())}
        while True:
            answer = self._visitor.call(
                "tap",
                "POST",
                f"/my-jobs/{journey_id}/tick",
                form=form,
                page="/my-jobs",
                subject="journey",
                number=journey_id,
                wrote={f"tick {item}": is_done},
            )
            if answer.told not in IN_DOUBT - {Told.UNCERTAIN} or not self._visitor.think(1):
                return
