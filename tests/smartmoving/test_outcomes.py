"""What is written after an answer: values of journeys, what goes off, what is remembered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.smartmoving.test_schemas import DETAIL
from webapp.smartmoving import outcomes
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.outcomes import Around, JobOfOurs
from webapp.smartmoving.plan import ABSENT, DISAGREES, Known
from webapp.smartmoving.schemas import SweptJob, SweptOpportunity, read_detail
from webapp.smartmoving.service_types import type_name
from webapp.smartmoving.window import Window

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SWEPT = SweptOpportunity("o1", "20401", 4, (SweptJob("j1", "20401-1", TODAY, 1),), "Ann Lee", "(555) 555-0100", "")
HERE, ELSEWHERE = 7, 9
LOST = SmartMovingFailed(kind=Kind.LOST, sentence="SmartMoving did not answer in time.")
GONE = SmartMovingFailed(kind=Kind.GONE, sentence="SmartMoving no longer has it.")


def around(
    ours: tuple[JobOfOurs, ...] = (), swept: SweptOpportunity | None = SWEPT, remembered: Known | None = None
) -> Around:
    """What is known beside an answer."""
    return Around(Window(TODAY, TODAY + timedelta(days=1)), NOW, {101: "Piano"}, ELSEWHERE, swept, remembered, ours)


def detail(**changes: Any) -> Any:
    """The detail with another job."""
    return read_detail(DETAIL | {"jobs": [DETAIL["jobs"][0] | changes]}, "o1")


@pytest.mark.parametrize(
    ("stops", "ends"),
    [
        ([], ("", "")),
        (["A"], ("A", "")),
        (["A", "B"], ("A", "B")),
        (["A", "B", "C", "D"], ("A", "D")),
        (None, ("", "")),
    ],
)
def test_origin_first_destination_last(stops: list[str] | None, ends: tuple[str, str]) -> None:
    """One address is an origin alone; the list is kept whole."""
    (job,) = outcomes.of_detail(detail(jobAddresses=stops), around(), HERE).jobs
    assert (job.fields["origin_address"], job.fields["destination_address"]) == ends
    assert job.fields["stops"] == (stops or [])


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "Moving"), (12, "Labour only"), (101, "Piano"), (117, "Type 117"), (2, "Type 2"), (None, "")],
)
def test_names_of_kinds_of_job(number: int | None, name: str) -> None:
    """The company's own words, else the usual, else the number."""
    assert type_name(number, {101: "Piano"}) == name


def test_a_branch_that_is_none_of_ours() -> None:
    """The job goes elsewhere, as told."""
    (job,) = outcomes.of_detail(detail(), around(), None).jobs
    assert job.fields["location_id"] == ELSEWHERE


def test_only_jobs_of_the_window_become_journeys() -> None:
    """One months away does not, unless it is ours: then it moves there."""
    far = detail(jobDate=20270301)
    assert outcomes.of_detail(far, around(), HERE).jobs == ()
    (moved,) = outcomes.of_detail(far, around((JobOfOurs("j1", True),)), HERE).jobs
    assert moved.fields["scheduled_date"] == date(2027, 3, 1)


def test_jobs_that_are_not_there_any_more_go_off() -> None:
    """Taken out, or without a day; not while a job has lost its id, and not what is off already."""
    ours = (JobOfOurs("j1", True), JobOfOurs("j2", True), JobOfOurs("j3", False))
    assert outcomes.of_detail(detail(), around(ours), HERE).off == {"j2": outcomes.TAKEN_OUT}
    assert outcomes.of_detail(detail(jobDate=None), around(ours), HERE).off == {
        "j1": outcomes.NO_DAY,
        "j2": outcomes.TAKEN_OUT,
    }
    assert outcomes.of_detail(detail(id=None), around(ours), HERE).off == {}


def test_what_disagrees_is_read_again() -> None:
    """The sweep has another day than the detail: at once, then as time goes by; the sweep's fingerprint is kept."""
    other = detail(jobDate=20261123)
    first = outcomes.of_detail(other, around(), HERE).known
    assert first is not None
    assert (first.problem, first.detail_at, first.fingerprint) == (DISAGREES, None, SWEPT.fingerprint)
    second = outcomes.of_detail(other, around(remembered=first), HERE).known
    assert second is not None
    assert (second.problem, second.detail_at) == (DISAGREES, NOW)
    third = outcomes.of_detail(detail(), around(remembered=second), HERE).known
    assert third is not None
    assert (third.problem, third.detail_at) == ("", NOW)


def test_what_the_sweep_left_out_and_the_detail_has() -> None:
    """It stays, remembered as absent; one that has moved away is remembered as it is."""
    ours = (JobOfOurs("j1", True),)
    stays = outcomes.of_detail(detail(), around(ours, None), HERE)
    assert (stays.off, stays.known and stays.known.fingerprint) == ({}, ABSENT)
    moved = outcomes.of_detail(detail(jobDate=20270301), around(ours, None), HERE)
    assert moved.known is not None
    assert moved.known.fingerprint != ABSENT
    assert moved.known.last_day == date(2027, 3, 1)


def test_a_detail_that_did_not_come() -> None:
    """By the sweep's word, marked with the reason; nothing goes off."""
    reading = outcomes.of_failure("o1", LOST, around())
    (job,) = reading.jobs
    assert (job.sync_status, job.sync_error, job.fields["location_id"]) == ("FAILED", LOST.sentence, ELSEWHERE)
    assert [(broken.job_id, broken.job_number) for broken in reading.broken] == [("j1", "20401-1")]
    assert reading.off == {}
    again = outcomes.of_failure("o1", LOST, around((JobOfOurs("j1", True),)))
    assert "location_id" not in again.jobs[0].fields
    missing = outcomes.of_failure("o1", LOST, around((JobOfOurs("j1", True),), None))
    assert (missing.jobs, missing.off, [one.job_id for one in missing.broken]) == ((), {}, ["j1"])


def test_what_is_gone_goes_off() -> None:
    """With its reason, whether the sweep has it or not; what a sweep lists as booked has failed besides."""
    for swept, count in ((SWEPT, 1), (replace(SWEPT, status=20), 0), (None, 0)):
        reading = outcomes.of_failure("o1", GONE, around((JobOfOurs("j1", True),), swept))
        assert (reading.jobs, reading.off, len(reading.broken)) == ((), {"j1": outcomes.GONE}, count)
