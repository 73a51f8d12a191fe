"""What other rooms ask about SmartMoving: the call budget, where a company stands, its branches."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, literal, select, union_all

from webapp import clock
from webapp.accounts.models import Location
from webapp.db import Instant, db
from webapp.journeys.models import DataSource
from webapp.settings import Settings
from webapp.smartmoving import ledger, zones
from webapp.smartmoving.branches import UNASSIGNED_ID
from webapp.smartmoving.models import RegionZone, ServiceType, SmartMovingCall
from webapp.smartmoving.plan import DAILY_TARGET
from webapp.smartmoving.standing import state_of


@dataclass(frozen=True)
class DayOfCalls:
    """The calls of one day of the desk's zone."""

    day: date
    calls: int


@dataclass(frozen=True)
class Budget:
    """The month's calls: what was made and what is left, by outcome and day.

    `month` is its first day, in UTC, as the cap counts. `by_outcome` names `ok`, `gone`, `error`, `lost`,
    `throttled`, `quota`, `unauthorized`, `unreadable`, and `unknown` for calls whose process died. `by_day` has
    every day from the month's first to today, without gaps.
    """

    month: date
    calls: int
    cap: int
    per_minute: int
    today: int
    daily_target: int
    by_outcome: Mapping[str, int] = field(default_factory=dict)
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_day: tuple[DayOfCalls, ...] = ()

    @property
    def left(self) -> int:
        """Calls that may still be made this month."""
        return max(0, self.cap - self.calls)


@dataclass(frozen=True)
class Standing:
    """Where a company stands. `hold_until` None: runs go on; else scheduled ones wait, for `hold_reason`."""

    is_configured: bool
    hold_until: datetime | None
    hold_reason: str
    branches: int
    branches_at: datetime | None
    service_types: int
    probed_at: datetime | None
    probe_is_good: bool | None
    probe_text: str


@dataclass(frozen=True)
class BranchPlace:
    """A branch as a location of ours. `name_there` is its name there; `timezone_by` is `hand`, `region` or empty."""

    location_id: int
    branch_id: str
    name: str
    name_there: str
    phone: str
    region: str
    timezone: str | None
    timezone_by: str
    latitude: float | None
    longitude: float | None
    is_listed: bool
    is_unassigned: bool
    last_sync_at: datetime | None


@dataclass(frozen=True)
class Region:
    """A state or province: its packaged zone, and the company's own if it set one."""

    code: str
    name: str
    packaged: str
    own: str


def budget(company_id: int) -> Budget:
    """The calls of this month."""
    settings, moment = _settings(), clock.now()
    start = ledger.month_of(moment)
    today = moment.astimezone(settings.zone).date()
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    days: Counter[date] = Counter()
    for day, outcome, kind, calls in _calls_by_day(company_id, start, today, settings.zone):
        outcomes[outcome or "unknown"] += calls
        kinds[kind] += calls
        days[day] += calls
    # Where the desk's month began before or after UTC's.
    first = min([start.date(), *days])
    return Budget(
        month=start.date(),
        calls=sum(outcomes.values()),
        cap=settings.smartmoving_monthly_calls,
        per_minute=settings.smartmoving_calls_per_minute,
        today=days[today],
        daily_target=DAILY_TARGET,
        by_outcome=dict(sorted(outcomes.items())),
        by_kind=dict(sorted(kinds.items())),
        by_day=tuple(
            DayOfCalls(day, days[day])
            for day in (first + timedelta(number) for number in range((max([today, *days]) - first).days + 1))
        ),
    )


def _calls_by_day(company_id: int, start: datetime, today: date, zone: tzinfo) -> Iterator[tuple[date, str, str, int]]:
    """Calls since `start` by day of `zone`, outcome and kind, counted where they are: a month has thousands."""
    first = start.astimezone(zone).date()
    # The pace may let a call go a little after midnight: tomorrow's are counted, too.
    days = [first + timedelta(number) for number in range((today - first).days + 2)]
    bounds = [max(start, datetime.combine(day, time(), zone)) for day in [*days, days[-1] + timedelta(1)]]
    spans = union_all(
        *(
            select(
                literal(number).label("number"),
                literal(begins, Instant).label("begins"),
                literal(ends, Instant).label("ends"),
            )
            for number, (begins, ends) in enumerate(pairwise(bounds))
        )
    ).subquery()
    rows = db.session.execute(
        select(spans.c.number, SmartMovingCall.outcome, SmartMovingCall.kind, func.count())
        .join(
            SmartMovingCall,
            and_(SmartMovingCall.called_at >= spans.c.begins, SmartMovingCall.called_at < spans.c.ends),
        )
        .where(SmartMovingCall.company_id == company_id)
        .group_by(spans.c.number, SmartMovingCall.outcome, SmartMovingCall.kind)
    )
    for number, outcome, kind, calls in rows:
        yield days[number], outcome, kind, calls


def standing(company_id: int) -> Standing:
    """Where the company stands with SmartMoving."""
    state = state_of(company_id)
    is_held = state.is_held(clock.now())
    return Standing(
        is_configured=bool(_settings().smartmoving_api_key.get_secret_value()),
        hold_until=state.hold_until if is_held else None,
        hold_reason=state.hold_reason if is_held else "",
        branches=db.session.scalar(select(func.count()).select_from(Location).where(*_ours(company_id))) or 0,
        branches_at=state.branches_at,
        service_types=db.session.scalar(
            select(func.count()).select_from(ServiceType).where(ServiceType.company_id == company_id)
        )
        or 0,
        probed_at=state.probed_at,
        probe_is_good=state.probe_is_good,
        probe_text=state.probe_text,
    )


def branches(company_id: int) -> list[BranchPlace]:
    """The locations that are SmartMoving's branches, by name; `Unassigned` among them once there is one."""
    rows = db.session.scalars(
        select(Location)
        .where(Location.company_id == company_id, Location.data_source == DataSource.SMARTMOVING)
        .order_by(Location.name)
    )
    return [_place(row) for row in rows]


def regions(company_id: int) -> list[Region]:
    """Every state and province, by code."""
    rows = db.session.execute(select(RegionZone.region, RegionZone.timezone).where(RegionZone.company_id == company_id))
    own = dict(rows.all())
    return [Region(code, name, zone, own.get(code, "")) for code, (name, zone) in zones.regions().items()]


def _place(row: Location) -> BranchPlace:
    data = row.external_data or {}
    return BranchPlace(
        location_id=row.id,
        branch_id=row.external_id or "",
        name=row.name,
        name_there=data.get("name", ""),
        phone=data.get("phone", ""),
        region=row.region,
        timezone=row.timezone,
        timezone_by=row.timezone_by,
        latitude=row.latitude,
        longitude=row.longitude,
        is_listed=bool(data.get("is_listed")),
        is_unassigned=row.external_id == UNASSIGNED_ID,
        last_sync_at=row.last_sync_at,
    )


def _ours(company_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Location.company_id == company_id,
        Location.data_source == DataSource.SMARTMOVING,
        Location.external_id != UNASSIGNED_ID,
    )


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
