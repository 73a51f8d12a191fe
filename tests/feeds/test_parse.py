"""A report is read row by row: good ones typed, bad ones named by line and reason, none shifted silently."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.reports import BY_NAME, cells, numbered, read, written
from webapp.feeds.parse import is_spared, parse
from webapp.feeds.parse_schema import (
    APPROVED_MAKES,
    BUDGET_SPENDING,
    CURRENT_ACTIVITY,
    FEEDS,
    LOAN_HISTORY,
    PARTNERS,
    VEHICLES,
    Feed,
)


def test_a_vehicle_is_read_by_position() -> None:
    """Each column goes to its field, in the form the table keeps."""
    parsed = read(VEHICLES, [cells(VEHICLES, vehicle_id="89001.0", notes="Hand wash,\nplease")])
    (row,) = parsed.rows.values()
    assert dict(zip(VEHICLES.fields, row, strict=True)) == {
        "vehicle_id": 89_001,
        "year": 2026,
        "make": "Audi",
        "model": "A3 Premium Plus",
        "model_short_name": "A3",
        "office": "Los Angeles",
        "vin": "WAUZZZ8V0KA000001",
        "fleet": "Audi PR - Press",
        "registration_exp": date(2027, 6, 1),
        "insurance_exp": None,
        "current_mileage": 2151,
        "in_service_date": date(2026, 6, 1),
        "expected_turn_in_date": date(2027, 6, 1),
        "notes": "Hand wash,\nplease",
        "color": "Chalk",
    }


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_report_is_read_in_every_wrapping(feed: Feed, line_end: str, encoding: str) -> None:
    """A byte order mark or other line ends change nothing."""
    rows = numbered(feed, 30)
    parsed = parse(feed, written(rows, line_end, encoding))
    assert (parsed.fetched, parsed.valid, parsed.bad) == (30, 30, ())
    assert parsed.rows == read(feed, rows).rows


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_header_row_is_recognised_and_skipped(feed: Feed) -> None:
    """Column names, in FMS's words or nearly so, are no data; line numbers still count them."""
    header = [column.name for column in feed.columns]
    for names in (header, [name.replace("_", " ").title() for name in header]):
        broken = ["n/a", *cells(feed)[1:-1], "n/a"]
        parsed = read(feed, [names, *numbered(feed, 3), broken])
        assert parsed.fetched == 4
        assert parsed.valid >= 3
        assert all(bad.line == 5 for bad in parsed.bad)


def test_a_partner_called_name_is_no_header() -> None:
    """One familiar word does not make a row a header."""
    parsed = read(PARTNERS, [cells(PARTNERS, name="Name")])
    assert parsed.valid == 1


def test_header_names_in_another_order_are_noticed() -> None:
    """Where the report says that its columns have moved, it is believed."""
    header = [column.name for column in LOAN_HISTORY.columns]
    header[3], header[4] = header[4], header[3]
    assert read(LOAN_HISTORY, [header, *numbered(LOAN_HISTORY, 3)]).moved == ("model", "make")


def test_blank_ids_of_vehicles_and_holds_are_good() -> None:
    """A vehicle without an id can be planned; a Hold without a person blocks its vehicle."""
    assert read(VEHICLES, [cells(VEHICLES, vehicle_id="")]).valid == 1
    hold = cells(CURRENT_ACTIVITY, person_id="", activity_type="Hold For Turn In")
    assert read(CURRENT_ACTIVITY, [hold]).valid == 1
    assert read(LOAN_HISTORY, [cells(LOAN_HISTORY, person_id="", clips_received="")]).valid == 1


@pytest.mark.parametrize(
    ("feed", "changed", "reason"),
    [
        (VEHICLES, {"vin": ""}, "vin is blank"),
        (VEHICLES, {"vehicle_id": "n/a"}, "vehicle_id is not a number: “n/a”"),
        (VEHICLES, {"office": " "}, "office is blank"),
        (VEHICLES, {"in_service_date": "soon"}, "in_service_date is not a date: “soon”"),
        (VEHICLES, {"make": "x" * 81}, "make is longer than 80 characters"),
        (PARTNERS, {"person_id": ""}, "person_id is blank"),
        (PARTNERS, {"name": ""}, "name is blank"),
        (LOAN_HISTORY, {"clips_received": "many"}, "clips_received is not a number: “many”"),
        (LOAN_HISTORY, {"start_date": "07/20/26"}, "ends before it begins"),
        (CURRENT_ACTIVITY, {"start_date": ""}, "start_date is blank"),
        (CURRENT_ACTIVITY, {"vehicle_vin": "?"}, "vehicle_vin is not a VIN"),
        (APPROVED_MAKES, {"rank": "Z"}, "rank is not a rank: “Z”"),
        (BUDGET_SPENDING, {"amount_used": "lots"}, "amount_used is not a number: “lots”"),
        (BUDGET_SPENDING, {"quarter": "5"}, "quarter is not a quarter: “5”"),
    ],
)
def test_a_bad_row_says_where_and_why(feed: Feed, changed: dict[str, str], reason: str) -> None:
    """A row with a value that cannot be meant is bad alone, by its line in the file and the column's name."""
    parsed = read(feed, [*numbered(feed, 2, first=10), cells(feed, **changed), *numbered(feed, 2, first=20)])
    (bad,) = parsed.bad
    assert bad.line == 3
    assert bad.reason.startswith(reason)
    assert bad.text
    assert (parsed.fetched, parsed.valid) == (5, 4)


def test_lines_are_physical_ones() -> None:
    """Line breaks within quotation marks count, as in the editor in which somebody will look."""
    rows = [cells(VEHICLES, notes="one\ntwo\nthree"), cells(VEHICLES, vin="?")]
    assert read(VEHICLES, rows).bad[0].line == 4


@pytest.mark.parametrize("change", [-1, 1])
@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_first_row_of_another_width_is_the_odd_one(feed: Feed, change: int) -> None:
    """The width is that of most rows, whatever the first one is like."""
    first, *others = numbered(feed, 20)
    odd = first[:-1] if change < 0 else [*first, "extra"]
    parsed = read(feed, [odd, *others])
    assert (parsed.fetched, parsed.valid, parsed.width) == (20, 19, len(feed.columns))
    assert [bad.line for bad in parsed.bad] == [1]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@pytest.mark.parametrize("change", ["one more", "one less", "an unquoted comma"])
def test_a_row_of_another_width_never_shifts(feed: Feed, change: str) -> None:
    """One row with more or fewer columns than the others is bad, whatever its cells would mean."""
    odd = numbered(feed, 1, first=99)[0]
    if change == "one more":
        odd.append("extra")
    elif change == "one less":
        odd.pop()
    else:
        odd.insert(1, "Jr.")
    parsed = read(feed, [*numbered(feed, 20), odd])
    (bad,) = parsed.bad
    assert bad.line == 21
    assert bad.reason == f"has {len(odd)} columns where the report has {len(feed.columns)}"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_columns_that_all_rows_gained_at_the_end_are_left_out(feed: Feed) -> None:
    """A report that grew is read as before; a row that did not grow is then the odd one."""
    grown = [[*row, "new", "newer"] for row in numbered(feed, 20)]
    parsed = read(feed, [*grown, numbered(feed, 1, first=99)[0]])
    assert parsed.extra_columns == 2
    assert parsed.rows == read(feed, numbered(feed, 20)).rows
    assert [bad.line for bad in parsed.bad] == [21]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_report_that_lost_a_column_is_not_read(feed: Feed) -> None:
    """With fewer columns than are known nothing is read at all."""
    parsed = read(feed, [row[:1] + row[2:] for row in numbered(feed, 20)])
    assert (parsed.width, parsed.fetched, parsed.rows) == (len(feed.columns) - 1, 20, {})


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_repeated_row_is_read_once_and_a_contradiction_is_bad(feed: Feed) -> None:
    """The same row again is dropped; another row of the same key is bad, and the first one stands."""
    rows = numbered(feed, 3)
    other = list(rows[1])
    changed = {"approved_makes": "B", "budget_spending": "$1.00"}.get(feed.name, "12/2026")
    place = feed.fields.index("end_day") if "end_day" in feed.fields else len(other) - 1
    if feed is PARTNERS:
        place, changed = feed.fields.index("name"), "Somebody Else"
    other[place] = changed
    parsed = read(feed, [*rows, rows[0], other])
    assert parsed.repeated == 1
    (bad,) = parsed.bad
    assert (bad.line, bad.key) == (5, None)
    assert "of line 2, but says something else" in bad.reason
    assert parsed.rows == read(feed, rows).rows
    assert (parsed.fetched, parsed.valid) == (5, 4)


def test_a_person_under_two_offices_is_two_partners() -> None:
    """The same person at another office is kept beside the first."""
    parsed = read(PARTNERS, [cells(PARTNERS), cells(PARTNERS, office="Miami")])
    assert set(parsed.rows) == {(3001, "Los Angeles"), (3001, "Miami")}


@pytest.mark.parametrize(
    ("feed", "row", "key"),
    [
        (VEHICLES, cells(VEHICLES, year="?"), ("WAUZZZ8V0KA000001",)),
        (VEHICLES, cells(VEHICLES)[:9], ("WAUZZZ8V0KA000001",)),
        (VEHICLES, ["Jr.", *cells(VEHICLES)], ("WAUZZZ8V0KA000001",)),
        (VEHICLES, cells(VEHICLES, vin="?"), None),
        (PARTNERS, cells(PARTNERS, name=""), (3001, "Los Angeles")),
        (PARTNERS, cells(PARTNERS)[:2], (3001, None)),
        (PARTNERS, cells(PARTNERS, office=""), (3001, None)),
        (APPROVED_MAKES, cells(APPROVED_MAKES, rank="?"), (3001, "Audi")),
        (LOAN_HISTORY, cells(LOAN_HISTORY)[:4], (700_001,)),
        (CURRENT_ACTIVITY, cells(CURRENT_ACTIVITY, activity_id="n/a"), None),
        (
            BUDGET_SPENDING,
            cells(BUDGET_SPENDING, fleet="VW", amount_used="?"),
            ("Los Angeles", "VOLKSWAGEN", 2026, 4),
        ),
    ],
)
def test_the_key_of_a_bad_row_is_read_as_far_as_it_can_be(
    feed: Feed, row: list[str], key: tuple[object, ...] | None
) -> None:
    """What is stored under a key that a bad row still shows must not be taken for vanished."""
    parsed = read(feed, [*numbered(feed, 5, first=50), row])
    assert [bad.key for bad in parsed.bad] == [key]


def test_a_partial_key_spares_all_that_it_may_mean() -> None:
    """An unreadable part of a key fits everything."""
    assert is_spared((3001, "Miami"), [(3001, None)])
    assert not is_spared((3002, "Miami"), [(3001, None)])
    assert is_spared((3002, "Miami"), [(3001, None), (3002, "Miami")])


def test_fleets_that_share_a_budget_are_added_up() -> None:
    """Spend of Toyota and of Lexus is one sum; aliases of one fleet are one fleet."""
    amounts = {"TOYOTA": "$1,000.50", "LEXUS": "$500.25", "VW": "$20.00", "Volkswagen": "$2.00"}
    rows = [cells(BUDGET_SPENDING, fleet=fleet, amount_used=amount) for fleet, amount in amounts.items()]
    parsed = read(BUDGET_SPENDING, rows)
    assert {key[1]: row[-1] for key, row in parsed.rows.items()} == {
        "TOYOTA/LEXUS": Decimal("1500.75"),
        "VOLKSWAGEN": Decimal("22.00"),
    }
    assert parsed.valid == 4


def test_half_of_a_sum_is_worse_than_yesterdays() -> None:
    """Where one part of a shared budget cannot be read, the sum is left out and what is stored is spared."""
    rows = [
        cells(BUDGET_SPENDING, fleet="TOYOTA", amount_used="$1,000.50"),
        cells(BUDGET_SPENDING, fleet="LEXUS", amount_used="?"),
    ]
    parsed = read(BUDGET_SPENDING, rows)
    assert parsed.rows == {}
    assert is_spared(("Los Angeles", "TOYOTA/LEXUS", 2026, 4), parsed.spared())


def test_a_report_cut_in_a_row_is_noticed() -> None:
    """A last row that breaks off is told apart from a last row without a line end."""
    content = written(numbered(PARTNERS, 5))
    assert not parse(PARTNERS, content).is_cut_short
    assert not parse(PARTNERS, content.rstrip()).is_cut_short
    assert parse(PARTNERS, content[:-40]).is_cut_short


@given(st.sampled_from(sorted(BY_NAME)), st.binary())
def test_no_bytes_break_the_reader(name: str, content: bytes) -> None:
    """Whatever comes is read or told to be bad, and every row is accounted for."""
    parsed = parse(BY_NAME[name], content)
    assert parsed.width < len(parsed.feed.columns) or parsed.fetched == parsed.valid + len(parsed.bad)


@given(
    st.sampled_from(sorted(BY_NAME)),
    st.lists(st.lists(st.sampled_from(["", "3001", "Audi", "11/16/26", "a,b", 'q"q', "x\ny"]), max_size=16)),
)
def test_every_row_is_accounted_for(name: str, table: list[list[str]]) -> None:
    """Rows that came are the valid ones and the bad ones, none twice and none lost."""
    parsed = read(BY_NAME[name], table)
    if parsed.width >= len(parsed.feed.columns):
        assert parsed.fetched == parsed.valid + len(parsed.bad) == sum(1 for row in table if any(row))
