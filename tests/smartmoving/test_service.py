"""The use cases around a run: health, budget, reports, and a key that is nowhere."""

import json
import logging
from dataclasses import replace
from datetime import date, timedelta

import pytest
import structlog
import time_machine
from sqlalchemy import Text, cast, select

from tests.smartmoving.desk import Desk
from webapp.db import Base, db
from webapp.journeys.models import JourneyEvent, TruckJourney
from webapp.smartmoving import queries, service
from webapp.smartmoving.report import DayCounts, Failure, Report


def test_health_is_asked_once_a_minute(desk: Desk) -> None:
    """Good, bad, and what was said a moment ago; each question counts as a call."""
    with desk.inside():
        first = service.probe(desk.company_id)
        assert (first.is_good, service.probe(desk.company_id)) == (True, first)
    desk.moment += timedelta(minutes=1)
    desk.sandbox.fault("smartmoving:any", "unauthorized", times=None)
    with desk.inside():
        second = service.probe(desk.company_id)
    assert (second.is_good, "SMARTMOVING_API_KEY" in second.text) == (False, True)
    assert desk.calls() == ["probe", "probe"]


def test_a_monitor_does_not_use_the_month_up(desk: Desk) -> None:
    """Asked every minute of four hours, SmartMoving is asked sixty times and then four times an hour."""
    with desk.app.app_context(), time_machine.travel(desk.moment, tick=False) as travel:
        for _ in range(4 * 60):
            assert service.probe(desk.company_id).is_good
            travel.shift(timedelta(minutes=1))
    assert len(desk.calls()) == service.PROBES_A_DAY + 3 * 4


def test_a_health_question_does_not_wait_for_the_pace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run uses the minute up, the last answer is given instead."""
    settings = desk.app.extensions["settings"].model_copy(update={"smartmoving_calls_per_minute": 1})
    monkeypatch.setitem(desk.app.extensions, "settings", settings)
    with desk.inside():
        service.probe(desk.company_id)
    desk.moment += timedelta(seconds=30)
    with desk.inside():
        assert service.probe(desk.company_id).is_good
    assert desk.calls() == ["probe"]


def test_the_budget_counts_every_call(desk: Desk) -> None:
    """By outcome, kind and day, without gaps; as many as SmartMoving counts itself."""
    desk.sandbox.fault("smartmoving:customers", "error")
    report = desk.sync()
    desk.moment += timedelta(days=2)
    desk.sync()
    with desk.inside():
        budget = queries.budget(desk.company_id)
    there = desk.sandbox.smartmoving_state()
    assert budget.calls == there["month"] == len(desk.calls()) == sum(budget.by_outcome.values())
    assert budget.by_outcome["error"] == 1
    assert budget.left == 20_000 - budget.calls
    assert (budget.month, budget.by_day[0].day, budget.by_day[-1].day) == (
        date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 21),
    )  # fmt: skip
    assert [one.calls for one in budget.by_day if one.calls] == [report.calls, budget.today]
    assert len(budget.by_day) == 21


def test_a_report_survives_being_kept() -> None:
    """As JSON and back; an older one lacks what it did not know."""
    report = Report(
        is_complete=True,
        first_day=date(2026, 11, 22),
        last_day=date(2026, 11, 23),
        calls=7,
        today=DayCounts(3, 2, 1, 0),
        errors=("Sentence.",),
        failures=(Failure("o", "1-1", "Why."),),
    )
    kept = json.loads(json.dumps(report.as_json()))
    assert Report.from_json(kept) == report
    assert Report.from_json({"calls": 3}) == Report(calls=3)
    long = replace(report, errors=tuple(map(str, range(80))), failures=(Failure("o", "", ""),) * 300)
    assert [len(long.as_json()[name]) for name in ("errors", "failures")] == [50, 100]


def test_the_days_of_a_report_are_the_locations_own(desk: Desk) -> None:
    """Today and tomorrow add up to what was looked at, while it is one day everywhere."""
    report = desk.sync()
    assert report.today.processed + report.tomorrow.processed == report.processed == report.created
    assert report.today.created == sum(
        journey.scheduled_date == desk.day for journey in desk.journeys(TruckJourney.data_source == "SMARTMOVING")
    )


def test_the_key_is_in_no_table_and_no_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever SmartMoving answers, even our key itself: no text of any row and no line of any log holds it."""
    key = desk.sandbox.smartmoving_key
    desk.sync()
    lines: list[str] = []
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        for fault in ("unauthorized", "quota", "busy", "error", "html", "not_found"):
            desk.sandbox.add_customer(desk.day)
            text = f"Your key {key} is no good. Try again in 1 seconds."
            desk.sandbox.fault("smartmoving:opportunity", fault, text=text, times=3)
            desk.sync(is_forced=True)
            desk.sandbox.clear()
            with desk.inside():
                service.probe(desk.company_id)
    lines += [json.dumps(event, default=str) for event in events]
    assert key not in "\n".join([*lines, caplog.text])
    with desk.app.app_context():
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                found = db.session.scalars(select(cast(column, Text)).where(cast(column, Text).contains(key)))
                assert found.all() == [], f"{table.name}.{column.name}"


def test_history_tells_no_money(desk: Desk) -> None:
    """Another estimate changes the value, and no sentence of history names it."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sync()
    job_id = one["jobs"][0]["id"]
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    desk.sandbox.change_opportunity(one["id"], estimated_total="4321.99", jobs=[{"id": job_id, "date": tomorrow}])
    desk.sync()
    journey = desk.journey(job_id)
    assert f"{journey.estimated_value:.2f}" == "4321.99"
    with desk.app.app_context():
        events = db.session.scalars(
            select(JourneyEvent).where(JourneyEvent.journey_id == journey.id).order_by(JourneyEvent.id)
        ).all()
        told = [f"{event.text} {json.dumps(event.details)}" for event in events]
    assert not any("4321" in text or "$" in text or "estimated_value" in text for text in told)
    assert "SmartMoving moved it from 11-19-26 to 11-20-26." in told[-1]
    assert "$" not in json.dumps(journey.external_data)
