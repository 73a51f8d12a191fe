"""Lets a day pass at the moving company, the same one for the same seed and day."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from webapp.sandbox.generate import mover_jobs
from webapp.sandbox.generate.mover_branches import next_branch
from webapp.sandbox.generate.mover_days import NEW_WORDS, NOTHING, STATUS_AFTER, event
from webapp.sandbox.generate.movers import BOOKED, CUSTOMERS_A_DAY, DAYS_ON, MoverBook, homes_of
from webapp.sandbox.smartmoving import changes
from webapp.sandbox.store import Store, insert_all

# After so many days without anybody looking, a new company is cheaper than living them all.
LONGEST_ABSENCE = 21


def pass_day(store: Store, today: date, scale: str, seed: int) -> dict[str, list[str]]:
    """Everything that happens until `today`, in one transaction: ids of what was changed, by what happened."""
    with store.writing(is_journal=True) as db:
        passing = Passing(db, today, Random(f"{seed}/day/{today}"))
        passing.live_on()
        passing.bring_nearer()
        passing.change_branches()
        passing.book(CUSTOMERS_A_DAY[scale])
        db.execute("UPDATE smartmoving_about SET value = ? WHERE name = 'today'", (today.isoformat(),))
        return dict(passing.happened)


def catch_up(store: Store, today: date, scale: str, seed: int) -> bool:
    """Live the days since the sandbox last ran; False when it was away for too long to."""
    with store.reading() as db:
        known = db.execute("SELECT value FROM smartmoving_about WHERE name = 'today'").fetchone()[0]
    absence = (today - date.fromisoformat(known)).days
    if absence > LONGEST_ABSENCE:
        return False
    for offset in range(absence - 1, -1, -1):
        pass_day(store, today - timedelta(offset), scale, seed)
    return True


class Passing:
    """One day passing: reads the company, changes it and notes what it did."""

    def __init__(self, db: sqlite3.Connection, today: date, random: Random) -> None:
        self.db, self.today, self.random = db, today, random
        self.happened: defaultdict[str, list[str]] = defaultdict(list)
        self._branches = db.execute("SELECT * FROM smartmoving_branches ORDER BY place").fetchall()
        self._homes = homes_of([tuple(row) for row in self._branches])

    def live_on(self) -> None:
        """Yesterday's moves are done; a few of the coming ones change."""
        yesterday, last = self.today - timedelta(1), self.today + timedelta(DAYS_ON)
        for row in self._opportunities(yesterday, last):
            name = event(row["status"], self.random, is_over=row["last_day"] == yesterday.isoformat())
            if name != NOTHING:
                self._let_happen(name, row)

    def bring_nearer(self) -> None:
        """Somebody who wanted to move in months moves now."""
        later = [
            row
            for row in self._opportunities(self.today + timedelta(DAYS_ON + 20), self.today + timedelta(400))
            if row["status"] == BOOKED and row["jobs"] == 1
        ]
        for row in self.random.sample(later, min(len(later), 1 + len(later) // 40)):
            day = self.today + timedelta(self.random.randint(0, 2))
            changes.reschedule(self.db, row["id"], (day - date.fromisoformat(row["first_day"])).days)
            self.happened["moved nearer"].append(row["id"])

    def change_branches(self) -> None:
        """One branch gets another name, and one opens."""
        row = self.random.choice(self._branches)
        names = {branch["name"] for branch in self._branches}
        free = [name for name in (f"{row['city']} {word}" for word in NEW_WORDS) if name not in names]
        name = self.random.choice(free) if free else f"{row['city']} {self.today:%d.%m.%y}"
        changes.change_branch(self.db, row["id"], {"name": name})
        opened = next_branch(self._branches[-1]["place"] + 1, self.random)
        insert_all(self.db, "smartmoving_branches", [opened])
        self._homes += homes_of([opened])
        self.happened["branch renamed"].append(row["id"])
        self.happened["branch opened"].append(str(opened[0]))

    def book(self, count: int) -> None:
        """New customers for the last day that is looked at, and a few for the next days."""
        last_quote = self.db.execute("SELECT max(quote) FROM smartmoving_opportunities").fetchone()[0]
        book = MoverBook(self.today, self._homes, self.random, last_quote)
        book.fill_day(self.today + timedelta(DAYS_ON), count)
        for offset in range(3):
            book.fill_day(self.today + timedelta(offset), 1 + count // 60)
        for table, rows in book.tables().items():
            insert_all(self.db, table, rows)
        self.happened["new"] += [str(row[0]) for row in book.opportunities]

    def _opportunities(self, first: date, last: date) -> Sequence[sqlite3.Row]:
        """Those with a job in these days, with the first and the last such day and the number of all their jobs."""
        return self.db.execute(
            "SELECT o.id, o.status, min(j.day) AS first_day, max(j.day) AS last_day, "
            "(SELECT count(*) FROM smartmoving_jobs a WHERE a.opportunity_id = o.id) AS jobs "
            "FROM smartmoving_opportunities o JOIN smartmoving_jobs j ON j.opportunity_id = o.id "
            "WHERE NOT o.is_gone AND NOT j.is_gone AND j.day BETWEEN ? AND ? GROUP BY o.id ORDER BY o.quote, o.id",
            (first.isoformat(), last.isoformat()),
        ).fetchall()

    def _let_happen(self, name: str, row: sqlite3.Row) -> None:
        if name in STATUS_AFTER:
            changes.set_status(self.db, row["id"], STATUS_AFTER[name])
        elif name.startswith("moved"):
            self._move(row, self.random.randint(1, 5) if name == "moved within days" else self.random.randint(30, 90))
        else:
            changes.change_opportunity(self.db, row["id"], self._change(name, row["id"]))
        self.happened[name].append(row["id"])

    def _move(self, row: sqlite3.Row, days: int) -> None:
        """Later, or earlier if that is not before today."""
        earlier = date.fromisoformat(row["first_day"]) - timedelta(days)
        is_earlier = self.random.random() < 0.3 and earlier >= self.today
        changes.reschedule(self.db, row["id"], -days if is_earlier else days)

    def _change(self, name: str, number: str) -> dict[str, Any]:
        random = self.random
        home = random.choice(self._homes)
        if name == "branch":
            return {"branch_id": home.branch_id, "branch_name": None}
        if name == "amount":
            return {"estimated_total": f"{random.randint(30_000, 400_000) / 100:.2f}"}
        job = self.db.execute(
            "SELECT id, is_confirmed FROM smartmoving_jobs WHERE opportunity_id = ? AND NOT is_gone ORDER BY place",
            (number,),
        ).fetchone()
        if name == "addresses":
            return {"jobs": [{"id": job["id"], "addresses": mover_jobs.addresses(home, self._homes, random)}]}
        if name == "confirmed":
            return {"jobs": [{"id": job["id"], "confirmed": not job["is_confirmed"]}]}
        start = random.randint(28, 56) / 4
        return {"jobs": [{"id": job["id"], "window": {"start": start, "end": start + 1.5, "description": None}}]}
