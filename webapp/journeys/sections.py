"""The figures over journeys as tables with charts: what the analytics page, its print and its files show. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from webapp.journeys.charts import Chart, Series, bars, lying_bars, stacked_bars
from webapp.journeys.counts import Count, Figures, Use
from webapp.journeys.tables import UNKNOWN, Column, Kind, Section, Value, dollars, share, told

# A chart of names ends here; the table goes on.
MOST_BARS = 20
COUNTS = (Column("Jobs"), Column("Confirmed"), Column("Confirmed share", Kind.SHARE), Column("Taken off"))
MONEY = Column("Booked value", Kind.DOLLARS)
VALUE_NOTE = "An opportunity's value counts once, with its first job."


def tiles(found: Figures) -> list[tuple[str, str]]:
    """The totals, label and words; booked value only where money may be seen."""
    total = found.total
    shown = [
        ("Jobs", f"{total.jobs:,}"),
        ("Confirmed", UNKNOWN if total.confirmed_share is None else share(total.confirmed_share)),
        ("Taken off the board", f"{total.taken_off:,}"),
    ]
    return shown if total.value is None else [*shown, ("Booked value", dollars(total.value))]


def sections(found: Figures) -> list[Section]:
    """All tables, in the order of the page."""
    has_money = found.total.value is not None
    by_day = _counted("days", "Jobs by day", Column("Day", Kind.DAY), found.by_day, has_money)
    return [
        Section(**by_day, charts=_day_charts(found, has_money), note=VALUE_NOTE if has_money else ""),
        Section(**_named("locations", "Jobs by location", "Location", found.by_location, has_money)),
        Section(**_named("types", "Jobs by type", "Type", found.by_type, has_money)),
        Section(**_named("stages", "Jobs by stage", "Stage", _labelled(found.by_stage), has_money)),
        _used("crew", "Crew use", ("Person", "Role"), found.crew, "Nobody was on a crew in these days."),
        _used("trucks", "Truck use", ("Truck", "Location"), found.trucks, "No truck was on a job in these days."),
    ]


def _day_charts(found: Figures, has_money: bool) -> list[tuple[str, Markup]]:
    days = list(found.by_day)
    labels = [f"{day:%m-%d}" for day in days]
    counts = list(found.by_day.values())
    busiest = max(days, key=lambda day: found.by_day[day].jobs)
    chart = Chart(
        "chart-days",
        "Jobs by day",
        f"{found.total.jobs:,} jobs in {len(days)} days; most on {told(Kind.DAY, busiest)}: "
        f"{found.by_day[busiest].jobs:,}. The table has every day.",
        labels,
    )
    drawn = [(chart.title, stacked_bars(chart, _by_confirmed(counts)))]
    if has_money:
        description = f"{dollars(found.total.value or 0)} in all. The table has every day."
        money = Chart("chart-value", "Booked value by day", description, labels, told=_short_dollars)
        drawn.append((money.title, bars(money, [float(count.value or 0) for count in counts])))
    return drawn


def _named(code: str, title: str, label: str, counts: Mapping[str, Count], has_money: bool) -> dict[str, Any]:
    shown = list(counts.items())[:MOST_BARS]
    rest = len(counts) - len(shown)
    description = f"The {len(shown)} with most jobs; the table has {rest} more." if rest else "All are in the table."
    chart = Chart(f"chart-{code}", title, description, [name for name, _ in shown])
    drawn = lying_bars(chart, _by_confirmed([count for _, count in shown]))
    kept = _counted(code, title, Column(label, Kind.TEXT), counts, has_money)
    return {**kept, "charts": [(title, drawn)] if counts else []}


def _counted(code: str, title: str, column: Column, counts: Mapping[Any, Count], has_money: bool) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "columns": (column, *COUNTS, *([MONEY] if has_money else [])),
        "rows": [_row(name, count, has_money) for name, count in counts.items()],
    }


def _row(name: str | date, count: Count, has_money: bool) -> Sequence[Value]:
    counts = (name, count.jobs, count.confirmed, count.confirmed_share, count.taken_off)
    return (*counts, count.value) if has_money else counts


def _by_confirmed(counts: Sequence[Count]) -> list[Series]:
    return [
        Series("Confirmed", [count.confirmed for count in counts]),
        Series("Not confirmed", [count.unconfirmed for count in counts]),
    ]


def _labelled(by_stage: Mapping[Any, Count]) -> dict[str, Count]:
    return {stage.label: count for stage, count in by_stage.items()}


def _used(code: str, title: str, labels: tuple[str, str], uses: Sequence[Use], nothing: str) -> Section:
    shown = uses[:MOST_BARS]
    description = f"The {len(shown)} with most booked hours of {len(uses)}. The table has all."
    hours: Callable[[float], str] = "{:,.1f} h".format
    chart = Chart(f"chart-{code}", title, description, [use.name for use in shown], told=hours)
    drawn = lying_bars(chart, [Series("", [use.minutes / 60 for use in shown])])
    return Section(
        code=code,
        title=title,
        columns=(
            Column(labels[0], Kind.TEXT),
            Column(labels[1], Kind.TEXT),
            Column("Jobs"),
            Column("Booked", Kind.MINUTES),
        ),
        rows=[(use.name, use.of, use.jobs, use.minutes) for use in uses],
        charts=[(title, drawn)] if uses else [],
        note="A job of unknown length counts as two hours.",
        nothing=nothing,
    )


def _short_dollars(amount: float) -> str:
    return f"${amount / 1000:,.0f}k" if amount >= 10_000 else f"${amount:,.0f}"
