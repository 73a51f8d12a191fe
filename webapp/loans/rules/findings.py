"""What a rule has to say: a code, a sentence, whom it binds, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from webapp.loans.availability import Occupation


class Severity(IntEnum):
    """Whom a finding stops (chains.md, "What binds where")."""

    # Everybody.
    HARD = 0
    # What we suggest; who picks by hand is told, and may go on.
    SOFT = 1
    # Nobody.
    WARNING = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has to say.

    `until`: the first day from which this would be over, where time mends it; rules give the day on which what
    is in the way ends, `assess` makes of it the first start from which the rule would be silent. `field`: what
    the person would have to give differently: vin, person_id, start_day or end_day.
    """

    code: str
    text: str
    severity: Severity
    until: date | None = None
    in_the_way: Occupation | None = None
    field: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether it binds everybody."""
        return self.severity is Severity.HARD

    @property
    def is_binding(self) -> bool:
        """Whether it binds what we suggest."""
        return self.severity is not Severity.WARNING


def noted(findings: Iterable[Finding], *, after: str) -> str:
    """What was said and did not stop anybody, parted by `after` from the sentence before it; empty for nothing."""
    said = " ".join(finding.text for finding in findings)
    return f"{after}Noted: {said}" if said else ""
