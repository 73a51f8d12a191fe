"""What FMS may answer, shape by shape: numbers, words and lists, and nothing that breaks the reader."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.fms.outcomes import Fate, of_create, of_delete, of_failure
from webapp.fms.schemas import (
    LARGEST_NUMBER,
    SENTENCE,
    VehicleRequest,
    fms_date,
    read_look_up,
    request_id_of,
    words_of,
)
from webapp.rest import Answer, CallFailed

REFERENCE = "MP-0123456789abcdef"
NAMES = ("request", "id", "data", "requests", "meta", "totalPages", "totalCount", "next", "requestorNotes", "status")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner),
    max_leaves=8,
)
# The same examples on every machine, however slow it is.
STEADY = settings(derandomize=True, deadline=None)


def answered(status: int, body: object = b"", *, is_whole: bool = True) -> Answer:
    """An answer with that body, as JSON unless it is bytes already."""
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode(), is_whole)


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ({"request": {"id": 4372}}, 4372),
        ({"id": 4372}, 4372),
        ({"request_id": 4372}, 4372),
        ({"vehicle_request": {"id": 4372}}, 4372),
        ({"data": {"id": 4372}}, 4372),
        ({"request": {"id": "4372"}}, 4372),
        ({"request": {"id": " 4372 "}}, 4372),
        ({"request": {"id": 4372}, "id": 1}, 4372),
        ({"request": {"status": "open"}, "id": 4372}, 4372),
        ({"request": {"id": True}}, None),
        ({"request": {"id": 0}}, None),
        ({"request": {"id": -1}}, None),
        ({"request": {"id": 4372.0}}, None),
        ({"request": {"id": "4372a"}}, None),
        ({"request": {"id": LARGEST_NUMBER}}, None),
        ({"request": {"id": 10**30}}, None),
        ({"request": {"status": "open"}}, None),
        ({"request": [4372]}, None),
        ([{"id": 4372}], None),
        ("4372", None),
        (4372, None),
        (None, None),
    ],
)
def test_number_of_a_created_request(answer: Any, number: int | None) -> None:
    """The number is found wherever older notes guess it, and is a number that the database can keep."""
    assert request_id_of(answer) == number


@STEADY
@given(ANY_JSON)
def test_any_json_has_a_number_or_none(answer: Any) -> None:
    """Whatever JSON comes, reading the number does not raise, and gives a positive one or none."""
    number = request_id_of(answer)
    assert number is None or 0 < number < LARGEST_NUMBER


@STEADY
@given(ANY_JSON)
def test_any_json_is_a_list_of_requests_or_none(answer: Any) -> None:
    """Whatever JSON comes, reading a look-up does not raise; what it gives can be kept."""
    page = read_look_up(answer)
    for request in page.requests if page else ():
        assert 0 < request.request_id < LARGEST_NUMBER
        assert "\x00" not in request.reason + request.status
        (request.reason + request.status).encode()
        assert len(request.reason) <= SENTENCE
        assert request.reference == "" or request.reference in request.notes


@STEADY
@given(ANY_JSON)
def test_any_json_has_words_or_none(answer: Any) -> None:
    """Whatever JSON comes as a refusal, its words are one line that both databases can keep."""
    words = words_of(json.dumps(answer))
    assert words == " ".join(words.split())
    assert "\x00" not in words
    assert len(words.encode()) >= len(words)
    assert len(words) <= SENTENCE


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": [{"detail": "Access denied"}]}, "Access denied"),
        ({"errors": ["One", "Two"]}, "One; Two"),
        ({"errors": {"start_date": ["is invalid", "is past"]}}, "start_date is invalid; start_date is past"),
        ({"error": "Gone"}, "Gone"),
        ({"message": " Many\n  words "}, "Many words"),
        ({"title": "No"}, "No"),
        ({"start_date": ["is invalid"]}, "start_date is invalid"),
        (["One", ["Two"]], "One; Two"),
        ("Plain", "Plain"),
        ({"errors": [{"detail": ""}, {"detail": "Two"}]}, "Two"),
        ({"errors": [{"detail": "a\x00b \ud800"}]}, "ab ?"),
        ({"id": 4372}, ""),
        (None, ""),
    ],
)
def test_words_of_a_refusal(body: Any, words: str) -> None:
    """FMS's own words in every shape it has been seen to use."""
    assert words_of(json.dumps(body)) == words


def test_words_that_are_not_json() -> None:
    """Plain text is read out, a page is not, and neither is a thousandfold nesting."""
    assert words_of("Service  unavailable\n") == "Service unavailable"
    assert words_of("<html><h1>Oh no</h1></html>") == ""
    assert words_of("[" * 2000) == ""
    assert words_of("[" * 900 + '"deep"' + "]" * 900) in ("", "deep")
    assert words_of("") == ""


def row(**fields: Any) -> dict[str, Any]:
    """A request as the look-up lists it."""
    return {"id": 7, "requestorNotes": REFERENCE, "status": "open", **fields}


@pytest.mark.parametrize(
    "answer",
    [
        [row()],
        {"requests": [row()]},
        {"vehicle_requests": [row()]},
        {"vehicleRequests": [{"vehicleRequest": row()}]},
        {"data": [{"request": row()}]},
        {"results": [{"vehicle_request": {"id": "7", "requestor_notes": REFERENCE, "status": "open"}}]},
        {"requests": [row()], "meta": {"totalPages": 1, "totalCount": 1}},
        {"requests": [row(requestorNotes=f"Ours: {REFERENCE}!")], "next": None},
    ],
)
def test_lists_of_requests(answer: Any) -> None:
    """A list is read bare or under any of the names, its rows bare or wrapped."""
    page = read_look_up(answer)
    assert page is not None
    assert page.tells_notes
    assert [(one.request_id, one.reference, one.is_dead) for one in page.requests] == [(7, REFERENCE, False)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"requests": None},
        {"requests": {"id": 7}},
        {"status": "ok"},
        "<html>",
        [1, 2],
        [row(), {"name": "no number"}],
        [row(id="seven")],
        {"requests": [row()], "next": "/api/v1/vehicle_requests?cursor=x"},
        {"requests": [row()], "meta": {"hasMore": True}},
    ],
)
def test_what_is_no_list_of_requests(answer: Any) -> None:
    """Anything else, a list with a row that cannot be read, or one whose rest is elsewhere, is no look-up."""
    assert read_look_up(answer) is None


def test_pages_and_notes() -> None:
    """How many pages there are is read wherever it is said; a list without notes says nothing of absence."""
    for meta in ({"totalPages": 3}, {"total_pages": "3"}, {"pages": 3}):
        page = read_look_up({"requests": [], "meta": meta})
        assert page is not None
        assert page.page_count == 3
        page = read_look_up({"requests": [row()], **meta, "totalCount": 60, "next": "?page=2"})
        assert page is not None
        assert (page.page_count, page.total) == (3, 60)
    page = read_look_up([{"id": 7, "status": "open"}])
    assert page is not None
    assert not page.tells_notes


@pytest.mark.parametrize("status", ["refused", "Rejected", "denied", "CANCELLED", "canceled", "deleted"])
def test_dead_requests(status: str) -> None:
    """A request that FMS refused or cancelled is not one that it holds."""
    page = read_look_up([row(status=status, statusReason="Reserved")])
    assert page is not None
    assert (page.requests[0].is_dead, page.requests[0].reason) == (True, "Reserved")


def test_dates_as_fms_wants_them() -> None:
    """MM/DD/YY: ISO dates are refused by FMS."""
    assert fms_date(date(2026, 1, 9)) == "01/09/26"


def test_what_a_create_says() -> None:
    """The body of the contract; the subcategory only where the partner has one, a reason always."""
    wanted = VehicleRequest(
        1949, 89943, "Audi A3", "WAU1", 3035, "Coastline Auto", "", None, date(2025, 11, 19), date(2025, 11, 26)
    )
    assert wanted.body(REFERENCE) == {
        "request": {
            "requestor_id": 1949,
            "start_date": "11/19/25",
            "end_date": "11/26/25",
            "activity_type_id": 1,
            "activity_to": "Coastline Auto",
            "reason": "Scheduled media partner loan",
            "loanee_id": 3035,
            "requestor_notes": REFERENCE,
            "requests_vehicles": [{"vehicle_id": 89943, "notes": "Audi A3 (VIN: WAU1)"}],
        }
    }


CREATED = {"request": {"id": 4372}}
PAGE = b"<!doctype html><h1>We're sorry</h1>"


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (answered(200, CREATED), Fate.ACCEPTED),
        (answered(201, CREATED), Fate.ACCEPTED),
        (answered(201, {"request": {}}), Fate.ACCEPTED_WITHOUT_ID),
        (answered(202, []), Fate.ACCEPTED_WITHOUT_ID),
        (answered(201), Fate.UNKNOWN),
        (answered(200, PAGE), Fate.UNKNOWN),
        (answered(201, b'{"request": {"id": 43'), Fate.UNKNOWN),
        (answered(201, CREATED, is_whole=False), Fate.UNKNOWN),
        (answered(201, b"[" * 100_000), Fate.UNKNOWN),
        (answered(201, b"\xff\xfe"), Fate.UNKNOWN),
        (answered(302, PAGE), Fate.UNKNOWN),
        (answered(400, {"errors": ["No"]}), Fate.REFUSED),
        (answered(401, {"errors": [{"detail": "Access denied"}]}), Fate.UNAUTHORIZED),
        (answered(404), Fate.REFUSED),
        (answered(422, {"errors": ["No"]}), Fate.REFUSED),
        (answered(429), Fate.BUSY),
        (answered(500, {"errors": ["No"]}), Fate.UNKNOWN),
        (answered(502, PAGE), Fate.UNKNOWN),
        (answered(503), Fate.UNKNOWN),
    ],
)
def test_fate_of_a_create(answer: Answer, fate: Fate) -> None:
    """The table of fms.md, section 3, for creates."""
    assert of_create(answer).fate is fate


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (answered(204), Fate.ACCEPTED),
        (answered(200), Fate.ACCEPTED),
        (answered(200, b" \n"), Fate.ACCEPTED),
        (answered(200, {"request": {"id": 4372}}), Fate.ACCEPTED),
        (answered(200, b'{"request": {"i', is_whole=False), Fate.ACCEPTED),
        (answered(404, PAGE), Fate.ACCEPTED),
        (answered(200, PAGE), Fate.UNKNOWN),
        (answered(202), Fate.UNKNOWN),
        (answered(302), Fate.UNKNOWN),
        (answered(401), Fate.UNAUTHORIZED),
        (answered(403), Fate.REFUSED),
        (answered(422, {"errors": ["Request has been approved"]}), Fate.REFUSED),
        (answered(429), Fate.BUSY),
        (answered(500), Fate.UNKNOWN),
        (answered(503, PAGE), Fate.UNKNOWN),
    ],
)
def test_fate_of_a_removal(answer: Answer, fate: Fate) -> None:
    """The table of fms.md, section 3, for removals; a page for people, as under maintenance, confirms nothing."""
    assert of_delete(answer).fate is fate


def test_sentences() -> None:
    """What people read says what FMS said, and what to do."""
    assert of_create(answered(201, CREATED)).sentence == "Requested in FMS (#4372)"
    assert of_create(answered(422, {"errors": ["Too late"]})).sentence == "FMS refused it: Too late"
    assert of_create(answered(400, PAGE)).sentence == "FMS refused it without a reason (status 400)."
    denied = of_create(answered(401, {"errors": [{"detail": "Access denied"}]}))
    assert denied.sentence == "FMS says: Access denied. FMS refuses our token; tell an administrator."
    assert of_create(answered(503)).sentence == "FMS did not confirm. Do not send it again: we are checking."
    assert of_delete(answered(503)).sentence == "FMS did not confirm the removal. We keep trying."


@pytest.mark.parametrize(("was_sent", "fate"), [(True, Fate.UNKNOWN), (False, Fate.NOT_SENT)])
def test_fate_of_no_answer(was_sent: bool, fate: Fate) -> None:
    """Without an answer it matters only whether the call can have arrived."""
    failure = CallFailed(was_sent=was_sent, is_timeout=False, reason="ConnectionError")
    assert of_failure(failure, "We are checking.").fate is fate


@STEADY
@given(st.integers(100, 599), st.binary(max_size=200), st.booleans())
def test_no_answer_breaks_the_reader(status: int, body: bytes, is_whole: bool) -> None:
    """Whatever bytes come with whatever status, there is an outcome; only success carries a number."""
    answer = Answer(status, {}, body, is_whole)
    for outcome in (of_create(answer), of_delete(answer)):
        assert outcome.request_id is None or outcome.fate is Fate.ACCEPTED
        assert "\x00" not in outcome.sentence + outcome.answer
