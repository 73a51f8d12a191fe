"""The list of saved chains: a line for each, with whose it is and how far it has come; filtered, paged, in scope."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site
from tests.chains.saved_site import site as site
from tests.queries_counted import queries_of
from tests.rows import OFFICE
from webapp.accounts.permissions import Role
from webapp.chains.saved.queries import PER_PAGE, ChainFilters, ChainList, When, saved_chains
from webapp.errors import Forbidden
from webapp.loans.states import Status

BEFORE, AFTER = week(0).start_day - timedelta(days=1), week(50).start_day


def listed(desk: ChainDesk, today: date = BEFORE, **given: Any) -> ChainList:
    """The list as the desk's scheduler sees it on a day."""
    found: ChainList = desk.do(saved_chains, ChainFilters(**given), today)
    return found


def ids(found: ChainList) -> list[str]:
    """The chains in it."""
    return [line.chain.chain_id for line in found.lines]


def test_a_line_says_whose_and_how_far(desk: ChainDesk) -> None:
    """Partner, days, loans by state, by whom; both greens are planned, and what FMS cancelled counts for nothing."""
    chain_id, loans = desk.chain(4)
    desk.change_row(loans[0], status=Status.COMPLETED)
    desk.change_row(loans[1], status=Status.ACTIVE)
    desk.change_row(loans[3], status=Status.CANCELLED)
    desk.fleet.add_loan(
        desk.vehicles[3], desk.partner, start_day=week(4).start_day, status=Status.MANUAL, chain_id=chain_id
    )
    (line,) = listed(desk).lines
    names = desk.partner.name.split()
    assert line.chain.title == f"{names[1]}, {names[0]}"
    assert (line.chain.days, line.chain.size) == ("06-07-60 to 07-12-60", "4 loans")
    assert line.chain.marks == (("planned", "2 planned"), ("active", "1 active"), ("over", "1 over"))
    assert (line.maker, line.made_on) == (desk.person.name, date(2026, 1, 5))


def test_the_kind_is_guessed_from_the_loans(desk: ChainDesk) -> None:
    """One partner with several vehicles, or one vehicle with several partners; one given to another is told apart."""
    ring, coast = desk.fleet.add_partner("Ring Report"), desk.fleet.add_partner("Coast Auto")
    for number, partner in enumerate((desk.partner, ring, coast)):
        desk.fleet.add_loan(desk.vehicles[0], partner, start_day=week(number).start_day, chain_id="v" * 36)
    for number, (vehicle, partner) in enumerate(((1, ring), (2, ring), (3, coast))):
        desk.fleet.add_loan(desk.vehicles[vehicle], partner, start_day=week(number).start_day, chain_id="p" * 36)
    lines = {line.chain.chain_id[0]: line.chain for line in listed(desk).lines}
    assert (lines["v"].kind, lines["v"].title) == ("vehicle", f"Audi Q6 e-tron …{desk.vehicles[0].vin[-8:]}")
    assert (lines["p"].kind, lines["p"].title) == ("partner", "Report, Ring and 1 other")


def test_filters(desk: ChainDesk) -> None:
    """Office, words of the partner's name whatever the accents, of make, model or VIN, who made it, when it ends."""
    first, _ = desk.chain(2)
    garcia = desk.fleet.add_partner("José García")
    second = "b" * 36
    colleague = desk.people(name="A Colleague", locations=[OFFICE, "Miami"])
    miami = desk.fleet.add_vehicle(make="Mazda", model="CX-90", office="Miami")
    desk.fleet.add_loan(miami, garcia, start_day=week(9).start_day, chain_id=second, created_by=colleague.user_id)
    desk.person = colleague
    cases: Sequence[tuple[dict[str, Any], list[str]]] = (
        ({}, [second, first]),
        ({"office": "Miami"}, [second]),
        ({"partner": "garcia jose"}, [second]),
        ({"partner": "nobody"}, []),
        ({"vehicle": "mazda cx"}, [second]),
        ({"vehicle": desk.vehicles[1].vin[-6:].lower()}, [first]),
        ({"maker": colleague.user_id}, [second]),
        ({"maker": 99_999}, []),
        ({"partner": "%"}, []),
        ({"office": OFFICE, "vehicle": "mazda"}, []),
    )
    for given, wanted in cases:
        assert ids(listed(desk, **given)) == wanted, given
    assert ids(listed(desk, week(3).start_day)) == [second]
    assert ids(listed(desk, week(3).start_day, when=When.PAST)) == [first]
    assert ids(listed(desk, week(3).start_day, when=When.ALL)) == [second, first]
    assert ids(listed(desk, week(2).start_day)) == [second, first], "its last loan comes back today"
    assert [name for _, name in listed(desk).makers] == ["A Colleague", "Person 1"]


def test_pages(desk: ChainDesk) -> None:
    """The one saved last comes first; a page that is not there is the last; the queries do not grow with the list."""
    chains = [desk.chain(1, start_week=2 * number)[0] for number in range(PER_PAGE + 2)]
    first, second = listed(desk), listed(desk, page=2)
    assert ids(first) + ids(second) == chains[::-1]
    assert (first.total, first.pages, second.filters.page) == (PER_PAGE + 2, 2, 2)
    assert listed(desk, page=2**31 - 1).filters.page == 2
    assert second.filters.address(1) == "/chains/saved"
    assert ChainFilters(office="Los Angeles", when=When.ALL).address(2) == (
        "/chains/saved?office=Los+Angeles&when=all&page=2"
    )
    with desk.app.app_context():
        with queries_of() as many:
            saved_chains(desk.actor, ChainFilters(), BEFORE)
        with queries_of() as few:
            saved_chains(desk.actor, ChainFilters(page=2), BEFORE)
    assert len(many) == len(few) <= 6


def test_only_what_is_in_scope(desk: ChainDesk) -> None:
    """Neither chains of other offices nor who made them; who may see no loans sees none of it."""
    desk.chain(1)
    elsewhere = desk.people(locations=["Miami"])
    desk.person = elsewhere
    assert (ids(listed(desk)), listed(desk).makers) == ([], ())
    desk.person = desk.people(Role.DRIVER)
    with pytest.raises(Forbidden):
        listed(desk)


@pytest.mark.usefixtures("sqlite_app")
def test_the_page_and_the_part(desk: ChainDesk, site: Site) -> None:
    """A page without scripts, for HTMX the list alone; the address follows on its own page, and nowhere else."""
    chain_id, _ = desk.chain(2)
    whole = site.get("/chains/saved?partner=nobody&when=all")
    assert whole.status_code == 200
    assert "No saved chain fits." in whole.text
    own = site.get("/chains/saved?office=Los+Angeles", page="/chains/saved?when=all")
    assert own.text.lstrip().startswith('<section id="saved-list"')
    assert own.headers["HX-Push-Url"] == "/chains/saved?office=Los+Angeles"
    assert re.search(rf'href="/chains/{chain_id}"', own.text)
    there = site.get("/chains/saved?office=Los+Angeles", page="/chains")
    assert "HX-Push-Url" not in there.headers
    assert f'href="/chains/{chain_id}"' in site.get("/chains").text, "the builder's page lists them too"
    assert site.get("/chains/saved?office=Atlantis").status_code == 404
    for odd in (
        "maker=x&page=-1&when=sometimes",
        "page=99999999999999999999",
        "partner=%00",
        "vehicle=%ff",
        "maker=-1",
    ):
        assert site.get(f"/chains/saved?{odd}").status_code == 200
