"""The forms that change one loan of a saved chain: what stands in them, and what is wrong with that, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.accounts.actor import Actor
from webapp.chains.asking import Kind
from webapp.chains.saved.chain import SavedChain
from webapp.chains.saved.page import days_of
from webapp.chains.saved.swap import Choice, choices_for
from webapp.errors import Refusal
from webapp.loans.queries import Loan
from webapp.loans.states import Status
from webapp.names import folded

MOST_NOTE = 500
FIELDS = ("start_day", "end_day", "key", "q", "note")


@dataclass(frozen=True)
class ChangeForm:
    """What both forms print. `place` is the loan's number in the chain; faults by field (empty: of the whole).

    `choices` are those of a swap, as far as they hold the words of `values["q"]`.
    """

    loan: Loan
    place: int
    address: str
    back: str
    title: str
    things: str
    days: str
    values: Mapping[str, str]
    is_requested: bool
    choices: tuple[Choice, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    link: tuple[str, str] | None = None

    @property
    def possible(self) -> tuple[Choice, ...]:
        """Those that we would suggest."""
        return tuple(one for one in self.choices if one.is_possible)

    @property
    def others(self) -> tuple[Choice, ...]:
        """Those that something binding stands against."""
        return tuple(one for one in self.choices if not one.is_possible)


def change_form(
    actor: Actor,
    chain: SavedChain,
    loan: Loan,
    what: str,
    given: Mapping[str, str],
    refusal: Refusal | None = None,
) -> ChangeForm:
    """The form of a `swap`, or of other `dates`, with what is `given` in it and the fault of a `refusal`."""
    place = next(number for number, each in enumerate(chain.loans, 1) if each.id == loan.id)
    is_of_partner = chain.kind is Kind.PARTNER
    title = loan.vehicle_name if is_of_partner else loan.partner_name
    values = {
        "start_day": loan.start_day.isoformat(),
        "end_day": loan.end_day.isoformat(),
        "key": "",
        "q": "",
        "note": "",
        **{name: given[name][:MOST_NOTE] for name in FIELDS if name in given},
    }
    return ChangeForm(
        loan=loan,
        place=place,
        address=f"/chains/{chain.chain_id}/loans/{loan.id}/{what}",
        back=f"/chains/{chain.chain_id}",
        title=f"Swap loan {place}: {title}" if what == "swap" else f"Dates of loan {place}: {title}",
        things="vehicles" if is_of_partner else "partners",
        days=days_of(loan),
        values=values,
        is_requested=loan.status == Status.REQUESTED,
        choices=_narrowed(choices_for(actor, chain, loan), values) if what == "swap" else (),
        faults=_faults(refusal),
        link=refusal.link if refusal else None,
    )


def _narrowed(choices: tuple[Choice, ...], values: Mapping[str, str]) -> tuple[Choice, ...]:
    """Those that hold the words searched for; what is chosen stays."""
    words = folded(values["q"]).split()
    return tuple(one for one in choices if one.matches(words) or one.key == values["key"])


def _faults(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {}
    fields = refusal.details.get("fields")
    here = {"start_day", "end_day", "key"}
    if isinstance(fields, dict) and fields.keys() <= here:
        return {str(name): str(text) for name, text in fields.items()}
    return {"": refusal.sentence}
