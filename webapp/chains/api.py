"""JSON of chains (interface.md): suggestions, and why a partner cannot have a vehicle, with all reasons at once."""

import json
from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.chains.asking import DEFAULT_COUNT, DEFAULT_DAYS, Ask, Kind
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key
from webapp.chains.shapes import ObstacleJson, SuggestionJson, WhyNotJson
from webapp.chains.solving.objective import RANKS
from webapp.chains.solving.slots import MOST_LOANS
from webapp.db import LARGEST
from webapp.declared import declares
from webapp.jsonapi import Day, Input, QueryId, read_query
from webapp.loans import service
from webapp.loans.rules import Finding
from webapp.loans.rules.facts import PENDING

api = Blueprint("chains_api", __name__, url_prefix="/api/chains")
BOOLEANS = {"true": True, "false": False}
TIERS = (*RANKS, PENDING)
# Between a make and its model in one parameter.
BETWEEN = "|"
MOST_NAMES, LONGEST_NAME = 100, 300


def _boolean(text: object) -> bool:
    if text not in BOOLEANS:
        raise ValueError("is true or false")
    return BOOLEANS[str(text)]


def _makes(names: list[str]) -> list[str]:
    if len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names):
        raise ValueError(f"are at most {MOST_NAMES} makes")
    return names


def _tiers(names: list[str]) -> list[str]:
    if not set(names) <= set(TIERS):
        raise ValueError(f"are any of {', '.join(TIERS)}")
    return names


def _models(texts: list[str]) -> list[str]:
    parts = [text.partition(BETWEEN) for text in _makes(texts)]
    if not all(make.strip() and model.strip() for make, _, model in parts):
        raise ValueError(f"are each a make and a model such as Audi{BETWEEN}A3 Premium Plus")
    return texts


def _picks(text: object) -> dict[int, Key]:
    """`{"2": "WAUZZZ8V0SA051916"}` on a partner chain, `{"2": 3001}` on a vehicle chain."""
    sentence = f'is a JSON object of loan (1 to {MOST_LOANS}) and VIN or partner, such as {{"2": "WAUZZZ8V0SA051916"}}'
    try:
        given = json.loads(str(text))
    except (ValueError, RecursionError):
        raise ValueError(sentence) from None
    if not isinstance(given, dict):
        raise ValueError(sentence)
    for index, key in given.items():
        is_index = index in {str(number) for number in range(1, MOST_LOANS + 1)}
        is_vin = isinstance(key, str) and 0 < len(key) <= 40
        is_person = isinstance(key, int) and not isinstance(key, bool) and abs(key) <= LARGEST
        if not is_index or not (is_vin or is_person):
            raise ValueError(sentence)
    return {int(index): key for index, key in given.items()}


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Picks = Annotated[
    dict[int, str | int],
    BeforeValidator(_picks),
    WithJsonSchema({"type": "string", "contentMediaType": "application/json"}),
]
Tier = Annotated[str, WithJsonSchema({"type": "string", "enum": list(TIERS)})]


class ChainQuery(Input):
    """What is asked of any chain. `models` are `Make|Model`; `pinned` is JSON of loan and VIN or partner."""

    office: str = Field(min_length=1, max_length=120)
    start: Day
    days: int = DEFAULT_DAYS
    count: int = DEFAULT_COUNT
    respect_budgets: Boolean = True
    makes: Annotated[list[str], AfterValidator(_makes)] = Field([])
    models: Annotated[list[str], AfterValidator(_models)] = Field([])
    strict: Boolean = False
    tiers: Annotated[list[Tier], AfterValidator(_tiers)] = Field([])
    allow_double_booking: Boolean = False
    pinned: Picks = Field({})

    def ask(self, kind: Kind, *, person_id: int | None = None, vin: str | None = None) -> Ask:
        """The same as the chain builder takes it."""
        return Ask(
            kind=kind,
            office=self.office,
            start=self.start,
            person_id=person_id,
            vin=vin,
            days=self.days,
            count=self.count,
            respect_budgets=self.respect_budgets,
            allow_double_booking=self.allow_double_booking,
            makes=tuple(self.makes),
            models=tuple((make, model) for make, _, model in (text.partition(BETWEEN) for text in self.models)),
            is_strict=self.strict,
            tiers=tuple(self.tiers),
            pinned=self.pinned,
        )


class PartnerChainQuery(ChainQuery):
    """A chain of vehicles for one partner."""

    person_id: QueryId


class VehicleChainQuery(ChainQuery):
    """A chain of partners for one vehicle."""

    vin: str = Field(min_length=1, max_length=40)


class WhyNotQuery(Input):
    """A vehicle, a partner, and the days of the loan."""

    vin: str = Field(min_length=1, max_length=40)
    person_id: QueryId
    start: Day
    end: Day


@api.get("/partner")
@requires(Permission.VIEW_LOANS)
@declares({200: SuggestionJson}, query=PartnerChainQuery, refuses=(404, 409))
def partner_chain() -> Response:
    """The best chain of the office's vehicles for one partner, with the reasons for what is not in it.

    `makes`, `models` (`Make|Model`) and `tiers` (A+ to D, Pending) are repeated parameters; with `strict` nothing
    but the preferred models. `pinned` is JSON of loan and VIN: these stay.
    """
    asked = read_query(PartnerChainQuery)
    return jsonify(suggesting.suggest(current_actor(), asked.ask(Kind.PARTNER, person_id=asked.person_id)).as_json())


@api.get("/vehicle")
@requires(Permission.VIEW_LOANS)
@declares({200: SuggestionJson}, query=VehicleChainQuery, refuses=(404, 409))
def vehicle_chain() -> Response:
    """The best chain of partners for one vehicle, the first hop from the office, with those whom nobody can place.

    `tiers` (A+ to D, Pending) is a repeated parameter; `pinned` is JSON of loan and partner: these stay.
    """
    asked = read_query(VehicleChainQuery)
    return jsonify(suggesting.suggest(current_actor(), asked.ask(Kind.VEHICLE, vin=asked.vin)).as_json())


@api.get("/why-not")
@requires(Permission.VIEW_LOANS)
@declares({200: WhyNotJson}, query=WhyNotQuery, refuses=(404,))
def why_not() -> Response:
    """Whether we would suggest the vehicle to the partner; every reason if not, and every warning.

    `until`: the first day from which that reason would not stand; `possible_from`: the first from which none does
    that a day can mend.
    """
    asked = read_query(WhyNotQuery)
    assessment = service.why_not(
        current_actor(), vin=asked.vin, person_id=asked.person_id, start_day=asked.start, end_day=asked.end
    )
    body: WhyNotJson = {
        "possible": assessment.is_possible,
        "reasons": [_reason(finding) for finding in assessment.findings],
    }
    if assessment.possible_from is not None:
        body["possible_from"] = assessment.possible_from.isoformat()
    return jsonify(body)


def _reason(finding: Finding) -> ObstacleJson:
    told = ObstacleJson(code=finding.code, text=finding.text)
    if finding.until:
        told["until"] = finding.until.isoformat()
    return told
