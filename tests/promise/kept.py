"""The promise to FMS as pure checks: its requests against our bars and our ledger. Each yields what breaks it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.fms.schemas import fms_date
from webapp.loans.models import Assignment

ALIVE = {"open", "approved"}
# Vehicle, partner, first and last day, as FMS writes them.
Facts = tuple[int | None, int, str, str]
Request = Mapping[str, Any]
Call = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """A loan of ours of which we say that FMS has it."""

    loan_id: int
    number: int | None
    facts: Facts


def bar_of(loan: Assignment, vehicle_id: int | None) -> Bar:
    """The magenta bar of `loan` on the vehicle that FMS calls `vehicle_id`."""
    facts = (vehicle_id, loan.person_id, fms_date(loan.start_day), fms_date(loan.end_day))
    return Bar(loan.id, loan.fms_request_id, facts)


def alive(requests: Iterable[Request]) -> dict[int, Request]:
    """The requests that FMS goes on holding, by number."""
    return {request["id"]: request for request in requests if request["status"] in ALIVE}


def orphans(held: Mapping[int, Request], bars: Sequence[Bar]) -> Iterator[str]:
    """No request of ours is in FMS without a bar here."""
    ours = {bar.number for bar in bars}
    for number in sorted(set(held) - ours):
        yield f"FMS holds request #{number} ({held[number]['requestorNotes']}), and no loan here has it"


def ghosts(held: Mapping[int, Request], bars: Sequence[Bar]) -> Iterator[str]:
    """No bar here says that FMS has it unless FMS does, with the same vehicle, partner and days."""
    for bar in bars:
        if bar.number is None:
            yield f"loan {bar.loan_id} is magenta and has no number"
        elif bar.number not in held:
            yield f"loan {bar.loan_id} is magenta, and FMS has no request #{bar.number}"
        elif bar.facts != said(held[bar.number]):
            yield f"loan {bar.loan_id} says {bar.facts}, FMS's request #{bar.number} {said(held[bar.number])}"


def doubles(
    held: Mapping[int, Request], bars: Sequence[Bar], loans_by_reference: Mapping[str, int], calls: Iterable[Call]
) -> Iterator[str]:
    """No intention has two requests, and nothing was asked of FMS that the ledger does not know.

    `loans_by_reference`: for which loan each create of the ledger was.
    """
    for number, count in Counter(bar.number for bar in bars if bar.number is not None).items():
        if count > 1:
            yield f"{count} loans say that they are request #{number}"
    applied = Counter(call["reference"] for call in calls if call["applied"] and call["method"] == "POST")
    for reference, count in sorted(applied.items(), key=str):
        if reference not in loans_by_reference:
            yield f"FMS was asked for {reference}, which the ledger does not know"
        elif count > 1:
            yield f"FMS carried out the one operation {reference} {count} times"
    live = Counter(loans_by_reference.get(request["requestorNotes"]) for request in held.values())
    for loan_id, count in live.items():
        if loan_id is not None and count > 1:
            yield f"FMS holds {count} live requests for loan {loan_id}"


def said(request: Request) -> Facts:
    """What a request of FMS's says."""
    vehicle = request["requestsVehicles"][0]["requestsVehicle"]
    return vehicle["vehicleId"], request["loaneeId"], request["startDate"], request["endDate"]
