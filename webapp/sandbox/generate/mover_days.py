"""What befalls a moving company from one day to the next: how often each thing happens, and what it changes."""

from random import Random

from webapp.sandbox.generate.movers import BOOKED, CANCELLED, CLOSED, COMPLETED, LEAD, LOST, NEW_LEAD, TENTATIVE

NOTHING = ""
# Chances in a thousand, by the status that an opportunity has and whether its first day is over.
EVENTS: dict[int, tuple[tuple[str, int], ...]] = {
    BOOKED: (
        ("moved within days", 20),
        ("moved far away", 10),
        ("cancelled", 20),
        ("lost", 8),
        ("addresses", 15),
        ("window", 20),
        ("amount", 20),
        ("confirmed", 30),
        ("branch", 5),
    ),
    CANCELLED: (("reopened", 60),),
    LOST: (("reopened", 12),),
    NEW_LEAD: (("booked", 60), ("lost", 60)),
    LEAD: (("booked", 80), ("lost", 60)),
    TENTATIVE: (("booked", 120), ("lost", 60)),
}
OVER = (("completed", 820), ("closed", 120))
STATUS_AFTER = {
    "cancelled": CANCELLED,
    "lost": LOST,
    "reopened": BOOKED,
    "booked": BOOKED,
    "completed": COMPLETED,
    "closed": CLOSED,
}
NEW_WORDS = ("North", "Downtown", "& Valley", "Airport ✈️", "– Métro", "II")  # noqa: RUF001


def event(status: int, random: Random, *, is_over: bool) -> str:
    """What happens to one opportunity, mostly nothing."""
    chances = OVER if is_over and status == BOOKED else () if is_over else EVENTS.get(status, ())
    drawn = random.randrange(1_000)
    for name, chance in chances:
        drawn -= chance
        if drawn < 0:
            return name
    return NOTHING
