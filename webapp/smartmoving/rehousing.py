"""Finds the branch of jobs that had none we knew, once branches were read again: no detail has to be read for that."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.journeys.models import TruckJourney
from webapp.journeys.source_job import SourceJob
from webapp.journeys.words import TENTATIVE
from webapp.smartmoving.branch_names import Branches


def rehoused(session: Session, company_id: int, elsewhere: int, known: Branches, first: date) -> list[SourceJob]:
    """The jobs from `first` on that stand `elsewhere` though their branch is known now, with their location."""
    rows = session.execute(
        select(
            TruckJourney.job_id,
            TruckJourney.opportunity_id,
            TruckJourney.source_status,
            TruckJourney.external_data,
            TruckJourney.source,
        ).where(
            TruckJourney.company_id == company_id,
            TruckJourney.location_id == elsewhere,
            TruckJourney.scheduled_date >= first,
            TruckJourney.external_data.is_not(None),
            # What was taken off stays off: only a sweep or a detail brings a job back.
            or_(TruckJourney.on_board, TruckJourney.off_reason == TENTATIVE),
        )
    ).all()
    found = []
    for job_id, opportunity_id, status, data, source in rows:
        place = known.match(
            (data or {}).get("branch", ""), (data or {}).get("branch_phone", ""), source.get("stops", [])
        )
        if place is not None and source.get("location_id") == elsewhere and status is not None:
            found.append(
                SourceJob(
                    job_id,
                    opportunity_id,
                    "",
                    "",
                    status,
                    {"location_id": place},
                    sync_status="PENDING",
                    is_partial=True,
                )
            )
    return found
