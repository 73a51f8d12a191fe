"""Decides which partner may have which make, and with what rank."""

from dataclasses import dataclass
from random import Random

from webapp.sandbox.generate.catalogue import MAKES
from webapp.sandbox.generate.people import Partner
from webapp.sandbox.generate.scale import Scale

RANKS = ("A+", "A", "B", "C", "D", "Pending")
RANK_WEIGHTS = (6, 22, 34, 24, 8, 6)


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's rank with one make."""

    person_id: int
    name: str
    make: str
    rank: str


def approve_makes(scale: Scale, partners: list[Partner], random: Random) -> list[Approval]:
    """As many approvals as the scale says: everybody has two makes, the keen ones nearly all."""
    names = {partner.person_id: partner.name for partner in partners}
    makes = [make.name for make in MAKES]
    firm: list[tuple[float, int, str]] = []
    wished: list[tuple[float, int, str]] = []
    for person_id in names:
        keenness = random.uniform(0.4, 3.0)
        for place, make in enumerate(random.sample(makes, len(makes))):
            wish = (random.random() ** keenness, person_id, make)
            (firm if place < 2 else wished).append(wish)
    wished.sort(reverse=True)
    chosen = (firm + wished)[: scale.approvals]
    return [
        Approval(person_id, names[person_id], make, random.choices(RANKS, RANK_WEIGHTS)[0])
        for _, person_id, make in sorted(chosen, key=lambda wish: wish[1:])
    ]
