"""Anything in any order: seeded stories of several loans, faults, crashes, sleeps and recoveries."""

from random import Random
from typing import Any

import pytest

from tests.promise.desk import READ_TIMEOUT, Desk
from tests.promise.promise import assert_promise
from tests.promise.test_killed_anywhere import FAULTS, STEPS
from tests.promise.troupe import ASLEEP, Troupe
from webapp.errors import Refusal
from webapp.fms.models import State
from webapp.fms.service import Verdict, settle
from webapp.loans.states import Status

pytestmark = pytest.mark.settings(fms_read_timeout=READ_TIMEOUT, fms_connect_timeout=2)
LOANS, SCENES = 6, 14
SLEEPS = ("sleep after transaction 1", "sleep before the call", "sleep answered", "sleep before the call, die answered")
RECOVERY_STEPS = ("none", "marked", "recovery answered", "in transaction 2", "sent, unanswered")


class Story:
    """What one seed makes happen, scene after scene; `told` says it for whoever reads a failure."""

    def __init__(self, desk: Desk, troupe: Troupe, seed: int) -> None:
        self.desk, self.troupe, self.dice = desk, troupe, Random(seed)
        self.loans = [*desk.add_loans(LOANS - 2), *desk.add_requested(2)]
        self.asleep = 0
        self.told: list[object] = []

    def go_on(self) -> None:
        """One scene."""
        scenes = (self.act, self.act, self.act, self.act, self.recover, self.wait, self.wake, self.switch, self.approve)
        self.dice.choice((*scenes, self.settle))()

    def act(self) -> None:
        """One to four actions at once, perhaps on the same loan, in processes that die or sleep somewhere."""
        self.desk.sandbox.clear()
        for target in ("create", "delete", "lookup"):
            fault = self.dice.choice(["", "", *FAULTS])
            if fault:
                self.desk.sandbox.fault(target, fault, times=self.dice.choice([1, 2, None]), **FAULTS[fault])
        cases: list[dict[str, Any]] = [
            {
                "action": self.dice.choice(["create", "create", "create", "unrequest", "remove", "replace", "move"]),
                "loan": loan,
                "step": self.dice.choice(["none", *STEPS, *SLEEPS]),
                "end": self.desk.first_day_after(loan),
            }
            for loan in self.dice.choices(self.loans, k=self.dice.randint(1, 4))
        ]
        ended = self.troupe.perform(self.desk, cases)
        assert 1 not in ended, self.told
        self.asleep += ended.count(ASLEEP)
        self.told.append((self.desk.sandbox.state()["faults"], cases, ended))

    def recover(self) -> None:
        """One or two recoveries at once, which may die."""
        steps = self.dice.choices(RECOVERY_STEPS, k=self.dice.randint(1, 2))
        self.told.append(("recover", steps))
        self.troupe.perform(self.desk, [{"action": "recover", "step": step} for step in steps])

    def wait(self) -> None:
        """Seconds or minutes go by."""
        seconds = self.dice.choice([5, 30, 70, 200, 4000])
        self.told.append(("wait", seconds))
        self.desk.pass_time(seconds)

    def wake(self) -> None:
        """Whoever slept wakes up, to an FMS in whatever mood it is."""
        if self.asleep:
            self.told.append(("woke", self.troupe.wake()))
            self.asleep = 0

    def switch(self) -> None:
        """The look-up answers otherwise, or not at all."""
        mode = self.dice.choice(["on", "off", "paged", "bare", "html"])
        self.told.append(("look-up", mode))
        self.desk.sandbox.lookup(mode)

    def approve(self) -> None:
        """FMS's people approve something."""
        waiting = [request["id"] for request in self.desk.sandbox.requests() if request["status"] == "open"]
        if waiting:
            self.told.append(("approve", self.desk.sandbox.approve(self.dice.choice(waiting))["id"]))

    def settle(self) -> None:
        """Somebody looks in FMS, and says truly what they see there."""
        uncertain = [one for one in self.desk.operations() if one.state == State.UNCERTAIN]
        if not uncertain:
            return
        operation = self.dice.choice(uncertain)
        there = {request["requestorNotes"]: request["id"] for request in self.desk.sandbox.requests()}
        number = there.get(operation.reference) if operation.kind == "create" else operation.fms_request_id
        verdict = Verdict.PRESENT if number in there.values() else Verdict.ABSENT
        if operation.subject != "loan" and verdict is Verdict.PRESENT:
            return
        self.told.append(("by hand", operation.id, verdict, number))
        try:
            self.desk.do(settle, operation.id, verdict, number)
        except Refusal as refusal:
            self.told.append(refusal.sentence)

    def end(self) -> None:
        """Everybody wakes, FMS is well again, recovery has run."""
        self.wake()
        self.desk.sandbox.lookup("on")
        self.desk.settle_everything()
        self.desk.recover()


@pytest.mark.parametrize("seed", range(8))
def test_any_order(desk: Desk, troupe: Troupe, seed: int) -> None:
    """Whatever happened before: once FMS is reachable and recovery has run, the promise holds."""
    story = Story(desk, troupe, seed)
    for _ in range(SCENES):
        story.go_on()
    story.end()
    try:
        assert_promise(desk)
    except AssertionError as broken:
        raise AssertionError(f"seed {seed}: {broken}\nThe story:\n" + "\n".join(map(str, story.told))) from None
    green = [loan for loan in story.loans if desk.status(loan) in (Status.MANUAL, Status.PLANNED)]
    desk.sandbox.clear()
    # Nothing is left behind that would keep a loan from being requested again.
    assert set(troupe.perform(desk, [{"action": "create", "loan": loan} for loan in green])) <= {0}
    assert_promise(desk)
