"""Which lane of a chain's timeline holds what: one for each of its loans, and those of what surrounds them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from webapp.calendar.panels.stays import Stay
from webapp.chains.panels.chain_picture import Picture, Piece
from webapp.chains.panels.timeline import Stretch, Track
from webapp.fleet.names import short_vin

EMPTY = "nothing chosen yet"
ELSEWHERE = "Otherwise"


def tracks_of(picture: Picture, around: Iterable[Stay]) -> tuple[Track, ...]:
    """The lanes. On a partner chain each vehicle has one, the chain's and every other that the partner has.

    On a vehicle chain each partner of the chain has one, and one holds whatever else has the vehicle. `around`
    may name the chain's own loans, too: they are drawn once.
    """
    own = {piece.loan_id for piece in picture.pieces} - {None}
    others = [stay for stay in around if stay.loan_id not in own]
    if picture.is_of_partner:
        return _by_vehicle(picture, others)
    rest = tuple(_stretch(stay, stay.holder) for stay in others)
    lanes = tuple(_track(piece, piece.partner, "") for piece in picture.pieces)
    return (*lanes, Track(ELSEWHERE, "what else has the vehicle", rest)) if rest else lanes


def _by_vehicle(picture: Picture, others: Sequence[Stay]) -> tuple[Track, ...]:
    by_vin: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in others:
        by_vin[stay.vin].append(stay)
    # A vehicle that the partner has anyway shares its lane with the loan of the chain that has it again.
    lanes = [_track(piece, piece.vehicle, short_vin(piece.vin), by_vin.pop(piece.vin, ())) for piece in picture.pieces]
    for stays in by_vin.values():
        one = stays[0]
        detail = " · ".join(part for part in (one.color, short_vin(one.vin)) if part and part != one.vehicle)
        lanes.append(Track(one.vehicle, detail, tuple(_stretch(stay, _state(stay)) for stay in stays)))
    return tuple(lanes)


def _track(piece: Piece, title: str, detail: str, others: Iterable[Stay] = ()) -> Track:
    whole = f"Loan {piece.number}, {title or EMPTY}"
    stretch = Stretch(
        piece.start_day,
        piece.end_day,
        piece.look,
        piece.label if title else EMPTY,
        ", ".join(part for part in (f"{whole} {detail}".rstrip(), piece.told) if part) if title else whole,
        f"/calendar/loans/{piece.loan_id}" if piece.loan_id is not None else "",
        is_empty=not title,
    )
    stretches = (stretch, *(_stretch(stay, _state(stay)) for stay in others))
    return Track(title or "empty", detail if title else "", stretches, piece.number)


def _stretch(stay: Stay, label: str) -> Stretch:
    whose = f" for {stay.partner}" if stay.partner else ""
    told = f"{stay.vehicle} {short_vin(stay.vin)}{whose}, {stay.word}"
    return Stretch(stay.start_day, stay.end_day, stay.look, label, told, stay.address)


def _state(stay: Stay) -> str:
    """What a bar says that stands in the lane of its vehicle."""
    return stay.kind or stay.word
