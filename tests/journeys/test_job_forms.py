"""The form of a job: what people type is read as they mean it, what they leave alone stays, faults are named."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import DAY
from webapp.journeys import job_forms
from webapp.journeys.cards import Card
from webapp.journeys.entries import EARLIEST, LARGEST, LATEST, LONGEST, MIDNIGHT, checked
from webapp.journeys.fields import FIELDS
from webapp.journeys.job_forms import NAMES, JobForm
from webapp.journeys.stages import Stage

BLANK = job_forms.blank(DAY, None)


def card_with(**values: Any) -> Card:
    """A card that says nothing but these values."""
    nothing = Card._make([""] * len(Card._fields))
    known: dict[str, Any] = dict.fromkeys(
        ("arrival_start", "arrival_end", "confirmed", "crew_needed", "trucks_needed", "minutes_needed")
    )
    return nothing._replace(
        **{**known, "scheduled_date": DAY, "location_id": 7, "stops": (), "stage": Stage.MORNING_PREP, **values}
    )


def form_with(values: Mapping[str, str], **more: Any) -> JobForm:
    return JobForm("Change", "/", "Save", {**BLANK, **values}, BLANK, [(7, "Denver")], **more)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("scheduled_date", "2026-11-26", DAY.replace(day=26)),
        ("arrival_start", "9:05", 545),
        ("arrival_end", " 24:00 ", MIDNIGHT),
        ("arrival_end", "", None),
        ("confirmed", "yes", True),
        ("confirmed", "no", False),
        ("confirmed", "", None),
        ("crew_needed", "3", 3),
        ("crew_needed", "", None),
        ("minutes_needed", "2:30", 150),
        ("minutes_needed", "2", 120),
        ("minutes_needed", "", None),
        ("location_id", "7", 7),
        ("stops", "1 Oak  Street\n\n  2 Elm Street  \n", ["1 Oak Street", "2 Elm Street"]),
        ("stops", "", []),
        ("customer_name", "  Rowan   Pike ", "Rowan Pike"),
        ("customer_phone", "", ""),
        ("notes", " Ring twice.\nPiano. ", "Ring twice.\nPiano."),
    ],
)
def test_what_people_type_is_read_as_they_mean_it(name: str, typed: str, value: Any) -> None:
    """Days, times, lengths, counts, yes and no, lists of addresses, texts; nothing typed is nothing known."""
    assert job_forms.read({**BLANK, name: typed}, [name]) == ({name: value}, {})


@pytest.mark.parametrize(
    ("name", "typed", "fault"),
    [
        ("scheduled_date", "11/26/2026", "is not a day such as 2026-11-26"),
        ("scheduled_date", "2026-02-30", "is not a day such as 2026-11-26"),
        ("scheduled_date", "1626-02-03", "is not a day such as 2026-11-26"),
        ("scheduled_date", "", "is missing"),
        ("location_id", "", "is missing"),
        ("location_id", "Denver", "is not a number"),
        ("arrival_start", "8", "is not a time such as 08:30"),
        ("arrival_start", "25:00", "is not a time such as 08:30"),
        ("confirmed", "perhaps", "is neither yes nor no"),
        ("crew_needed", "two", "is not a number"),
        ("crew_needed", "-1", "is not a number"),
        ("crew_needed", "100", "is not a number from 0 to 99"),
        ("trucks_needed", "\u0663", "is not a number"),
        ("minutes_needed", "2:60", "is not a length such as 2:30"),
        ("minutes_needed", "2:3", "is not a length such as 2:30"),
        ("minutes_needed", "999:00", "is not a number from 0 to 10080"),
        ("customer_name", "x" * 201, "is longer than 200 characters"),
        ("stops", "1 Oak Street\n" * 21, "is not a list of at most 20 addresses"),
        ("notes", "x" * 5_001, "is longer than 5000 characters"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_of_its_field(name: str, typed: str, fault: str) -> None:
    """Each fault says what is expected; it is never guessed at."""
    assert job_forms.read({**BLANK, name: typed}, [name]) == ({}, {name: fault})


# A carriage return alone is none of a text's signs: browsers make a line end of it.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30)
MINUTES = st.none() | st.integers(0, MIDNIGHT)
VALUES = {
    **{name: TEXT for name in NAMES if name in LONGEST},
    **{name: st.none() | st.integers(0, LARGEST[name]) for name in NAMES if name in LARGEST},
    "location_id": st.integers(1, LARGEST["location_id"]),
    "scheduled_date": st.dates(EARLIEST, LATEST),
    "arrival_start": MINUTES,
    "arrival_end": MINUTES,
    "stops": st.lists(TEXT, max_size=5).map(tuple),
    "confirmed": st.none() | st.booleans(),
    "notes": TEXT,
}


@given(st.fixed_dictionaries({name: VALUES[name] for name in NAMES}))
def test_what_a_card_says_comes_back_as_it_was(values: dict[str, Any]) -> None:
    """Written into inputs and read from them again, every value that can be stored is the same, tidied."""
    tidy, none = checked(values)
    assert none == {}
    assert job_forms.read(job_forms.texts_of(card_with(**tidy)), NAMES) == (tidy, {})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(), max_size=8))
def test_whatever_is_typed_is_usable_or_a_fault(typed: dict[str, str]) -> None:
    """No text breaks the reading, and no field is lost."""
    values, faults = job_forms.read({**BLANK, **typed}, list(typed))
    assert set(values) | set(faults) == set(typed)
    assert not set(values) & set(faults)


def test_a_line_end_within_an_address_makes_no_further_address() -> None:
    """Signs that only some programs take for a line end are white space like any other."""
    assert job_forms.read({**BLANK, "stops": "1 Oak\u2028Street\x0bA\n2 Elm"}, ["stops"])[0] == {
        "stops": ["1 Oak Street A", "2 Elm"]
    }


def test_browsers_send_line_ends_as_they_like() -> None:
    """A carriage return is no change, and an input that was not sent stands as it was."""
    before = {**BLANK, "notes": "one\ntwo", "customer_name": "Rowan"}
    typed = job_forms.typed({"notes": "one\r\ntwo", "stops": "1 Oak\r2 Elm"}, before)
    seen = job_forms.seen({"seen-notes": "one\r\ntwo"}, before)
    assert typed["notes"] == "one\ntwo"
    assert job_forms.changed(seen, typed) == ["stops"]
    assert job_forms.read(typed, ["stops"])[0] == {"stops": ["1 Oak", "2 Elm"]}


@pytest.mark.parametrize(
    ("name", "before", "after", "is_change"),
    [
        ("customer_name", "Rowan\nPike", "Rowan Pike", False),
        ("customer_name", "Rowan Pike", "Rowan Pyke", True),
        ("stops", "1 Oak\n2 Elm", "1 Oak 2 Elm", True),
        ("notes", "Ring twice. ", "Ring twice.", False),
        ("notes", "one two", "one\ntwo", True),
        ("arrival_end", "24:00", "", True),
    ],
)
def test_only_what_was_touched_is_changed(name: str, before: str, after: str, is_change: bool) -> None:
    """White space that an input of one line drops by itself is nobody's change; lines of a list are."""
    changed = job_forms.changed({**BLANK, name: before}, {**BLANK, name: after})
    assert changed == ([name] if is_change else [])


def test_a_new_job_needs_a_customer_a_day_and_a_place() -> None:
    """All that is missing is named at once."""
    assert set(job_forms.missing({**BLANK, "scheduled_date": " "})) == {
        "customer_name",
        "scheduled_date",
        "location_id",
    }
    assert job_forms.missing({**BLANK, "customer_name": "Rowan", "location_id": "7"}) == {}


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("arrival_end", "23:59", "time"),
        ("arrival_end", "", "time"),
        ("arrival_end", "24:00", "text"),
        ("arrival_start", "noonish", "text"),
        ("scheduled_date", "2026-11-23", "date"),
        ("scheduled_date", "11/23", "text"),
    ],
)
def test_an_input_shows_whatever_it_holds(name: str, text: str, kind: str) -> None:
    """A browser's own input would show midnight, or what was typed wrongly, as nothing, and send nothing."""
    assert form_with({name: text}).types[name] == kind


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("location_id", "7", "Denver"),
        ("location_id", "8", "8"),
        ("confirmed", "no", "No"),
        ("stops", "1 Oak\n2 Elm", "1 Oak; 2 Elm"),
        ("customer_phone", "", "nothing"),
    ],
)
def test_inputs_are_told_in_words(name: str, text: str, words: str) -> None:
    """Places by their name, lists in one line, nothing as nothing."""
    assert form_with({name: text}).words(name) == words


def test_the_first_fault_is_the_first_on_the_page() -> None:
    """Whoever is led there goes down the page from it."""
    assert form_with({}, faults={"notes": "x", "stops": "x"}).first_fault == "stops"
    assert form_with({}, faults={"": "x"}).first_fault == ""
    assert set(job_forms.LABELS) == set(NAMES) <= {*FIELDS, "notes"}
