"""Reading a month of a chain's timeline: the chain, and of what surrounds it only that month."""

from datetime import date

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.queries import zone_of
from webapp.calendar.panels.stay_reading import of_partner, of_vehicle
from webapp.calendar.panels.stays import Stay
from webapp.chains.panels.chain_picture import Picture
from webapp.chains.panels.timeline import Timeline, draw_timeline, month_of, window_of
from webapp.chains.panels.tracks import tracks_of

PAGE = "/chains/timeline"


def read_timeline(actor: Actor, picture: Picture, month: date | None = None) -> Timeline:
    """The timeline of the chain in the month of that day; None: where the chain is."""
    today = clock.today(zone_of(actor.company_id, picture.office))
    days = [(piece.start_day, piece.end_day) for piece in picture.pieces]
    wanted = month or month_of(days, today)
    tracks = tracks_of(picture, _around(actor, picture, today, wanted))
    return draw_timeline(tracks, wanted, today, f"{PAGE}?{picture.address}")


def _around(actor: Actor, picture: Picture, today: date, month: date) -> tuple[Stay, ...]:
    window = window_of(month)
    days = (window.first, window.last)
    if picture.is_of_partner and picture.person_id is not None:
        return of_partner(actor, picture.person_id, today, days)
    return of_vehicle(actor, picture.vin, today, days) if picture.vin else ()
