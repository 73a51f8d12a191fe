"""Finds a partner for a loan: of the right office, approved, on their usual weekday, and not busy."""

from collections import defaultdict
from datetime import date
from random import Random

from webapp.sandbox.generate.approvals import Approval
from webapp.sandbox.generate.diary import Diary
from webapp.sandbox.generate.people import Partner
from webapp.sandbox.generate.vehicles import Vehicle

TRIES = 8


class PartnerPicker:
    """Keeps who had what and when; a partner gets no vehicle twice and seldom two at once."""

    def __init__(self, partners: list[Partner], approvals: list[Approval], random: Random) -> None:
        self._random = random
        self._busy = Diary()
        self._had: set[tuple[int, str]] = set()
        self._weekday = {partner.person_id: random.choices(range(5), (12, 18, 22, 34, 14))[0] for partner in partners}
        makes: defaultdict[int, set[str]] = defaultdict(set)
        for approval in approvals:
            if approval.rank != "Pending":
                makes[approval.person_id].add(approval.make)
        self._everybody = partners
        self._local: defaultdict[str, list[Partner]] = defaultdict(list)
        self._approved: defaultdict[tuple[str, str], list[Partner]] = defaultdict(list)
        self._usual: defaultdict[tuple[str, str, int], list[Partner]] = defaultdict(list)
        for partner in partners:
            self._local[partner.office].append(partner)
            for make in sorted(makes[partner.person_id]):
                self._approved[partner.office, make].append(partner)
                self._usual[partner.office, make, self._weekday[partner.person_id]].append(partner)

    def pick(self, vehicle: Vehicle, start: date, end: date) -> Partner:
        """A partner for this vehicle and these days."""
        chosen = self._choose(vehicle, start, end)
        self._busy.take(chosen.person_id, start, end)
        self._had.add((chosen.person_id, vehicle.vin))
        return chosen

    def _choose(self, vehicle: Vehicle, start: date, end: date) -> Partner:
        approved = self._approved[vehicle.office, vehicle.make]
        usual = self._usual[vehicle.office, vehicle.make, start.weekday()]
        local = self._local[vehicle.office] or self._everybody
        fallback = None
        for attempt in range(TRIES):
            pool = usual if usual and attempt < TRIES // 2 else approved if approved and attempt < TRIES - 1 else local
            candidate = self._random.choice(pool)
            if (candidate.person_id, vehicle.vin) in self._had:
                continue
            fallback = candidate
            if self._busy.is_free(candidate.person_id, start, end):
                return candidate
        return fallback or self._random.choice(self._everybody)
