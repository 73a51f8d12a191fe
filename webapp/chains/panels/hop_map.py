"""The hops of a vehicle chain as a picture: office, partners and the ways between them, drawn as SVG. Pure.

`templates/chains/_map.html` prints a `HopMap` under the name `map`; it may be included with values at hand
(`map_reading.read_map`) or fetched from `/chains/map?draft=` or `?chain=`. North is up, no tiles come from anywhere;
colours are the style sheet's, so that it is read by day and by night. Whoever cannot see it has the list of hops.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

from markupsafe import Markup, escape

from webapp.fleet.distances import EARTH_MILES, Point, miles_told, tenth_miles

# Small, so that numbers are still read where the picture is as wide as a phone.
WIDTH, HEIGHT = 480.0, 310.0
# What keeps marks and their names off the edge.
MARGIN = 34.0
MARK = 9.5
# How far those at one address stand apart.
STEP = 23.0
# A map of one street would suggest distances that do not matter.
LEAST_MILES = 8.0
MILES_PER_DEGREE = EARTH_MILES * pi / 180
# About as wide as a letter of a name is drawn.
LETTER = 5.3
LONGEST_NAME = 24
BAR_WIDTH = 110.0
ROUND = (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)


@dataclass(frozen=True)
class Spot:
    """A place with a name; `point` None: nobody knows where it is.

    `number` is its place in the chain, from 1; `look` how its loan looks on the calendar; `days` are the loan's.
    """

    name: str
    point: Point | None
    number: int = 0
    look: str = ""
    days: str = ""


@dataclass(frozen=True)
class Hop:
    """One way, in words: to whom, when, from where and how far; `miles` is empty where that is not known."""

    number: int
    name: str
    days: str
    origin: str
    miles: str


@dataclass(frozen=True)
class HopMap:
    """The picture, empty where nothing has a place; the hops in words; who is drawn faintly, and who is nowhere."""

    drawing: Markup
    hops: tuple[Hop, ...]
    total: str
    nearby: int
    unplaced: tuple[str, ...]


@dataclass(frozen=True)
class _Box:
    """A rectangle that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    @property
    def is_inside(self) -> bool:
        return self.left >= 2 and self.top >= 2 and self.right <= WIDTH - 2 and self.bottom <= HEIGHT - 2


@dataclass(frozen=True)
class _Frame:
    """From degrees to the picture: the middle of what is shown, and how many units a mile is."""

    middle: Point
    scale: float

    def at(self, point: Point) -> tuple[float, float]:
        latitude, longitude = self.middle
        east = ((point[1] - longitude + 180) % 360 - 180) * cos(radians(latitude)) * MILES_PER_DEGREE
        north = (point[0] - latitude) * MILES_PER_DEGREE
        return WIDTH / 2 + east * self.scale, HEIGHT / 2 - north * self.scale


def draw_map(office: Spot, stops: Sequence[Spot], others: Iterable[Spot] = (), *, reach_miles: float = 50) -> HopMap:
    """The map of a chain: `stops` by number. `others` are drawn where they lie within the picture.

    Without any stop that has a place, it shows the office and whoever is within `reach_miles` of it.
    """
    hops, total = _hops(office, stops)
    unplaced = tuple(dict.fromkeys(stop.name for stop in stops if stop.point is None))
    placed = [stop for stop in stops if stop.point is not None]
    candidates = [other for other in others if other.point is not None]
    points = [spot.point for spot in (office, *placed) if spot.point is not None]
    if not placed and office.point is not None:
        near = [
            one.point for one in candidates if one.point and tenth_miles(office.point, one.point) <= 10 * reach_miles
        ]
        points += near
    if not points:
        return HopMap(Markup(), hops, total, 0, unplaced)
    frame = _frame(points)
    faint = [(one, *frame.at(one.point)) for one in candidates if one.point is not None]
    faint = [(one, x, y) for one, x, y in faint if 8 <= x <= WIDTH - 8 and 8 <= y <= HEIGHT - 30]
    return HopMap(_drawing(frame, office, placed, faint, hops), hops, total, len(faint), unplaced)


def _hops(office: Spot, stops: Sequence[Spot]) -> tuple[tuple[Hop, ...], str]:
    hops, before, whole = [], office, 0
    for stop in stops:
        miles = ""
        if before.point is not None and stop.point is not None:
            tenths = tenth_miles(before.point, stop.point)
            whole += tenths
            miles = miles_told(tenths)
        hops.append(Hop(stop.number, stop.name, stop.days, before.name, miles))
        before = stop
    is_counted = any(hop.miles for hop in hops)
    is_partly = is_counted and not all(hop.miles for hop in hops)
    return tuple(hops), f"{miles_told(whole)} altogether{', as far as it is known' * is_partly}" if is_counted else ""


def _frame(points: Sequence[Point]) -> _Frame:
    """The frame that shows all of them, whichever side of the date line they are on."""
    first = points[0][1]
    latitudes = [point[0] for point in points]
    eastings = [(point[1] - first + 180) % 360 - 180 for point in points]
    middle = (min(latitudes) + max(latitudes)) / 2, first + (min(eastings) + max(eastings)) / 2
    tall = (max(latitudes) - min(latitudes)) * MILES_PER_DEGREE
    wide = (max(eastings) - min(eastings)) * cos(radians(middle[0])) * MILES_PER_DEGREE
    scale = min(
        (WIDTH - 2 * MARGIN) / max(wide, LEAST_MILES),
        (HEIGHT - 2 * MARGIN) / max(tall, LEAST_MILES),
    )
    return _Frame(middle, scale)


def _drawing(
    frame: _Frame,
    office: Spot,
    stops: Sequence[Spot],
    faint: Sequence[tuple[Spot, float, float]],
    hops: Sequence[Hop],
) -> Markup:
    """The picture. Whatever text came from outside is escaped where it is put in."""
    bar = _scale_bar(frame)
    taken = [bar[1]]
    marks = _marks([office, *stops], frame, taken)
    parts = [_dot(one, x, y) for one, x, y in faint]
    parts += [_thread(at, true) for _, at, true in marks]
    parts += _ways(marks, hops, taken)
    parts += [_mark(spot, at) for spot, at, _ in marks]
    parts += [_name(spot, at, taken) for spot, at, _ in marks]
    described = " ".join(_sentence(hop) for hop in hops) or f"{office.name}, and nobody chosen yet."
    return Markup(
        f'<svg class="hop-map" viewBox="0 0 {_n(WIDTH)} {_n(HEIGHT)}" role="img" '
        f'aria-labelledby="hop-map-title hop-map-description"><title id="hop-map-title">Map of the hops</title>'
        f'<desc id="hop-map-description">{escape(described)}</desc>'
        '<defs><marker id="hop-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
        f'<path d="M0 0L8 4L0 8z"/></marker></defs>{"".join(parts)}{bar[0]}</svg>'
    )


Mark = tuple[Spot, tuple[float, float], tuple[float, float]]


def _marks(spots: Sequence[Spot], frame: _Frame, taken: list[_Box]) -> list[Mark]:
    """Where each is drawn, and where it truly is: of those at one address, the later ones stand around it."""
    marks: list[Mark] = []
    for spot in spots:
        if spot.point is None:
            continue
        true = frame.at(spot.point)
        at = next((one for one in _around(true) if _is_free(one, taken)), true)
        taken.append(_box(at))
        marks.append((spot, at, true))
    return marks


def _around(true: tuple[float, float]) -> Iterable[tuple[float, float]]:
    yield true
    for ring in range(1, 6):
        for step in range(8 * ring):
            angle = 2 * pi * step / (8 * ring) - pi / 2
            yield true[0] + STEP * ring * cos(angle), true[1] + STEP * ring * sin(angle)


def _is_free(at: tuple[float, float], taken: Sequence[_Box]) -> bool:
    box = _box(at)
    return box.is_inside and not any(box.meets(other) for other in taken)


def _box(at: tuple[float, float]) -> _Box:
    return _Box(at[0] - MARK - 1, at[1] - MARK - 1, at[0] + MARK + 1, at[1] + MARK + 1)


def _dot(spot: Spot, x: float, y: float) -> str:
    return f'<circle class="other" cx="{_n(x)}" cy="{_n(y)}" r="3"><title>{escape(spot.name)}</title></circle>'


def _thread(at: tuple[float, float], true: tuple[float, float]) -> str:
    """Who stands aside keeps a thread to the place."""
    if at == true:
        return ""
    (x, y), (true_x, true_y) = at, true
    return (
        f'<path class="thread" d="M{_n(true_x)} {_n(true_y)}L{_n(x)} {_n(y)}"/>'
        f'<circle class="place" cx="{_n(true_x)}" cy="{_n(true_y)}" r="2.5"/>'
    )


def _mark(spot: Spot, at: tuple[float, float]) -> str:
    x, y = at
    if not spot.number:
        shape = f'<rect class="office" x="{_n(x - 7.5)}" y="{_n(y - 7.5)}" width="15" height="15" rx="3"/>'
        return f"<g>{shape}<title>{escape(spot.name)}</title></g>"
    return (
        f'<g class="stop {escape(spot.look)}"><circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(MARK)}"/>'
        f'<text x="{_n(x)}" y="{_n(y + 4)}" text-anchor="middle">{spot.number}</text>'
        f"<title>{spot.number}. {escape(spot.name)}</title></g>"
    )


def _ways(marks: Sequence[Mark], hops: Sequence[Hop], taken: list[_Box]) -> list[str]:
    """A line for each hop whose length is known, from mark to mark, with its miles where there is room."""
    drawn = {spot.number: at for spot, at, _ in marks}
    numbers = [0, *(hop.number for hop in hops)]
    parts = []
    for before, hop in zip(numbers, hops, strict=False):
        if not hop.miles or before not in drawn or hop.number not in drawn:
            continue
        (x1, y1), (x2, y2) = drawn[before], drawn[hop.number]
        length = hypot(x2 - x1, y2 - y1)
        if length <= 2 * MARK + 4:
            continue
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        gap = MARK + 3
        line = f"M{_n(x1 + dx * gap)} {_n(y1 + dy * gap)}L{_n(x2 - dx * gap)} {_n(y2 - dy * gap)}"
        parts.append(f'<path class="hop" d="{line}" marker-end="url(#hop-end)"/>')
        parts.append(_miles_label(hop.miles, (x1, y1), (x2, y2), taken))
    return parts


def _miles_label(words: str, one: tuple[float, float], other: tuple[float, float], taken: list[_Box]) -> str:
    wide = len(words) * LETTER / 2
    for x, y in _label_places(one, other, wide):
        box = _Box(x - wide, y - 7, x + wide, y + 7)
        if box.is_inside and not any(box.meets(each) for each in taken):
            taken.append(box)
            return f'<text class="miles" x="{_n(x)}" y="{_n(y + 4)}" text-anchor="middle">{escape(words)}</text>'
    return ""


def _label_places(one: tuple[float, float], other: tuple[float, float], wide: float) -> Iterable[tuple[float, float]]:
    """On the line where most of it stays to be seen, else beside it."""
    way_x, way_y = other[0] - one[0], other[1] - one[1]
    length = hypot(way_x, way_y)
    covered = length * min(2 * wide / max(abs(way_x), 0.1), 14 / max(abs(way_y), 0.1))
    aside = (abs(way_y) * wide + abs(way_x) * 7) / length + 3
    beside = (aside, -aside, aside + MARK, -aside - MARK)
    for shift in (0.0,) if covered <= (length - 2 * MARK) / 2 else beside:
        for part in (0.5, 0.4, 0.6, 0.3, 0.7):
            yield one[0] + way_x * part - way_y / length * shift, one[1] + way_y * part + way_x / length * shift


def _name(spot: Spot, at: tuple[float, float], taken: list[_Box]) -> str:
    """The name beside its mark, on the first side where nothing is; the list has it in any case."""
    words = spot.name if len(spot.name) <= LONGEST_NAME else spot.name[: LONGEST_NAME - 1].rstrip() + "…"
    wide, (x, y) = len(words) * LETTER, at
    sides = (
        ("start", x + MARK + 4, y + 4, x + MARK + 4),
        ("end", x - MARK - 4, y + 4, x - MARK - 4 - wide),
        ("middle", x, y - MARK - 5, x - wide / 2),
        ("middle", x, y + MARK + 12, x - wide / 2),
    )
    for anchor, text_x, text_y, left in sides:
        box = _Box(left, text_y - 10, left + wide, text_y + 3)
        if box.is_inside and not any(box.meets(each) for each in taken):
            taken.append(box)
            return f'<text class="name" x="{_n(text_x)}" y="{_n(text_y)}" text-anchor="{anchor}">{escape(words)}</text>'
    return ""


def _scale_bar(frame: _Frame) -> tuple[str, _Box]:
    miles = next((each for each in ROUND if each * frame.scale <= BAR_WIDTH), ROUND[-1])
    wide, left, foot = miles * frame.scale, 12.0, HEIGHT - 12
    words = "1 mile" if miles == 1 else f"{miles:,} miles"
    drawn = (
        f'<path class="scale" d="M{_n(left)} {_n(foot - 5)}v5h{_n(wide)}v-5"/>'
        f'<text class="scale-words" x="{_n(left + wide + 7)}" y="{_n(foot + 2)}">{words}</text>'
    )
    return drawn, _Box(left - 4, foot - 16, left + wide + 12 + len(words) * LETTER, HEIGHT)


def _sentence(hop: Hop) -> str:
    way = f"{hop.miles} from {hop.origin}" if hop.miles else f"from {hop.origin}, how far is not known"
    return f"{hop.number}. {hop.name}, {way}."


def _n(number: float) -> str:
    """A coordinate: a tenth of a unit is finer than any screen."""
    return f"{number:.1f}".removesuffix(".0")
