"""What the page of a saved chain prints: a card for each loan, what can be done with which, how far a run is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.batch_panel import Panel, panel_of
from webapp.calendar.card import Card, card_of
from webapp.calendar.looks import Look
from webapp.chains.asking import Kind
from webapp.chains.saved.chain import SavedChain
from webapp.chains.saved.queries import latest_run, maker_of
from webapp.chains.saved.standing import Told, standing
from webapp.dates import shown, shown_with_weekday
from webapp.errors import NotFound
from webapp.fleet.names import short_vin
from webapp.loans import queries
from webapp.loans.errors import link_to
from webapp.loans.models import BatchKind, RowState
from webapp.loans.queries import BatchProgress, Loan
from webapp.loans.states import GREEN, Status
from webapp.names import last_first

GONE = "There is no such chain, or you may not see it."
# What the rules say matters while FMS has not approved the loan; the rest is FMS's.
CHECKED = GREEN | {Status.REQUESTED}
# A card says this itself; and a loan that is there holds its vehicle, whoever still plans with it.
UNSAID = frozenset({"turn_in", "soft_hold"})
WAITING = frozenset({Look.SENDING, Look.UNCERTAIN})
# Whether a run has come any further: a letter for each row.
LETTERS = {state.value: state.value[0] for state in RowState}


@dataclass(frozen=True)
class Note:
    """What a rule says of a loan as it stands now. `link`: a label and where to see what is in the way."""

    text: str
    is_hard: bool
    link: tuple[str, str] | None


@dataclass(frozen=True)
class LoanCard:
    """One loan of the chain. `place` is its number by start, from 1; `calendar` where it stands there."""

    place: int
    loan: Loan
    card: Card
    title: str
    detail: str
    notes: tuple[Note, ...]
    calendar: str

    @property
    def can_choose(self) -> bool:
        """Whether anything can be done with it together with others."""
        return self.card.can_request or self.card.can_delete

    @property
    def can_change(self) -> bool:
        """Whether it may get another vehicle, partner or days, if need be with a new request."""
        return self.card.can_change or self.card.can_replace


@dataclass(frozen=True)
class Run:
    """A bulk run as the chain's page shows it: `mark` changes with every row; `again` are failed loans still here."""

    panel: Panel
    mark: str
    again: tuple[int, ...]


@dataclass(frozen=True)
class ChainPage:
    """The page. `chain` None: no loan of it is left, and only the report of the run that deleted them is shown."""

    chain_id: str
    chain: SavedChain | None
    cards: tuple[LoanCard, ...]
    run: Run | None
    made: str
    may_plan: bool

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"/chains/{self.chain_id}"

    @property
    def calendar(self) -> str:
        """The calendar at the chain's first day."""
        if self.chain is None:
            return "/calendar"
        return self.cards[0].calendar

    @property
    def hint(self) -> str:
        """What can be done with the loans, in a sentence."""
        if any(one.can_choose for one in self.cards):
            return "Tick loans to act on those alone."
        if any(one.card.look in WAITING for one in self.cards):
            return "Nothing can be done to these loans until FMS has answered."
        return "FMS has these loans, or they are over: nothing can be done to them here."

    def ids(self, kind: BatchKind) -> tuple[int, ...]:
        """The loans of the chain to which this can be done now."""
        return ids_for(kind, self.cards)


def ids_for(kind: BatchKind, cards: Sequence[LoanCard]) -> tuple[int, ...]:
    """The loans to which a bulk action can be done, by their state and by whom."""
    can = {BatchKind.REQUEST: "can_request", BatchKind.UNREQUEST: "can_unrequest", BatchKind.DELETE: "can_delete"}
    return tuple(one.loan.id for one in cards if getattr(one.card, can[kind]))


def read_page(actor: Actor, chain_id: str, *, run_id: str = "", may_be_gone: bool = False) -> ChainPage:
    """The page of a chain as it stands now, with the run `run_id`, else one's latest over its loans.

    Raises `NotFound` where no loan of it is in scope, unless `may_be_gone` or there is such a run of one's own.
    """
    loans = queries.loans_of_chain(actor, chain_id)
    chain = SavedChain(chain_id, tuple(loans)) if loans else None
    progress = _progress(actor, chain_id, [loan.id for loan in loans], run_id)
    if chain is None and progress is None and not may_be_gone:
        raise NotFound(GONE)
    may_plan = actor.may(Permission.PLAN_LOANS)
    cards = cards_of(actor, chain) if chain else ()
    return ChainPage(
        chain_id=chain_id,
        chain=chain,
        cards=cards,
        run=_run(progress, {loan.id for loan in loans}) if progress and may_plan else None,
        made=_made(actor, chain) if chain else "",
        may_plan=may_plan and any(actor.reaches(loan.company_id, loan.office) for loan in loans),
    )


def cards_of(actor: Actor, chain: SavedChain) -> tuple[LoanCard, ...]:
    """A card for each loan of the chain, by start."""
    told = standing(actor, chain)
    return tuple(_card(actor, chain, place, loan, told.get(loan.id)) for place, loan in enumerate(chain.loans, 1))


def calendar_address(loan: Loan) -> str:
    """The calendar of the loan's office, with the loan's card open."""
    return f"/calendar?start={_monday(loan.start_day).isoformat()}&loan={loan.id}"


def mark_of(progress: BatchProgress) -> str:
    """What changes whenever a row of the run does, or the run ends."""
    return "".join(LETTERS[row.state] for row in progress.rows) + ("." if progress.is_finished else "")


def days_of(loan: Loan) -> str:
    """`Thu 12-03-26 → Thu 12-10-26`."""
    return f"{shown_with_weekday(loan.start_day)} → {shown_with_weekday(loan.end_day)}"


def _card(actor: Actor, chain: SavedChain, place: int, loan: Loan, told: Told | None) -> LoanCard:
    card = card_of(actor, loan)
    return LoanCard(
        place=place,
        loan=loan,
        card=card,
        title=loan.vehicle_name if chain.kind is Kind.PARTNER else last_first(loan.partner_name),
        detail=" · ".join(_details(chain, loan, told)),
        notes=_notes(card, loan, told),
        calendar=calendar_address(loan),
    )


def _details(chain: SavedChain, loan: Loan, told: Told | None) -> Iterable[str]:
    """Short remarks for one line: what the title does not say of the loan."""
    is_of_partner = chain.kind is Kind.PARTNER
    if is_of_partner:
        yield from (part for part in (loan.color, short_vin(loan.vin)) if part)
    if len(chain.person_ids if is_of_partner else chain.vins) > 1:
        yield loan.partner_name if is_of_partner else f"{loan.vehicle_name} {short_vin(loan.vin)}"
    if told is not None and told.rank:
        yield f"rank {told.rank}"
    if told is not None and told.hop:
        yield told.hop


def _notes(card: Card, loan: Loan, told: Told | None) -> tuple[Note, ...]:
    """What the rules say, while FMS has not approved the loan and it is not just being sent."""
    if told is None or loan.status not in CHECKED or card.look in WAITING:
        return ()
    # A request that FMS has is late only when FMS says so.
    skipped = UNSAID | ({"past"} if loan.status == Status.REQUESTED else set())
    return tuple(Note(one.text, one.is_hard, link_to(one)) for one in told.findings if one.code not in skipped)


def _progress(actor: Actor, chain_id: str, ids: Sequence[int], run_id: str) -> BatchProgress | None:
    wanted = run_id or (latest_run(actor, chain_id, ids) if ids else None)
    if not wanted:
        return None
    try:
        return queries.batch(actor, wanted)
    except NotFound:
        return None


def _run(progress: BatchProgress, here: set[int]) -> Run:
    panel = panel_of(progress)
    return Run(panel, mark_of(progress), tuple(number for number in panel.failed_ids if number in here))


def _made(actor: Actor, chain: SavedChain) -> str:
    """`saved by Ana Sample on 11-19-26`, by the day at its office."""
    try:
        name, day = maker_of(actor, chain.chain_id)
    except NotFound:
        return ""
    return f"saved by {name} on {shown(day)}"


def _monday(day: date) -> date:
    return date.fromordinal(day.toordinal() - day.weekday())
