"""What a scheduler does all day: looks, plans, moves, requests, takes back, builds chains, undoes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from bench.soak.cast import HOT, Office
from bench.soak.visitor import Visitor

THINK, POLL, MOST_POLLS = 2.5, 5.0, 40
WEEK = timedelta(days=7)
Loan = Mapping[str, Any]


class Scheduler:
    """One person at the calendar of one office."""

    def __init__(self, visitor: Visitor, office: Office, days: Sequence[date]) -> None:
        self._visitor, self._office, self._days = visitor, office, days
        self._chance = visitor.chance
        self._page = f"/calendar?{urlencode({'office': office.name})}"
        self._token = "0"
        self._loans: list[Loan] = []
        # Requesting and taking back about balance, so that there is always something of every colour.
        self._doings: Sequence[tuple[int, Callable[[], object]]] = (
            (6, self._open_calendar),
            (5, self._list),
            (10, self._look_at_card),
            (16, self._plan),
            (14, self._move),
            (14, self._request),
            (8, self._unrequest),
            (4, self._recolour),
            (6, self._delete),
            (4, self._bulk),
            (2, self._bulk_move),
            (3, self._chain),
            (6, self._undo),
        )

    def work(self) -> None:
        """Work until it is time to go home; between two doings the page asks every few seconds for news."""
        visitor = self._visitor
        self._open_calendar()
        self._list()
        weights, doings = zip(*self._doings, strict=True)
        polled = 0.0
        while visitor.think(THINK):
            self._chance.choices(doings, weights)[0]()
            polled += THINK
            if polled >= POLL:
                polled = 0.0
                self._poll()

    def _open_calendar(self) -> None:
        answer = self._visitor.call("calendar page", "GET", self._page)
        self._token = answer.found(r'data-live="(\d+)"') or self._token

    def _poll(self) -> None:
        answer = self._visitor.call("calendar poll", "GET", f"/calendar/changes?since={self._token}", page=self._page)
        self._token = (answer.headers or {}).get("Live-Token") or self._token

    def _list(self) -> None:
        answer = self._visitor.call("calendar JSON", "GET", "/api/calendar", query={"office": self._office.name})
        if answer.is_done:
            self._loans = [loan for loan in answer.body["assignments"] if loan["status"] in GREENS | {"requested"}]

    def _look_at_card(self) -> None:
        if loan := self._some():
            self._visitor.call("card", "GET", f"/calendar/loans/{loan['assignment_id']}", page=self._page)

    def _plan(self) -> None:
        vin, make = self._vehicle()
        start = self._chance.choice(self._days)
        wish = {
            "vin": vin,
            "person_id": self._chance.choice(self._office.partners[make]),
            "office": self._office.name,
            "start_day": start.isoformat(),
            "end_day": (start + WEEK).isoformat(),
            "status": self._chance.choice(sorted(GREENS)),
        }
        answer = self._visitor.call("plan", "POST", "/api/calendar/assignments", json=wish, subject="loan")
        if answer.is_done:
            self._know(answer.body["assignment"])

    def _move(self) -> None:
        if (loan := self._some(*GREENS)) is None:
            return
        start = self._chance.choice(self._days)
        days = {"start_day": start.isoformat(), "end_day": (start + WEEK).isoformat()}
        # Most know the version that they saw, as pages do; some programs do not say it.
        stale = {"version": loan["version"]} if self._chance.random() < 0.7 else {}
        self._changing("move", "PATCH", f"/api/calendar/assignments/{loan['assignment_id']}", loan, days | stale)

    def _recolour(self) -> None:
        if loan := self._some(*GREENS):
            to = self._chance.choice(sorted(GREENS))
            self._status(loan, "recolour", to)

    def _unrequest(self) -> None:
        if loan := self._some("requested"):
            self._status(loan, "unrequest", self._chance.choice(sorted(GREENS)))

    def _status(self, loan: Loan, kind: str, to: str) -> None:
        number = loan["assignment_id"]
        self._visitor.call(
            kind,
            "PATCH",
            f"/api/calendar/change-assignment-status/{number}",
            query={"new_status": to},
            subject="loan",
            number=number,
        )

    def _request(self) -> None:
        if loan := self._some(*GREENS):
            number = loan["assignment_id"]
            path = f"/api/fms/create-vehicle-request/{number}"
            answer = self._visitor.call("request", "POST", path, subject="loan", number=number)
            if answer.is_done:
                self._know({**loan, "status": "requested"})

    def _delete(self) -> None:
        if loan := self._some():
            number = loan["assignment_id"]
            path = f"/api/calendar/assignments/{number}"
            answer = self._visitor.call("delete", "DELETE", path, subject="loan", number=number)
            if answer.is_done:
                self._forget(number)

    def _bulk(self) -> None:
        kind, statuses = self._chance.choice(
            [("create", GREENS), ("create", GREENS), ("unrequest", {"requested"}), ("delete", GREENS | {"requested"})]
        )
        ids = self._several(statuses, 6 if kind != "delete" else 3)
        if ids:
            path = f"/api/fms/bulk-{kind}-vehicle-requests"
            self._visitor.call(f"bulk {kind}", "POST", path, json={"assignment_ids": ids})

    def _bulk_move(self) -> None:
        """As from the page: a preview, then a run in the background that the panel follows."""
        ids = self._several(GREENS | {"requested"}, 4)
        if not ids:
            return
        query = {"kind": "move", "days": 7, "id": ids}
        self._visitor.call("bulk preview", "GET", "/calendar/bulk/ask", query=query, page=self._page)
        versions = {loan["assignment_id"]: loan["version"] for loan in self._loans}
        form = {"days": "7", "replace": "on", "loan": [f"{one}.{versions[one]}" for one in ids]}
        answer = self._visitor.call("bulk move", "POST", "/calendar/bulk/move", form=form, page=self._page)
        for _ in range(MOST_POLLS):
            following = answer.found(r'hx-get="(/calendar/bulk/[^"]+)"').replace("&amp;", "&")
            if not following or not self._visitor.think(1):
                return
            answer = self._visitor.call("bulk poll", "GET", following, page=self._page)

    def _chain(self) -> None:
        _, make = self._vehicle()
        person_id = self._chance.choice(self._office.partners[make])
        query = {
            "office": self._office.name,
            "person_id": person_id,
            "start": self._chance.choice(self._days).isoformat(),
            "count": 3,
            "respect_budgets": "false",
        }
        answer = self._visitor.call("chain suggested", "GET", "/api/chains/partner", query=query)
        slots = answer.body.get("slots") or []
        if not answer.is_done or not slots or not self._visitor.think(THINK):
            return
        wish = {
            "kind": "partner",
            "office": self._office.name,
            "slots": slots,
            "request": self._chance.random() < 0.5,
        }
        self._visitor.call("chain saved", "POST", "/api/chains", json=wish)

    def _undo(self) -> None:
        self._visitor.call("undo", "POST", "/calendar/undo", form={}, page=self._page)

    def _changing(self, kind: str, method: str, path: str, loan: Loan, wish: Mapping[str, Any]) -> None:
        wrote = {name: value for name, value in wish.items() if name != "version"}
        number = loan["assignment_id"]
        answer = self._visitor.call(kind, method, path, json=wish, subject="loan", number=number, wrote=wrote)
        if answer.is_done:
            self._know(answer.body["assignment"])
        elif answer.status in (404, 409):
            # Somebody was quicker: people look again.
            self._list()

    def _vehicle(self) -> tuple[str, str]:
        """Any vehicle of the office, rather often one that everybody wants."""
        vehicles = self._office.vehicles
        return self._chance.choice(vehicles[:HOT] if self._chance.random() < 0.4 else vehicles)

    def _some(self, *statuses: str) -> Loan | None:
        fit = [loan for loan in self._loans if not statuses or loan["status"] in statuses]
        return self._chance.choice(fit) if fit else None

    def _several(self, statuses: set[str], most: int) -> list[int]:
        fit = [loan["assignment_id"] for loan in self._loans if loan["status"] in statuses]
        return self._chance.sample(fit, min(len(fit), self._chance.randint(1, most)))

    def _know(self, loan: Loan) -> None:
        self._forget(loan["assignment_id"])
        self._loans.append(loan)

    def _forget(self, number: int) -> None:
        self._loans = [loan for loan in self._loans if loan["assignment_id"] != number]


GREENS = {"manual", "planned"}
