"""A report is judged whole, before the first row of it is written."""

import pytest

from tests.feeds.reports import numbered, read, written
from webapp.feeds.guard import judge, judge_content
from webapp.feeds.parse import parse
from webapp.feeds.parse_schema import FEEDS, PARTNERS, VEHICLES, Feed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page"),
        (b"\xef\xbb\xbf  \n<HTML>", "web page"),
        (b"<?xml version='1.0'?><error/>", "web page"),
        (b"PK\x03\x04 a spreadsheet", "not text"),
        (b"\x1f\x8b\x08 compressed", "not text"),
        ("1,a\n".encode("utf-16"), "not text"),
        (b"\x00\x01\x02 something else" * 20, "not text"),
    ],
)
def test_what_is_no_report_is_told_so(content: bytes, words: str) -> None:
    """An empty answer, a web page and a spreadsheet are refused by what they are."""
    verdict = judge_content(content)
    assert not verdict.is_good
    assert words in verdict.sentence


def test_a_nul_byte_costs_its_row_alone() -> None:
    """One broken byte among many rows makes a bad row with its line, shown without the byte; the rest is good."""
    content = written(numbered(VEHICLES, 40)).replace(b"\n", b"\x00\n", 1)
    parsed = parse(VEHICLES, content)
    assert judge_content(content).is_good
    assert judge(parsed, 40).is_good
    ((line, reason, text),) = [(bad.line, bad.reason, bad.text) for bad in parsed.bad]
    assert (line, reason) == (1, "holds a NUL byte, which is no text")
    assert "\0" not in text
    assert parsed.valid == 39


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_report_as_usual_is_good(feed: Feed) -> None:
    """Nothing to say about it."""
    content = written(numbered(feed, 20))
    assert judge_content(content).is_good
    verdict = judge(parse(feed, content), 20)
    assert (verdict.is_good, verdict.sentence, verdict.warnings) == (True, "", ())


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@pytest.mark.parametrize("place", ["front", "middle"])
def test_a_column_that_came_in_before_the_end_is_refused(feed: Feed, place: str) -> None:
    """A new column anywhere but at the end would shift values: the rows no longer make sense, all are refused."""
    at = 0 if place == "front" else feed.key_places[-1]
    rows = [[*row[:at], f"new value {number}", *row[at:]] for number, row in enumerate(numbered(feed, 20))]
    assert not judge(read(feed, rows), 20).is_good


def test_a_column_less_is_refused() -> None:
    """The sentence names both numbers of columns."""
    verdict = judge(read(VEHICLES, [row[1:] for row in numbered(VEHICLES, 20)]), None)
    assert verdict.sentence == "The report has 14 columns, 15 are expected; read so, values would shift."


def test_a_header_in_another_order_is_refused() -> None:
    """The columns that moved are named."""
    header = [column.name for column in VEHICLES.columns]
    header[2], header[3] = header[3], header[2]
    verdict = judge(read(VEHICLES, [header, *numbered(VEHICLES, 20)]), None)
    assert verdict.sentence == "The report's columns have moved: model, make stand elsewhere now."


def test_a_column_more_is_accepted_and_told_once() -> None:
    """One warning for the report, not one for each row."""
    verdict = judge(read(VEHICLES, [[*row, "new"] for row in numbered(VEHICLES, 20)]), 20)
    assert verdict.is_good
    assert verdict.warnings == ("The report has 16 columns, 15 are known; what is beyond them was left out.",)


@pytest.mark.parametrize(("bad", "is_good"), [(0, True), (5, True), (6, False), (100, False)])
def test_one_row_in_twenty_may_be_bad(bad: int, is_good: bool) -> None:
    """Exactly 5 % is accepted, one row more is not."""
    rows = numbered(VEHICLES, 100 - bad) + numbered(VEHICLES, bad, first=500, year="?")
    verdict = judge(read(VEHICLES, rows), None)
    assert verdict.is_good == is_good
    if not is_good:
        assert f"on line {101 - bad}, year is not a number" in verdict.sentence


def test_a_report_without_one_usable_row_is_refused() -> None:
    """The sentence shows the first fault, to begin looking."""
    verdict = judge(read(PARTNERS, numbered(PARTNERS, 3, name="")), None)
    assert verdict.sentence == ("Not one of the report's 3 rows can be used; the first, on line 1, name is blank.")


@pytest.mark.parametrize(("rows", "is_good"), [(50, True), (49, False), (1, False), (200, True)])
def test_half_the_rows_of_last_time_are_too_few(rows: int, is_good: bool) -> None:
    """Half is accepted, one row less is not, unless an operator says so this once."""
    parsed = read(PARTNERS, numbered(PARTNERS, rows))
    assert judge(parsed, 100).is_good == is_good
    assert judge(parsed, 100, is_overridden=True).is_good
    assert judge(parsed, None).is_good


def test_only_the_last_check_can_be_overridden() -> None:
    """No operator can make bad rows good."""
    assert not judge(read(PARTNERS, numbered(PARTNERS, 3, name="")), 3, is_overridden=True).is_good


def test_a_report_that_breaks_off_is_refused_when_rows_are_missing() -> None:
    """Two thirds of a report, cut within a row, are above half and would still make a third vanish."""
    content = written(numbered(PARTNERS, 100))
    cut = parse(PARTNERS, content[: len(content) * 2 // 3])
    assert "breaks off in the middle of a row" in judge(cut, 100).sentence
    assert judge(parse(PARTNERS, content[:-30]), 100).is_good
