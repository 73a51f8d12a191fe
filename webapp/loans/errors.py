"""Refusals of this room: each with the code programs know and the sentence people read."""

from collections.abc import Iterable, Mapping

from webapp.errors import Refusal
from webapp.loans.rules import Finding


class BrokenRule(Refusal):
    """A rule that binds everybody stands in the way. 409 where somebody holds the vehicle, else 422."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        status = 409 if first.code == "held" else 422
        details: dict[str, object] = {"reasons": [{"code": one.code, "text": one.text} for one in self.findings]}
        fields: dict[str, str] = {}
        for one in self.findings:
            if one.field:
                fields[one.field] = f"{fields[one.field]} {one.text}" if one.field in fields else one.text
        if fields:
            details["fields"] = fields
        super().__init__(
            " ".join(one.text for one in self.findings),
            code=first.code,
            status=status,
            details=details,
            link=link_to(first),
        )


class BrokenChain(Refusal):
    """Rules that bind everybody stand in the way of loans that were to be planned together.

    `findings_by_loan` maps the place of each such loan, from 0, to what binds; people read it from 1. 409 where
    somebody holds one of the vehicles, else 422.
    """

    def __init__(self, findings_by_loan: Mapping[int, Iterable[Finding]]) -> None:
        self.findings_by_loan = {place: tuple(findings_by_loan[place]) for place in sorted(findings_by_loan)}
        told = [(place + 1, one) for place, findings in self.findings_by_loan.items() for one in findings]
        first = next((one for _, one in told if one.code == "held"), told[0][1])
        super().__init__(
            " ".join(
                f"Loan {place + 1}: {' '.join(one.text for one in findings)}"
                for place, findings in self.findings_by_loan.items()
            ),
            code=first.code,
            status=409 if first.code == "held" else 422,
            details={"reasons": [{"loan": number, "code": one.code, "text": one.text} for number, one in told]},
            link=link_to(first),
        )


class StateForbids(Refusal):
    """The loan's state does not allow the action (fms.md, section 2)."""


class Missing(Refusal):
    """Something FMS needs is not there."""

    status = 422


class Stale(Refusal):
    """The loan has changed since the person's page was drawn; `changes` says who did what and when, oldest first."""

    code = "stale"

    def __init__(self, sentence: str, changes: Iterable[str] = ()) -> None:
        self.changes = tuple(changes)
        super().__init__(
            " ".join((sentence, *self.changes)), details={"changes": list(self.changes)} if self.changes else None
        )


def link_to(finding: Finding) -> tuple[str, str] | None:
    """Where to see what is in the way: a label and an address; None where nothing of a calendar is."""
    occupation = finding.in_the_way
    if occupation is None or (occupation.assignment_id is None and occupation.activity_id is None):
        return None
    day = occupation.period.start_day.isoformat()
    if occupation.assignment_id is not None:
        return ("Show it", f"/calendar?start={day}&loan={occupation.assignment_id}")
    return ("Show it", f"/calendar?start={day}&activity_id={occupation.activity_id}")
