"""A day passes at SmartMoving, its people change things, and the API says exactly what became of them."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.mover import FLAGS, Mover, swept_day
from tests.sandbox_process import TODAY
from webapp.sandbox.generate.movers import invent_movers
from webapp.sandbox.settings import SandboxSettings
from webapp.sandbox.smartmoving.days import catch_up, pass_day
from webapp.sandbox.state import open_sandbox
from webapp.sandbox.store import Store

EVENTS = {
    "completed", "moved within days", "moved far away", "moved nearer", "cancelled", "lost", "reopened", "booked",
    "addresses", "window", "amount", "confirmed", "branch renamed", "branch opened", "new",
}  # fmt: skip


def rows_of(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a company consists of."""
    tables = ("about", "branches", "customers", "opportunities", "jobs")
    with store.reading() as db:
        return {name: [tuple(row) for row in db.execute(f"SELECT * FROM smartmoving_{name}")] for name in tables}


def small_company(folder: Path) -> Store:
    store = Store(folder / "sandbox.db")
    store.fill_movers(invent_movers("small", TODAY, 1))
    return store


def opportunity(mover: Mover) -> dict[str, Any]:
    """One that is booked for today with a single job, a branch, and a customer who has no other."""
    alone = {row["id"] for row in mover.sweep(TODAY, TODAY) if len(row["opportunities"]) == 1}
    return next(
        one
        for one in mover.sandbox.smartmoving_state(TODAY, TODAY)["opportunities"]
        if one["status"] == 4 and len(one["jobs"]) == 1 and one["branch_id"] and one["customer"]["id"] in alone
    )


def days_in_sweep(mover: Mover, number: str, first: date, last: date) -> list[date | None]:
    """The days of this opportunity's jobs as the sweep of a range tells them."""
    return [
        swept_day(job)
        for row in mover.sweep(first, last)
        for one in row["opportunities"]
        if one["id"] == number
        for job in one["jobs"]
    ]


def test_everything_happens_in_a_few_days(mover: Mover) -> None:
    """Within some days each kind of change has happened, and each is in the truth."""
    happened = [mover.sandbox.pass_day() for _ in range(6)]
    assert {name for day in happened for name in day} >= EVENTS
    state = mover.sandbox.smartmoving_state()
    assert state["today"] == (TODAY + timedelta(6)).isoformat()
    assert len(state["branches"]) == 7 + 6
    assert len(mover.get("branches").json()["pageResults"]) == 13
    for number in happened[-1]["reopened"]:
        assert mover.detail(number)["status"] == 4
    for number in happened[-1]["cancelled"]:
        assert mover.detail(number)["status"] == 20


def test_the_window_stays_full(mover: Mover) -> None:
    """However many days pass, the day two weeks ahead has its customers, and yesterday's moves are done."""
    for _ in range(5):
        mover.sandbox.pass_day()
    today = TODAY + timedelta(5)
    far = mover.sandbox.smartmoving_state(today + timedelta(14), today + timedelta(14))["opportunities"]
    assert 15 <= len({one["customer"]["id"] for one in far}) <= 26
    over = mover.sandbox.smartmoving_state(today - timedelta(1), today - timedelta(1))["opportunities"]
    assert sum(one["status"] in (10, 11) for one in over) >= 4


def test_same_seed_same_day(tmp_path: Path) -> None:
    """The same seed lets the same things happen; another seed others."""
    stores = [small_company(tmp_path / name) for name in ("one", "two", "other")]
    happened = [
        pass_day(store, TODAY + timedelta(1), "small", seed) for store, seed in zip(stores, (1, 1, 2), strict=True)
    ]
    assert happened[0] == happened[1] != happened[2]
    assert rows_of(stores[0]) == rows_of(stores[1]) != rows_of(stores[2])


def test_started_again_after_some_days(tmp_path: Path) -> None:
    """A company that nobody looked at lives the days in between; after too many it says so and changes nothing."""
    lived, caught = small_company(tmp_path / "lived"), small_company(tmp_path / "caught")
    for offset in (1, 2, 3):
        pass_day(lived, TODAY + timedelta(offset), "small", 1)
    assert catch_up(caught, TODAY + timedelta(3), "small", 1)
    assert rows_of(caught) == rows_of(lived)
    assert not catch_up(caught, TODAY + timedelta(60), "small", 1)
    assert rows_of(caught) == rows_of(lived)


def test_database_from_before_smartmoving(tmp_path: Path) -> None:
    """A database that has only FMS's tables keeps them and gets SmartMoving's."""
    settings = SandboxSettings(database=tmp_path / "sandbox.db", scale="small", today=TODAY)
    state = open_sandbox(settings)
    with state.store.writing() as db:
        for table in ("about", "branches", "services", "customers", "opportunities", "jobs", "calls", "months"):
            db.execute(f"DROP TABLE smartmoving_{table}")
        db.execute("UPDATE offices SET city = 'Elsewhere'")
    again = open_sandbox(settings)
    with again.store.reading() as db:
        assert {row[0] for row in db.execute("SELECT city FROM offices")} == {"Elsewhere"}
    assert rows_of(again.store) == rows_of(small_company(tmp_path / "new"))


def test_reset_brings_the_first_day_back(mover: Mover) -> None:
    """After a reset the company is as at the start, uncalled."""
    before = mover.sandbox.smartmoving_state()
    mover.sandbox.pass_day()
    mover.get("branches")
    mover.sandbox.reset()
    assert mover.sandbox.smartmoving_state() == before


def test_change_one_opportunity(mover: Mover) -> None:
    """Status, money, branch, customer and job are as ordered, in truth, sweep and detail."""
    one = opportunity(mover)
    branch = mover.sandbox.smartmoving_state()["branches"][-1]
    day = TODAY + timedelta(40)
    job = {"id": one["jobs"][0]["id"], "date": day.isoformat(), "type": 7, "confirmed": False, "number": None}
    job |= {"addresses": ["1 Larkmoor Ave"], "window": {"start": 8.5, "end": None, "description": "Early"}}
    told = mover.sandbox.change_opportunity(
        one["id"], status=20, estimated_total="99.10", branch_id=branch["id"], customer={"phone": None}, jobs=[job]
    )
    assert (told["status"], told["estimated_total"], told["branch_id"]) == (20, "99.10", branch["id"])
    found = mover.detail(one["id"], *FLAGS)
    assert (found["status"], found["customer"]["phoneNumber"]) == (20, None)
    assert found["estimatedTotal"]["finalTotal"] == pytest.approx(99.10)
    (written,) = found["jobs"]
    assert (written["jobDate"], written["type"], written["confirmed"]) == (int(f"{day:%Y%m%d}"), 7, False)
    assert (written["jobNumber"], written["jobAddresses"]) == (None, ["1 Larkmoor Ave"])
    assert written["arrivalWindow"] == {"description": "Early", "startTime": 8.5, "endTime": None}
    assert days_in_sweep(mover, one["id"], TODAY, TODAY) == []
    assert days_in_sweep(mover, one["id"], day, day) == [day]


def test_branch_that_matches_nothing(mover: Mover) -> None:
    """A detail can name any branch; null brings back the branch it belongs to."""
    one = opportunity(mover)
    told = mover.sandbox.change_opportunity(one["id"], branch_name="Nowhere")
    assert (told["branch_id"], mover.detail(one["id"])["branch"]["name"]) == (None, "Nowhere")
    told = mover.sandbox.change_opportunity(one["id"], branch_name=None, branch_id=one["branch_id"])
    assert told["written_branch"] == one["written_branch"]


def test_rename_and_open_branches(mover: Mover) -> None:
    """A renamed branch keeps its id, and the details of its opportunities write the new name at once."""
    one = opportunity(mover)
    mover.sandbox.change_branch(one["branch_id"], name="Quite Another")
    names = {branch["id"]: branch["name"] for branch in mover.get("branches").json()["pageResults"]}
    assert names[one["branch_id"]] == "Quite Another"
    assert "quiteanother" in mover.detail(one["id"])["branch"]["name"].lower().replace(" ", "").replace("\u00a0", "")
    opened = mover.sandbox.add_branch(name="Brand New")
    assert mover.get("branches").json()["pageResults"][-1]["id"] == opened["id"]
    new = mover.sandbox.add_customer(TODAY, branch_id=opened["id"])
    assert mover.detail(new["id"])["status"] == 4
    assert new["branch_name"] == "Brand New"
    assert days_in_sweep(mover, new["id"], TODAY, TODAY) == [TODAY]


def test_delete_and_restore(mover: Mover) -> None:
    """A deleted opportunity is gone from sweep and detail and comes back as it was; so does a single job."""
    one = opportunity(mover)
    before = mover.detail(one["id"], *FLAGS)
    mover.sandbox.delete_opportunity(one["id"])
    assert days_in_sweep(mover, one["id"], TODAY, TODAY) == []
    assert mover.get(f"opportunities/{one['id']}").status_code in (400, 404)
    mover.sandbox.restore_opportunity(one["id"])
    assert mover.detail(one["id"], *FLAGS) == before
    mover.sandbox.delete_job(one["jobs"][0]["id"])
    assert mover.detail(one["id"])["jobs"] == []
    assert one["customer"]["id"] not in [row["id"] for row in mover.sweep(TODAY, TODAY)]
    mover.sandbox.restore_job(one["jobs"][0]["id"])
    assert mover.detail(one["id"], *FLAGS) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 5},
        {"estimated_total": "plenty"},
        {"branch_id": "nobody"},
        {"colour": "red"},
        {"jobs": [{"id": "nobody"}]},
        {"customer": {"name": ""}},
        {"status": 20, "jobs": "all"},
    ],
)
def test_impossible_changes(mover: Mover, fields: dict[str, Any]) -> None:
    """What cannot be is refused, and nothing of it is done."""
    one = opportunity(mover)
    before = mover.detail(one["id"], *FLAGS)
    with pytest.raises(AssertionError, match=r"404|422"):
        mover.sandbox.change_opportunity(one["id"], **fields)
    assert mover.detail(one["id"], *FLAGS) == before


def test_reports_need_not_be_rendered_again(mover: Mover) -> None:
    """What happens at SmartMoving leaves FMS's reports as they were."""
    before = mover.sandbox.report("vehicles").headers["Last-Modified"]
    mover.sandbox.add_customer(TODAY)
    assert mover.sandbox.report("vehicles").headers["Last-Modified"] == before
