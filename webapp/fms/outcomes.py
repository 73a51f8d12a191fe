"""What an answer of FMS, or its lack, means: the table that decides between done, failed and unknown."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.fms.schemas import request_id_of, words_of
from webapp.rest import Answer, CallFailed

CHECKING = "FMS did not confirm. Do not send it again: we are checking."
STILL_TRYING = "FMS did not confirm the removal. We keep trying."
UNREACHABLE = "FMS cannot be reached. Nothing was sent."
BUSY = "FMS is busy. Nothing was sent."
NO_ID = "FMS accepted it but sent no id; looking it up."
ABSENT = "FMS does not have this request. Nothing was requested; it is safe to request it again."


class Fate(StrEnum):
    """What is known of a call. `ACCEPTED_WITHOUT_ID` and `UNKNOWN` leave the operation uncertain.

    `APPROVED` is a create that what FMS made of it proves: it had arrived, under a number that is not known.
    `CONFIRMED` and `BY_HAND` are what a person says who looked in FMS; the others rest on FMS's own word.
    """

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    ACCEPTED_WITHOUT_ID = "no_id"
    REFUSED = "fms_refused"
    UNAUTHORIZED = "fms_unauthorized"
    BUSY = "fms_busy"
    NOT_SENT = "fms_unreachable"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    BY_HAND = "by_hand"


SUCCEEDED = frozenset({Fate.ACCEPTED, Fate.CONFIRMED, Fate.APPROVED})
FAILED = frozenset({Fate.REFUSED, Fate.UNAUTHORIZED, Fate.BUSY, Fate.NOT_SENT, Fate.ABSENT, Fate.BY_HAND})


@dataclass(frozen=True)
class Outcome:
    """The fate of a call, the sentence for the person, and what FMS literally answered."""

    fate: Fate
    sentence: str
    request_id: int | None = None
    http_status: int | None = None
    answer: str = ""

    @property
    def says_it_is_there(self) -> bool:
        """Whether FMS, asked to remove a request, looked at that very request and declined."""
        return self.http_status in {409, 422}


def of_create(answer: Answer) -> Outcome:
    """What an answer to a create means (fms.md, section 3)."""
    text = answer.text()
    if 200 <= answer.status < 300:
        try:
            body = answer.json()
        except ValueError:
            return Outcome(Fate.UNKNOWN, CHECKING, http_status=answer.status, answer=text)
        number = request_id_of(body)
        if number is None:
            return Outcome(Fate.ACCEPTED_WITHOUT_ID, NO_ID, http_status=answer.status, answer=text)
        return Outcome(Fate.ACCEPTED, f"Requested in FMS (#{number})", number, answer.status, text)
    if 400 <= answer.status < 500:
        return _refused(answer)
    return Outcome(Fate.UNKNOWN, CHECKING, http_status=answer.status, answer=text)


def of_delete(answer: Answer) -> Outcome:
    """What an answer to a delete means: 404 says that it is gone already, which is what was wanted."""
    if answer.status in {204, 404} or (answer.status == 200 and not _is_page(answer)):
        return Outcome(Fate.ACCEPTED, "Removed from FMS", http_status=answer.status, answer=answer.text())
    if 400 <= answer.status < 500:
        return _refused(answer)
    return Outcome(Fate.UNKNOWN, STILL_TRYING, http_status=answer.status, answer=answer.text())


def of_failure(failure: CallFailed, unknown: str) -> Outcome:
    """What a call without an answer means; `unknown` is the sentence where it may have arrived."""
    if not failure.was_sent:
        return Outcome(Fate.NOT_SENT, UNREACHABLE, answer=failure.reason)
    return Outcome(Fate.UNKNOWN, unknown, answer=failure.reason)


def unconfirmed(outcome: Outcome) -> Outcome:
    """A removal of which an earlier try may have arrived, whatever `outcome` says of the last one."""
    return Outcome(Fate.UNKNOWN, STILL_TRYING, http_status=outcome.http_status, answer=outcome.answer)


def _is_page(answer: Answer) -> bool:
    """Whether a page for people came, as of a server under maintenance, which has done nothing."""
    if not answer.body.strip():
        return False
    try:
        answer.json()
    except ValueError:
        return answer.is_whole
    return False


def _refused(answer: Answer) -> Outcome:
    text = answer.text()
    words = words_of(text)
    if answer.status == 401:
        said = f"FMS says: {words}. " if words else ""
        sentence = f"{said}FMS refuses our token; tell an administrator."
        return Outcome(Fate.UNAUTHORIZED, sentence, http_status=401, answer=text)
    if answer.status == 429:
        return Outcome(Fate.BUSY, BUSY, http_status=429, answer=text)
    sentence = f"FMS refused it: {words}" if words else f"FMS refused it without a reason (status {answer.status})."
    return Outcome(Fate.REFUSED, sentence, http_status=answer.status, answer=text)
