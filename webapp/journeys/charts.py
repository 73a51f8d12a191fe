"""Charts as SVG: bars, stacked bars and a line, drawn from numbers alone, readable without colour. Pure.

Colours come from the style sheet (`tone-1` ...); each series also has a pattern of its own, and values are
written out where there is room, so that a black and white print says the same. Sizes are units of the view box.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 230
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 18, 34
TICKS = 4
# About as wide as a digit of the labels is drawn.
SIGN = 6.2
# What lies over each series' tone: nothing, lines, dots, crosses, so that neighbours in a stack differ in print.
PATTERNS = (
    "",
    "M0 6L6 0M-1 1L1 -1M5 7L7 5",
    "M2 3h2",
    "M0 3h6M3 0v6",
    "M0 0L6 6M-1 5L1 7M5 -1L7 1",
    "M0 3h6",
)


@dataclass(frozen=True)
class Series:
    """One row of numbers, one per label; None where nothing is known."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """What a chart is called, what it says to who cannot see it, and what stands along its foot.

    `id` is unique on the page; `told` writes a value.
    """

    id: str
    title: str
    description: str
    labels: Sequence[str]
    told: Callable[[float], str] = "{:,.0f}".format


def stacked_bars(chart: Chart, series: Sequence[Series]) -> Markup:
    """Upright bars, the series of each label on top of one another; the sum is written above."""
    sums = [sum(each.values[place] or 0 for each in series) for place in range(len(chart.labels))]
    scale = _Scale(max(sums, default=0), len(chart.labels))
    parts = [_grid(chart, scale)]
    for place, total in enumerate(sums):
        parts.append(_stack(chart, series, scale, place))
        words = chart.told(total)
        if total and len(words) * SIGN <= scale.step:
            parts.append(_text(scale.middle(place), scale.y(total) - 4, words, "middle", "value"))
    return _whole(chart, [each.name for each in series], parts)


def bars(chart: Chart, values: Sequence[float | None]) -> Markup:
    """Upright bars of one series."""
    return stacked_bars(chart, [Series("", values)])


def line(chart: Chart, series: Sequence[Series]) -> Markup:
    """A line for each series with a mark at every value; a gap where nothing is known."""
    scale = _Scale(max((value or 0 for each in series for value in each.values), default=0), len(chart.labels))
    parts = [_grid(chart, scale)]
    for number, each in enumerate(series, 1):
        path, is_drawing = "", False
        for place, value in enumerate(each.values):
            if value is None:
                is_drawing = False
                continue
            path += f"{'L' if is_drawing else 'M'}{_n(scale.middle(place))} {_n(scale.y(value))}"
            is_drawing = True
            said = f"{chart.labels[place]}{_of(each)}: {chart.told(value)}"
            parts.append(_mark(number, scale.middle(place), scale.y(value), said))
        parts.append(f'<path class="stroke-{number}" d="{path}"/>')
    return _whole(chart, [each.name for each in series], parts)


def lying_bars(chart: Chart, series: Sequence[Series]) -> Markup:
    """Lying bars, one row per label, stacked; for names, of which there may be many."""
    sums = [sum(each.values[place] or 0 for each in series) for place in range(len(chart.labels))]
    longest = max(sums, default=0) or 1
    names, row = 190, 22
    room = WIDTH - names - 8 - SIGN * max((len(chart.told(total)) for total in sums), default=0)
    parts = []
    for place, label in enumerate(chart.labels):
        y, x = place * row + 4, float(names)
        parts.append(_text(names - 8, y + 12, _cut(label, 28), "end", "name"))
        for number, each in enumerate(series, 1):
            value = each.values[place] or 0
            width = room * value / longest
            if value:
                parts.append(_rect(chart, number, x, y, width, row - 6, f"{label}{_of(each)}: {chart.told(value)}"))
            x += width
        parts.append(_text(x + 5, y + 12, chart.told(sums[place]), "start", "value"))
    return _whole(chart, [each.name for each in series], parts, len(chart.labels) * row + 8)


class _Scale:
    """Where values and labels come to lie in an upright chart."""

    def __init__(self, largest: float, count: int) -> None:
        self.top = _round_up(largest)
        self.step = (WIDTH - LEFT - RIGHT) / max(count, 1)

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)

    def middle(self, place: int) -> float:
        return LEFT + self.step * (place + 0.5)


def _round_up(largest: float) -> float:
    """The end of the axis: a round number whose quarters are whole."""
    for small in (4, 8, 12):
        if largest <= small:
            return small
    power = 10.0 ** floor(log10(largest))
    return next(power * factor for factor in (1, 1.2, 2, 4, 6, 8, 10) if power * factor >= largest)


def _grid(chart: Chart, scale: _Scale) -> str:
    parts = []
    for tick in range(TICKS + 1):
        value = scale.top * tick / TICKS
        y = scale.y(value)
        parts.append(f'<path class="grid" d="M{LEFT} {_n(y)}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 6, y + 4, chart.told(value), "end", "tick"))
    # As many labels as fit side by side.
    widest = max((len(label) for label in chart.labels), default=1) * SIGN + 8
    every = max(1, -int(-widest // scale.step))
    for place in range(0, len(chart.labels), every):
        parts.append(_text(scale.middle(place), HEIGHT - BOTTOM + 16, chart.labels[place], "middle", "tick"))
    return "".join(parts)


def _stack(chart: Chart, series: Sequence[Series], scale: _Scale, place: int) -> str:
    parts, base = [], 0.0
    width = max(scale.step * 0.72, 1)
    for number, each in enumerate(series, 1):
        value = each.values[place] or 0
        if value:
            top, foot = scale.y(base + value), scale.y(base)
            said = f"{chart.labels[place]}{_of(each)}: {chart.told(value)}"
            parts.append(_rect(chart, number, scale.middle(place) - width / 2, top, width, foot - top, said))
        base += value
    return "".join(parts)


def _rect(chart: Chart, number: int, x: float, y: float, width: float, height: float, said: str) -> str:
    return (
        f'<rect class="edge-{number}" fill="url(#{chart.id}-{number})" x="{_n(x)}" y="{_n(y)}" '
        f'width="{_n(width)}" height="{_n(height)}"><title>{escape(said)}</title></rect>'
    )


def _mark(number: int, x: float, y: float, said: str) -> str:
    # Round, square, and a diamond: lines are told apart without colour, too.
    shape = {
        1: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",
        2: "M-3 -3h6v6h-6z",
    }.get(number, "M0 -4L4 0L0 4L-4 0z")
    return (
        f'<path class="mark-{number}" transform="translate({_n(x)} {_n(y)})" d="{shape}">'
        f"<title>{escape(said)}</title></path>"
    )


def _text(x: float, y: float, words: str, anchor: str, kind: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def _whole(chart: Chart, names: Sequence[str], parts: Sequence[str], height: float = HEIGHT) -> Markup:
    """The drawing. Whatever text came from outside was escaped where it was put in."""
    named = [name for name in names if name]
    foot = 26 if len(named) > 1 else 0
    patterns = "".join(_pattern(chart.id, number) for number in range(1, max(len(names), 1) + 1))
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {_n(height + foot)}" role="img" '
        f'aria-labelledby="{chart.id}-title {chart.id}-description">'
        f'<title id="{chart.id}-title">{escape(chart.title)}</title>'
        f'<desc id="{chart.id}-description">{escape(chart.description)}</desc><defs>{patterns}</defs>'
        f"{''.join(parts)}{_legend(chart, named, height) if foot else ''}</svg>"
    )


def _legend(chart: Chart, names: Sequence[str], y: float) -> str:
    parts, x = [], float(LEFT)
    for number, name in enumerate(names, 1):
        parts.append(_rect(chart, number, x, y + 4, 14, 12, name))
        parts.append(_text(x + 20, y + 14, name, "start", "name"))
        x += 40 + SIGN * len(name)
    return "".join(parts)


def _pattern(chart_id: str, number: int) -> str:
    lines = PATTERNS[(number - 1) % len(PATTERNS)]
    return (
        f'<pattern id="{chart_id}-{number}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect class="tone-{number}" width="6" height="6"/><path class="hatch-{number}" d="{lines}"/></pattern>'
    )


def _of(series: Series) -> str:
    return f", {series.name}" if series.name else ""


def _cut(label: str, length: int) -> str:
    return label if len(label) <= length else label[: length - 1].rstrip() + "…"


def _n(number: float) -> str:
    """A coordinate: a tenth of a unit is finer than any screen."""
    return f"{number:.1f}".removesuffix(".0")
