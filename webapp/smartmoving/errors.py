"""What can go wrong with SmartMoving, as one error that says what the caller has to know."""

from enum import StrEnum


class Kind(StrEnum):
    """`unauthorized`, `quota` and `cap` stop a run; `gone` is an answer about one opportunity; the rest are faults."""

    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    # Our own cap: the call was not made.
    CAP = "cap"
    THROTTLED = "throttled"
    GONE = "gone"
    UNREADABLE = "unreadable"
    LOST = "lost"
    # The sweep did not hold together: read again, never taken for the truth.
    HALF = "half"
    # The pace has no call to give soon enough for who asks.
    BUSY = "busy"


STOPPING = frozenset({Kind.UNAUTHORIZED, Kind.QUOTA, Kind.CAP})


class SmartMovingFailed(Exception):
    """A call, or a walk of calls, that brought nothing to use. `sentence` is for a person and holds no secret."""

    def __init__(self, *, kind: Kind, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.status = status

    @property
    def stops(self) -> bool:
        """Whether no further call of this run can succeed."""
        return self.kind in STOPPING
