"""What was done and what undoing it does, in words. Pure."""

from collections.abc import Collection, Sequence

from webapp.loans.models import DeedKind

# The first of these that a step holds names it.
DID = (
    (DeedKind.DELETED, "deleted"),
    (DeedKind.PLANNED, "planned"),
    (DeedKind.CHANGED, "changed"),
    (DeedKind.REQUESTED, "requested"),
    (DeedKind.UNREQUESTED, "taken back"),
)
AGAIN = "{they} requested in FMS again, under {number}"
# From how a loan stands to how it stood, and whether it was changed in between; the last word for one and for many.
MEANINGS = {
    ("green", "gone", False): "deletes {it} again",
    ("green", "gone", True): "deletes {it} again",
    ("requested", "gone", False): "deletes {it} again, also in FMS",
    ("requested", "gone", True): "deletes {it} again, also in FMS",
    ("gone", "green", False): "plans {it} again",
    ("gone", "green", True): "plans {it} again",
    ("gone", "requested", False): f"plans {{it}} again; {AGAIN}",
    ("gone", "requested", True): f"plans {{it}} again; {AGAIN}",
    ("requested", "green", False): "takes {it} back in FMS",
    ("requested", "green", True): "takes {it} back in FMS, and changes {it} back",
    ("green", "requested", False): AGAIN,
    ("green", "requested", True): f"changes {{it}} back; {AGAIN}",
    ("requested", "requested", True): f"takes {{it}} back in FMS, and changes {{it}} back; {AGAIN}",
    ("requested", "requested", False): AGAIN,
    ("green", "green", True): "changes {it} back",
}
ONE = {"it": "it", "they": "it is", "number": "a new number"}
MANY = {"it": "them", "they": "they are", "number": "new numbers"}


def days_moved(days: int) -> str:
    """`7 days later`, `1 day earlier`."""
    return f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"


def title(kinds: Collection[DeedKind], labels: Sequence[str], *, days: int | None, is_undo: bool) -> str:
    """`Requested 7 loans`, `Undid: planned Audi A3 …`; `days` of a run that moved loans."""
    did = next(word for kind, word in DID if kind in kinds)
    what = labels[0] if len(labels) == 1 else f"{len(labels)} loans"
    if days is not None:
        did, what = "moved", f"{what} {days_moved(days)}" if len(labels) > 1 else what
    said = f"{did} {what}"
    return f"Undid: {said}" if is_undo else f"{said[0].upper()}{said[1:]}"


def meaning(turns: Sequence[tuple[str, str, bool]]) -> str:
    """What undoing does to the loans, every way once."""
    words = ONE if len(turns) == 1 else MANY
    return "; ".join(dict.fromkeys(MEANINGS.get(turn, "puts {it} back as before").format(**words) for turn in turns))
