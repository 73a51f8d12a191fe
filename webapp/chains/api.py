"""JSON of chains (interface.md): why a partner cannot have a vehicle, with all reasons at once."""

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.jsonapi import Day, Input, QueryId, read_query
from webapp.loans import service
from webapp.loans.rules import Finding

api = Blueprint("chains_api", __name__, url_prefix="/api/chains")


class WhyNotQuery(Input):
    """A vehicle, a partner, and the days of the loan."""

    vin: str = Field(min_length=1, max_length=40)
    person_id: QueryId
    start: Day
    end: Day


@api.get("/why-not")
@requires(Permission.VIEW_LOANS)
def why_not() -> Response:
    """Whether we would suggest the vehicle to the partner; every reason if not, and every warning.

    `until`: the first day from which that reason would not stand; `possible_from`: the first from which none does
    that a day can mend.
    """
    asked = read_query(WhyNotQuery)
    assessment = service.why_not(
        current_actor(), vin=asked.vin, person_id=asked.person_id, start_day=asked.start, end_day=asked.end
    )
    body: dict[str, Any] = {
        "possible": assessment.is_possible,
        "reasons": [_reason(finding) for finding in assessment.findings],
    }
    if assessment.possible_from is not None:
        body["possible_from"] = assessment.possible_from.isoformat()
    return jsonify(body)


def _reason(finding: Finding) -> dict[str, str]:
    until = {"until": finding.until.isoformat()} if finding.until else {}
    return {"code": finding.code, "text": finding.text, **until}
