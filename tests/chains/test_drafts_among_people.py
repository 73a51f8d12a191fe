"""Drafts among people: two tabs, the same form twice, whose they are, and what others are told of them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from tests.chains.draft_desk import DraftDesk, codes, picks, week
from tests.chains.draft_desk import desk as desk
from tests.loans.conftest import THURSDAY_MORNING
from tests.loans.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE
from webapp import clock, jobs
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Suggestion
from webapp.chains.models import Draft, DraftSlot
from webapp.db import close_reading, db, writing
from webapp.errors import Forbidden, InvalidInput, NotFound, Refusal
from webapp.fleet.models import Vehicle
from webapp.loans.errors import Stale
from webapp.loans.models import SoftHold

Act = Callable[[Actor, str, int], object]
ACTS: dict[str, Act] = {
    "suggest": lambda actor, draft_id, version: drafts.suggest(actor, draft_id, version),
    "pick": lambda actor, draft_id, version: drafts.pick(actor, draft_id, version, 1, "WAUZZZ8V0SA051914"),
    "clear": lambda actor, draft_id, version: drafts.clear(actor, draft_id, version, 1),
    "pin": lambda actor, draft_id, version: drafts.pin(actor, draft_id, version, 2),
    "set_days": lambda actor, draft_id, version: drafts.set_days(
        actor, draft_id, version, 3, week(4).start_day, week(4).end_day
    ),
    "remove": lambda actor, draft_id, version: drafts.remove(actor, draft_id, version, 1),
    "add": lambda actor, draft_id, version: drafts.add(actor, draft_id, version),
}
WITHOUT_VERSION: dict[str, Callable[[Actor, str], object]] = {
    "touch": drafts.touch,
    "discard": drafts.discard,
    "opened": draft_queries.opened,
}


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_two_tabs_a_stale_picture_changes_nothing(desk: DraftDesk, act: Act) -> None:
    """Whatever the older tab wants: 409 with what to do, and the draft stays as the newer one left it."""
    draft_id = desk.begin()
    drafts.pin(desk.actor, draft_id, 1, 3)
    with pytest.raises(Stale) as refused:
        act(desk.actor, draft_id, 1)
    assert refused.value.status == 409
    assert "look again" in refused.value.sentence
    assert desk.open(draft_id).version == 2


def test_a_change_between_reading_and_writing_is_noticed(desk: DraftDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is looked at again in the transaction: while one tab's suggestion is computed, another one pins."""
    draft_id = desk.begin()
    solve = suggesting.suggest

    def meanwhile(actor: Actor, ask: Ask) -> Suggestion:
        close_reading()
        drafts.pin(desk.actor, draft_id, 1, 2)
        return solve(actor, ask)

    monkeypatch.setattr(suggesting, "suggest", meanwhile)
    with pytest.raises(Stale):
        drafts.suggest(desk.actor, draft_id, 1)
    assert desk.open(draft_id).ask.pinned == {2: desk.vins[1]}


def test_two_tabs_at_once_change_it_once(desk: DraftDesk, app: Flask) -> None:
    """Both read the same version; the one whose transaction comes second is refused, and nothing is done twice."""
    draft_id = desk.begin()
    close_reading()
    ends = at_once(app, lambda: drafts.remove(desk.actor, draft_id, 1, 1), times=4)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "Stale", "Stale", "Stale"]
    assert len(desk.open(draft_id).slots) == 2


@pytest.mark.parametrize("name", ["pick", "clear", "pin", "set_days"])
def test_the_same_form_sent_twice_is_harmless(sqlite_app: Flask, desk: DraftDesk, name: str) -> None:
    """The second finds everything as it wishes it; `remove` and `add` are refused as stale (above)."""
    draft_id = desk.begin()
    for _ in range(2):
        ACTS[name](desk.actor, draft_id, 1)
    assert desk.open(draft_id).version == 2


def at_once(app: Flask, act: Callable[[], object], *, times: int) -> list[object]:
    """What becomes of so many calls in as many threads that begin together: an answer, or a refusal."""
    gate, ends = threading.Barrier(times), list[object]()

    def run() -> None:
        with app.app_context():
            gate.wait()
            try:
                ends.append(act())
            except Refusal as refusal:
                ends.append(refusal)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_a_form_sent_several_times_at_the_same_moment_begins_one_draft(desk: DraftDesk, app: Flask) -> None:
    """Each waits for the one before it, and finds its draft."""
    ends = at_once(app, lambda: drafts.create(desk.actor, desk.ask(), suggest=True), times=4)
    assert len(set(ends)) == 1
    assert [line.id for line in draft_queries.mine(desk.actor)] == ends[:1]


def test_beginning_twice_in_a_row_begins_one_draft(desk: DraftDesk) -> None:
    """Until it is changed, or a minute has passed; what was asked differently is another."""
    first = desk.begin()
    assert desk.begin() == first
    assert desk.begin(count=2) != first
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=2)):
        assert desk.begin() != first
    drafts.pin(desk.actor, first, 1, 1)
    assert desk.begin() != first


@pytest.mark.parametrize("act", [*ACTS.values(), *WITHOUT_VERSION.values()], ids=[*ACTS, *WITHOUT_VERSION])
def test_a_draft_belongs_to_one_person_within_their_offices(
    sqlite_app: Flask, desk: DraftDesk, act: Callable[..., object]
) -> None:
    """Everybody else's, one that is gone, one of an office that was taken away, an id that is none: not found."""
    draft_id = desk.begin()
    moved_away = replace(desk.actor, locations=frozenset({"Miami"}))
    somebody = desk.people().actor
    elsewhere = replace(desk.actor, company_id=desk.people(company="Elsewhere", locations=["Lisbon"]).company_id)
    version = () if act in WITHOUT_VERSION.values() else (1,)
    for actor, which in [
        (somebody, draft_id),
        (desk.people(Role.ADMIN).actor, draft_id),
        (moved_away, draft_id),
        (elsewhere, draft_id),
        (desk.actor, "no-such-draft"),
        (desk.actor, "a\x00b"),
    ]:
        with pytest.raises(NotFound):
            act(actor, which, *version)
    assert desk.open(draft_id).version == 1
    assert draft_queries.mine(moved_away) == []
    assert draft_queries.mine(somebody) == []


@pytest.mark.parametrize("role", list(Role))
def test_who_may_plan_may_build(sqlite_app: Flask, desk: DraftDesk, role: Role) -> None:
    """By the permission table; the system itself has no drafts."""
    actor = desk.people(role).actor
    if Permission.PLAN_LOANS in TABLE[role]:
        assert drafts.create(actor, desk.ask(), suggest=False)
        return
    with pytest.raises(Forbidden):
        drafts.create(actor, desk.ask(), suggest=False)
    with pytest.raises(Forbidden):
        drafts.touch(actor, "whichever")
    with pytest.raises(Forbidden):
        draft_queries.opened(actor, "whichever")
    with pytest.raises(Forbidden):
        drafts.create(replace(desk.actor, user_id=None), desk.ask(), suggest=False)


def test_offices_out_of_scope_have_no_chains(sqlite_app: Flask, desk: DraftDesk) -> None:
    """Neither at the beginning nor by asking again for another office."""
    desk.fleet.add_vehicle(office="Miami")
    with pytest.raises(NotFound):
        desk.begin(office="Miami")
    draft_id = desk.begin()
    with pytest.raises(NotFound):
        drafts.suggest(desk.actor, draft_id, 1, desk.ask(office="Miami"))


def test_a_loan_that_is_not_there_is_not_found(sqlite_app: Flask, desk: DraftDesk) -> None:
    """With its number."""
    draft_id = desk.begin()
    with pytest.raises(NotFound, match="no loan 4"):
        drafts.clear(desk.actor, draft_id, 1, 4)
    drafts.clear(desk.actor, draft_id, 1, 3)
    with pytest.raises(InvalidInput, match="Loan 3 is empty"):
        drafts.pin(desk.actor, draft_id, 2, 3)


def test_others_are_told_what_is_being_planned_until_it_runs_out(desk: DraftDesk) -> None:
    """For 15 minutes from the last change or sign of life; one's own are not told to oneself."""
    other = desk.people().actor
    draft_id = desk.begin()
    said = "Audi A3 …SA051910 is being planned by another scheduler until {} PST."
    assert desk.told(desk.vehicles[0], actor=other) == [said.format("10:15")]
    assert desk.told(desk.vehicles[0]) == []
    assert desk.told(desk.vehicles[4], actor=other) == []
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=10)):
        drafts.touch(desk.actor, draft_id)
        assert desk.told(desk.vehicles[0], actor=other) == [said.format("10:25")]
        assert desk.open(draft_id).version == 1
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=20)):
        drafts.pin(desk.actor, draft_id, 1, 1)
        assert desk.told(desk.vehicles[0], actor=other) == [said.format("10:35")]
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=36)):
        assert desk.told(desk.vehicles[0], actor=other) == []
        assert desk.open(draft_id).held_until is None
        drafts.touch(desk.actor, draft_id)
        assert desk.open(draft_id).held_until is not None


def test_holds_follow_what_is_in_the_draft(desk: DraftDesk) -> None:
    """What was swapped out or moved away is free for everybody in the same moment; discarding frees all."""
    other = desk.people().actor
    draft_id = desk.begin()
    drafts.pick(desk.actor, draft_id, 1, 1, desk.vins[4])
    assert desk.told(desk.vehicles[0], actor=other) == []
    assert len(desk.told(desk.vehicles[4], actor=other)) == 1
    drafts.set_days(desk.actor, draft_id, 2, 1, week(1).start_day, week(1).end_day)
    assert desk.told(desk.vehicles[4], actor=other) == []
    assert len(desk.told(desk.vehicles[4], week(1).start_day, actor=other)) == 1
    drafts.discard(desk.actor, draft_id)
    close_reading()
    for model in (Draft, DraftSlot, SoftHold):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    with pytest.raises(NotFound):
        drafts.discard(desk.actor, draft_id)


def test_a_refused_change_holds_nothing_longer(sqlite_app: Flask, desk: DraftDesk) -> None:
    """The holds belong to the same transaction as the change."""
    draft_id = desk.begin()
    held_until = desk.open(draft_id).held_until
    drafts.pin(desk.actor, draft_id, 1, 1)
    later = desk.open(draft_id).held_until
    assert held_until is not None
    assert later is not None
    assert later > held_until
    with pytest.raises(Stale):
        drafts.remove(desk.actor, draft_id, 1, 1)
    assert desk.open(draft_id).held_until == later


@pytest.mark.usefixtures("sqlite_app")
def test_a_vehicle_that_left_the_fleet_stays_on_its_card(desk: DraftDesk) -> None:
    """As unknown: the draft opens, and something else can be picked."""
    draft_id = desk.begin()
    with writing() as session:
        session.execute(update(Vehicle).where(Vehicle.id == desk.vehicles[1].id).values(gone_at=clock.now()))
    found = desk.open(draft_id)
    assert picks(found)[2] == desk.vins[1]
    assert codes(found)[2] == ["unknown"]
    drafts.pick(desk.actor, draft_id, 1, 2, desk.vins[4])
    assert codes(desk.open(draft_id)) == {1: [], 2: [], 3: []}


def test_the_list_names_ones_own_drafts_newest_first(desk: DraftDesk) -> None:
    """Whose chain, how far, and when it was touched last."""
    first = desk.begin()
    second = desk.begin(count=2, suggest=False)
    assert [line.id for line in draft_queries.mine(desk.actor)] == [second, first]
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=1)):
        drafts.clear(desk.actor, first, 1, 2)
        lines = draft_queries.mine(desk.actor)
    assert [(line.id, line.title, line.filled, line.count) for line in lines] == [
        (first, "Coastline Auto", 2, 3),
        (second, "Coastline Auto", 0, 2),
    ]
    assert (lines[0].office, lines[0].kind, lines[0].start_day, lines[0].chain_id) == (OFFICE, Kind.PARTNER, DAY, None)


def test_drafts_that_nobody_touched_for_a_month_go(desk: DraftDesk, app: Flask) -> None:
    """By a job that the application has; those touched since stay."""
    (job,) = [job for job in jobs.jobs_of(app) if job.run is drafts.drop_untouched]
    assert job.seconds == 24 * 3600
    old, young = desk.begin(), desk.begin(count=2)
    with time_machine.travel(THURSDAY_MORNING + timedelta(days=29)):
        drafts.touch(desk.actor, young)
        job.run()
    assert len(draft_queries.mine(desk.actor)) == 2
    with time_machine.travel(THURSDAY_MORNING + timedelta(days=31)):
        job.run()
    assert [line.id for line in draft_queries.mine(desk.actor)] == [young]
    with pytest.raises(NotFound):
        desk.open(old)
    assert db.session.scalar(select(func.count(DraftSlot.id)).where(DraftSlot.draft_id == old)) == 0


def test_statements_do_not_grow_with_the_fleet(desk: DraftDesk) -> None:
    """Nor with the number of drafts; each action is one writing transaction."""
    small = _statements(desk)
    for vehicle in desk.fleet.add_vehicles(40, model="A8"):
        desk.fleet.add_activity(vehicle, desk.partner, start_day=week(-30).start_day)
    for number in range(4, 8):
        desk.begin(suggest=False, count=number)
    large = _statements(desk)
    assert large == small
    # What the rules read is counted where it is read; of the holds, SQLite writes each by itself, and open calendars
    # are told of what was held and is held.
    assert small["mine"] == 1
    assert small["pin"] <= 14
    assert small["touch"] <= 10
    assert small["discard"] <= 6
    assert small["opened"] <= 26
    assert small["pick"] <= 30
    assert small["suggest"] <= 36


def _statements(desk: DraftDesk) -> dict[str, int]:
    counts: dict[str, int] = {}
    draft_id = desk.begin(suggest=False, count=2)
    acts: dict[str, Callable[[], object]] = {
        "suggest": lambda: drafts.suggest(desk.actor, draft_id, 1),
        "pick": lambda: drafts.pick(desk.actor, draft_id, 2, 1, desk.vins[4]),
        "pin": lambda: drafts.pin(desk.actor, draft_id, 3, 2),
        "set_days": lambda: drafts.set_days(desk.actor, draft_id, 4, 2, week(4).start_day, week(4).end_day),
        "opened": lambda: draft_queries.opened(desk.actor, draft_id),
        "mine": lambda: draft_queries.mine(desk.actor),
        "touch": lambda: drafts.touch(desk.actor, draft_id),
        "discard": lambda: drafts.discard(desk.actor, draft_id),
    }
    for name, act in acts.items():
        close_reading()
        with queries_of() as statements:
            act()
        counts[name] = len(statements)
    return counts
