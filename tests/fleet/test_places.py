"""Partners and offices get their place once, again when their address changes, and keep what people entered."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import atlas
from tests.rows import Fleet, People
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.errors import Forbidden, InvalidInput, NotFound, Refusal
from webapp.fleet.models import Partner
from webapp.fleet.places import Found, Located, locate, place_office, place_partner
from webapp.fleet.places_text import Wanted

pytestmark = pytest.mark.usefixtures("context")
PASADENA, AUSTIN = "12 Elm St, Pasadena, CA 91101", "Austin, TX"


class Asked(list[Wanted]):
    """What was looked up."""

    def look_up(self, wanted: Sequence[Wanted]) -> list[Found]:
        """Answer, and remember."""
        self.extend(wanted)
        return atlas.look_up(wanted)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Looks addresses up in this process, and tells which."""
    asked = Asked()
    monkeypatch.setattr("webapp.fleet.places.look_up", asked.look_up)
    return asked


def change(partner: Partner, **columns: Any) -> None:
    with writing() as session:
        session.execute(update(Partner).where(Partner.id == partner.id).values(columns))


def placed(partner: Partner) -> tuple[bool, str]:
    """Whether a partner has coordinates, and by what."""
    row = db.session.execute(select(Partner.latitude, Partner.located_by).where(Partner.id == partner.id)).one()
    close_reading()
    return row.latitude is not None, row.located_by


def test_only_what_is_new_or_changed_is_looked_up(fleet: Fleet, asked: Asked) -> None:
    """The second night asks for nothing, the third for the one address that changed."""
    first, second = fleet.add_partner(address=PASADENA), fleet.add_partner(address=AUSTIN)
    nowhere = fleet.add_partner(address="somewhere")
    assert locate(first.company_id) == Located(4, 3, 1, 0)
    assert [placed(one) for one in (first, second, nowhere)] == [(True, "zip"), (True, "city"), (False, "")]
    asked.clear()
    assert locate(first.company_id) == Located(0, 0, 1, 0)
    assert asked == []
    change(first, address="nowhere now")
    assert locate(first.company_id) == Located(1, 0, 2, 0)
    assert placed(first) == (False, "")


def test_what_was_entered_by_hand_stays(fleet: Fleet, people: People, asked: Asked) -> None:
    """Also when FMS brings another address; until the person gives it back to us."""
    partner, scheduler = fleet.add_partner(address="somewhere"), people(Role.SCHEDULER).actor
    place_partner(scheduler, partner.person_id, partner.office, (34.5, -118.5))
    change(partner, address=PASADENA)
    assert locate(partner.company_id).looked_up == 1
    row = db.session.execute(select(Partner.latitude, Partner.longitude, Partner.located_by)).one()
    assert tuple(row) == (34.5, -118.5, "hand")
    close_reading()
    place_partner(scheduler, partner.person_id, partner.office, None)
    locate(partner.company_id)
    assert placed(partner) == (True, "zip")


def test_an_office_can_be_placed_by_hand(fleet: Fleet, people: People) -> None:
    """Where its city is not where it is."""
    fleet.add_vehicle(office="Toronto")
    manager = people(Role.MANAGER, locations=["Toronto"]).actor
    assert locate(manager.company_id).unplaced_offices == 1
    place_office(manager, "Toronto", (43.65, -79.38))
    assert locate(manager.company_id).unplaced_offices == 0
    found = db.session.execute(select(Location.latitude, Location.located_by)).one()
    assert tuple(found) == (43.65, "hand")


@pytest.mark.parametrize(
    ("role", "office", "point", "refusal"),
    [
        (Role.DISPATCHER, "Los Angeles", (34.0, -118.0), Forbidden),
        (Role.SCHEDULER, "Dallas", (34.0, -118.0), NotFound),
        (Role.SCHEDULER, "Los Angeles", (91.0, -118.0), InvalidInput),
        (Role.SCHEDULER, "Los Angeles", (34.0, -181.0), InvalidInput),
        (Role.SCHEDULER, "Los Angeles", (float("nan"), -118.0), InvalidInput),
    ],
)
def test_not_everybody_may_place_everything(
    fleet: Fleet, people: People, role: Role, office: str, point: tuple[float, float], refusal: type[Refusal]
) -> None:
    """Who plans loans there, within the world."""
    partner = fleet.add_partner(address="somewhere", office=office)
    person = people(role, locations=["Los Angeles"])
    with pytest.raises(refusal):
        place_partner(person.actor, partner.person_id, office, point)
    assert placed(partner) == (False, "")


def test_an_address_that_changes_meanwhile_is_looked_up_again(fleet: Fleet) -> None:
    """What was found for the old address is not written beside the new one."""
    partner = fleet.add_partner(address=PASADENA)

    def meanwhile(session: Session) -> None:
        session.execute(update(Partner).values(address=AUSTIN))

    locate(partner.company_id, meanwhile)
    assert placed(partner) == (False, "")
    locate(partner.company_id)
    assert placed(partner) == (True, "city")


def test_a_runner_that_was_replaced_writes_nothing(fleet: Fleet) -> None:
    """`confirm` comes first in the transaction."""
    partner = fleet.add_partner(address=PASADENA)

    def confirm(_: Session) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        locate(partner.company_id, confirm)
    assert placed(partner) == (False, "")
