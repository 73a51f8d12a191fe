"""Every filter of the board against its plain definition, on random boards."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.board import board_by_partner, board_by_vehicle
from webapp.calendar.filters import ActivityFilter, Filters, Rows, Tier, read_filters
from webapp.calendar.found import Found
from webapp.calendar.looks import Look, look_of_loan
from webapp.calendar.queries import LoanFacts, PartnerFacts, VehicleFacts
from webapp.loans.periods import Period

TODAY = date(2026, 11, 19)
FIRST = date(2026, 11, 16)
FREE = Period(date(2026, 11, 23), date(2026, 11, 30))
NAMES = {1: "Wendy Torque", 2: "Zoë Álvarez", 3: "Tom Alba"}
OUTLETS = {1: "Coastline Auto", 2: "Ring Report", 3: ""}
MAKES = ("Audi", "Kia")
MODELS = {"Audi": "A3", "Kia": "EV9"}
VEHICLES = tuple(
    VehicleFacts(number, 1, f"WAUZZZ0000000000{number}", None, make, MODELS[make], "Grey", "Miami", None, False)
    for number, make in ((1, "Audi"), (2, "Kia"), (3, "Audi"))
)
PARTNERS = tuple(PartnerFacts(1, person, name, "Miami", OUTLETS[person]) for person, name in NAMES.items())


def loan(number: int, vehicle: VehicleFacts, person_id: int, start: int, days: int, status: str) -> LoanFacts:
    """A loan of that vehicle, `start` days from the first."""
    start_day = FIRST + timedelta(days=start)
    return LoanFacts(
        id=number,
        company_id=1,
        fleet_vehicle_id=vehicle.id,
        person_id=person_id,
        partner_name=NAMES[person_id],
        office="Miami",
        start_day=start_day,
        end_day=start_day + timedelta(days=days),
        status=status,
        fms_request_id=4370 + number if status == "requested" else None,
        activity_id=None,
        chain_id=None,
        version=1,
        vin=vehicle.vin,
        make=vehicle.make,
        model=vehicle.model,
    )


@st.composite
def boards(draw: st.DrawFn) -> Found:
    """What was read of three vehicles and three partners: any loans, ranks and free days."""
    loans = [
        loan(
            number,
            draw(st.sampled_from(VEHICLES)),
            draw(st.sampled_from(sorted(NAMES))),
            draw(st.integers(0, 20)),
            draw(st.integers(1, 9)),
            draw(st.sampled_from(["manual", "planned", "requested", "active"])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    ranked = st.dictionaries(st.sampled_from(["AUDI", "KIA"]), st.sampled_from([str(tier) for tier in Tier]))
    keys = [(1, person) for person in NAMES] + [(1, vehicle.vin) for vehicle in VEHICLES]
    return Found(
        vehicles=VEHICLES,
        partners=PARTNERS,
        loans=loans,
        activities=(),
        company_id=1,
        may_plan=True,
        makes=MAKES,
        ranks={(1, person): draw(ranked) for person in NAMES},
        outlets={(1, person): outlet.casefold() for person, outlet in OUTLETS.items()},
        taken=draw(st.frozensets(st.sampled_from(keys))),
    )


views = st.builds(
    Filters,
    window=st.just(read_filters({}, TODAY).window),
    today=st.just(TODAY),
    rows=st.sampled_from(Rows),
    office=st.just("Miami"),
    make=st.sampled_from(["", "Audi", "Kia"]),
    tier=st.none() | st.sampled_from(Tier),
    status=st.none() | st.sampled_from([Look.MANUAL, Look.REQUESTED]),
    activity=st.sampled_from(ActivityFilter),
    free=st.none() | st.just(FREE),
    q=st.sampled_from(["", "torque", "Torque, Wendy", "alvarez audi", "ring", "#437", "00002"]),
)


def words(text: str) -> list[str]:
    """The words of a search, for these names."""
    return text.lower().replace(",", " ").split()


def says(one: LoanFacts, query: str, *, also: str = "") -> bool:
    """Whether each word is in the loan's partner, outlet, vehicle, VIN or request number, or in `also`."""
    name = NAMES[one.person_id].lower().replace("ë", "e").replace("á", "a")
    told = f"{name} {OUTLETS[one.person_id]} {one.make} {one.model} {one.vin} #{one.fms_request_id} {also}".lower()
    return all(word in told for word in words(query))


def vehicle_is_kept(found: Found, view: Filters, vehicle: VehicleFacts) -> bool:
    """The definition, row by row, as the documentation says it."""
    loans = [one for one in found.loans if one.fleet_vehicle_id == vehicle.id]
    itself = f"{vehicle.make} {vehicle.model} {vehicle.vin} {vehicle.color}".lower()
    is_named = all(word in itself for word in words(view.q))
    answering = [
        one
        for one in loans
        if (not view.status or look_of_loan(one.status, None) is view.status)
        and (not view.tier or found.ranks[1, one.person_id].get(vehicle.make.upper()) == view.tier)
        and (is_named or says(one, view.q))
    ]
    return (
        (not view.make or vehicle.make == view.make)
        and (view.activity is not ActivityFilter.WITH or bool(loans))
        and (view.activity is not ActivityFilter.NONE or not loans)
        and (view.free is None or (1, vehicle.vin) not in found.taken)
        and (bool(answering) or (not view.status and not view.tier and is_named))
    )


def partner_is_kept(found: Found, view: Filters, person: int) -> bool:
    """The same of a partner."""
    loans = [one for one in found.loans if one.person_id == person]
    of_make = [one for one in loans if not view.make or one.make == view.make]
    ranks = {make: rank for make, rank in found.ranks[1, person].items() if make == (view.make.upper() or make)}
    is_approved = any(rank == view.tier if view.tier else rank != "Pending" for rank in ranks.values())
    plain = NAMES[person].lower().replace("ë", "e").replace("á", "a")
    itself = f"{plain} {OUTLETS[person]}".lower()
    is_named = all(word in itself for word in words(view.q))
    answering = [
        one
        for one in of_make
        if (not view.status or look_of_loan(one.status, None) is view.status) and (is_named or says(one, view.q))
    ]
    return (
        (not view.tier or is_approved)
        and (not view.make or is_approved or bool(of_make))
        and (view.activity is not ActivityFilter.WITH or bool(of_make))
        and (view.activity is not ActivityFilter.NONE or not of_make)
        and (view.free is None or (1, person) not in found.taken)
        and (bool(answering) or (not view.status and is_named))
    )


@given(boards(), views)
def test_filters_keep_what_their_definition_says(found: Found, view: Filters) -> None:
    """By vehicle and by partner, any filters together: exactly the rows that answer all of them."""
    if view.rows is Rows.VEHICLES:
        kept = {row.key for row in board_by_vehicle(found, view).rows}
        assert kept == {f"v{vehicle.id}" for vehicle in VEHICLES if vehicle_is_kept(found, view, vehicle)}
    else:
        kept = {row.key for row in board_by_partner(found, view).rows}
        assert kept == {f"p1-{person}" for person in NAMES if partner_is_kept(found, view, person)}


@given(boards(), views)
def test_what_a_filter_keeps_stands_where_it_stood(found: Found, view: Filters) -> None:
    """Filtering leaves rows out and lets bars stand back; it moves nothing and takes no bar away."""
    draw = board_by_vehicle if view.rows is Rows.VEHICLES else board_by_partner
    everything = {row.key: row for row in draw(found, view.without_filters()).rows}
    rows = draw(found, view).rows
    assert [row.key for row in rows] == [key for key in everything if key in {row.key for row in rows}]
    for row in rows:
        before = everything[row.key]
        assert [bar.area for bar in row.bars] == [bar.area for bar in before.bars]


def test_a_vehicle_out_of_fms_s_lists_is_free_for_nobody() -> None:
    """Nothing holds it, but nobody can have it: it is left out where free days are asked for."""
    gone = replace(VEHICLES[0], is_gone=True)
    found = Found(vehicles=(gone,), partners=(), loans=(), activities=(), company_id=1, may_plan=True)
    view = read_filters({"free_from": "2026-11-23"}, TODAY)
    assert board_by_vehicle(found, view).rows == ()
    assert len(board_by_vehicle(found, view.without_filters()).rows) == 1
