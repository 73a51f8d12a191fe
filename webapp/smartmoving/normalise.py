"""Makes a journey's values of what SmartMoving says about a job."""

from collections.abc import Mapping
from typing import Any

from webapp.journeys.source_job import SourceJob
from webapp.smartmoving.schemas import BrokenJob, Detail, DetailJob, SweptJob, SweptOpportunity
from webapp.smartmoving.service_types import type_name


def from_detail(
    detail: Detail, job: DetailJob, location_id: int, own_types: Mapping[int, str], swept: SweptOpportunity | None
) -> SourceJob:
    """A job of a detail, which has a day. What the detail leaves out of the customer, the sweep may know."""
    assert job.day is not None, "a job without a day is on no board"
    return SourceJob(
        job_id=job.job_id,
        opportunity_id=detail.opportunity_id,
        job_number=job.job_number,
        quote_number=detail.quote_number or (swept.quote_number if swept else ""),
        source_status=detail.status,
        fields={
            "scheduled_date": job.day,
            "arrival_start": job.arrival_start,
            "arrival_end": job.arrival_end,
            "service_type": type_name(job.type, own_types),
            "confirmed": job.confirmed,
            "origin_address": job.stops[0] if job.stops else "",
            "destination_address": job.stops[-1] if len(job.stops) > 1 else "",
            "stops": list(job.stops),
            "crew_needed": job.hints.crew,
            "trucks_needed": job.hints.trucks,
            "minutes_needed": job.hints.minutes,
            **_of_opportunity(detail, location_id, swept),
        },
        estimated_value=detail.estimated_value,
        external_data=_kept(detail, job),
    )


def from_broken(
    detail: Detail, broken: BrokenJob, location_id: int, own_types: Mapping[int, str], swept: SweptOpportunity | None
) -> SourceJob | None:
    """A job of which the detail can be read only around it: with what the sweep knows, if it knows its day."""
    known = next((job for job in swept.jobs if job.job_id == broken.job_id), None) if swept else None
    if swept is None or known is None or known.day is None:
        return None
    fields = _of_opportunity(detail, location_id, swept) | _of_swept_job(known, own_types)
    return _partial(swept, known, detail.status, fields, "FAILED", broken.reason)


def from_sweep(
    swept: SweptOpportunity, job: SweptJob, location_id: int | None, own_types: Mapping[int, str], error: str = ""
) -> SourceJob:
    """A job of which only the sweep told so far, or (with `error`) whose detail cannot be read.

    `location_id` None: it is known already, and stays where it is.
    """
    contact = {
        "customer_name": swept.customer_name,
        "customer_phone": swept.customer_phone,
        "customer_email": swept.customer_email,
    }
    fields: dict[str, Any] = {name: text for name, text in contact.items() if text}
    if location_id is not None:
        fields["location_id"] = location_id
    return _partial(
        swept, job, swept.status, fields | _of_swept_job(job, own_types), "FAILED" if error else "PENDING", error
    )


def _of_opportunity(detail: Detail, location_id: int, swept: SweptOpportunity | None) -> dict[str, Any]:
    return {
        "location_id": location_id,
        "customer_name": detail.customer_name or (swept.customer_name if swept else ""),
        "customer_phone": detail.customer_phone or (swept.customer_phone if swept else ""),
        "customer_email": detail.customer_email or (swept.customer_email if swept else ""),
        "move_size": detail.move_size,
    }


def _of_swept_job(job: SweptJob, own_types: Mapping[int, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"scheduled_date": job.day} if job.day else {}
    if job.type is not None:
        fields["service_type"] = type_name(job.type, own_types)
    return fields


def _partial(
    swept: SweptOpportunity, job: SweptJob, status: int, fields: dict[str, Any], sync_status: Any, error: str
) -> SourceJob:
    return SourceJob(
        job_id=job.job_id,
        opportunity_id=swept.opportunity_id,
        job_number=job.job_number,
        quote_number=swept.quote_number,
        source_status=status,
        fields=fields,
        sync_status=sync_status,
        sync_error=error,
        is_partial=True,
    )


def _kept(detail: Detail, job: DetailJob) -> dict[str, Any]:
    """What else is worth keeping: nothing of money, as charges and their texts tell the rate."""
    return {
        "branch": detail.branch_name,
        "branch_phone": detail.branch_phone,
        "lead_status": detail.lead_status,
        "salesperson": detail.salesperson,
        "type": job.type,
        "crew": list(job.crew),
    }
