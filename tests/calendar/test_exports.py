"""Taking away what is shown: a CSV and a workbook of exactly the filtered view, and no formula in either."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.calendar.conftest import PAGE, Desk
from tests.rows import CREATED_AT, People
from tests.servers import sign_in
from webapp.calendar.exports import file_name
from webapp.calendar.exports_lines import HEADER, Line
from webapp.calendar.filters import Filters
from webapp.calendar.grid import Window
from webapp.calendar.sheets import WIDTHS, workbook
from webapp.db import writing
from webapp.exports import cell, clean, csv_lines, is_formula
from webapp.fleet.models import Activity
from webapp.loans.models import LoanNote
from webapp.loans.states import Status

NOVEMBER = "/calendar/export.{}?office=Los+Angeles&start=2026-11-16&end=2026-12-13"
# A bar of ours, as the page prints it: its classes and the number of its loan.
BAR = re.compile(r'<div class="bar ([^"]*)"[^>]* id="b(\d+)"')
# What people write into names to have a spreadsheet run it, and what breaks files.
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\uff1d1+1",
    "#N/A",
    "'=1+1",
    "a\x00b\x0b\x1f",
    "Ana \U0001f697 García",
    'one, "two"; three\nfour',
    "x" * 40_000,
    "\ud800",
    "]]>&lt;<b>",
)


def table(text: str) -> list[dict[str, str]]:
    """The lines of a CSV, each by its column's name."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def sheets(content: bytes) -> Workbook:
    """The workbook as a spreadsheet reads it, formulas as formulas."""
    return load_workbook(io.BytesIO(content))


def rows(content: bytes, title: str = "Loans") -> list[dict[str, Any]]:
    """The lines of a sheet, each by its column's name."""
    header, *lines = sheets(content)[title].iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def add_some(desk: Desk, app: Flask) -> tuple[int, Activity, int]:
    """A requested loan with a note, a hold in FMS's own calendar, a loan of the week after the four shown."""
    loan = desk.fleet.add_loan(
        desk.vehicle,
        desk.partner,
        start_day=date(2026, 11, 20),
        status=Status.REQUESTED,
        fms_request_id=4372,
        chain_id="a-chain",
        flag="never_activated",
    )
    hold = desk.fleet.add_activity(desk.vehicle, start_day=date(2026, 12, 1), end_day=date(2026, 12, 2), to="Body shop")
    later = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 12, 14))
    with app.app_context(), writing() as session:
        values = {
            "company_id": loan.company_id,
            "assignment_id": loan.id,
            "actor_name": "Ben",
            "written_at": CREATED_AT,
        }
        session.add(LoanNote(text="Wants the red one", **values))
        session.add(LoanNote(text="Taken back", removed_at=CREATED_AT, **values))
    return loan.id, hold, later.id


def test_a_csv_gives_what_is_shown(desk: Desk, app: Flask) -> None:
    """Our loans and FMS's own rows of these days, one line each, and nothing of other days."""
    loan_id, hold, _ = add_some(desk, app)
    answer = desk.get(NOVEMBER.format("csv"))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=loans_los-angeles_2026-11-16_2026-12-13.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    loan, activity = table(answer.get_data(as_text=True))
    assert loan == {
        "Office": "Los Angeles",
        "Vehicle": "Audi A3 Premium Plus",
        "VIN": "WAUZZZ8V0SA051916",
        "Color": "Silver",
        "Partner": "Wendy Torque",
        "Affiliation": "Coastline Auto",
        "Goes out": "2026-11-20",
        "Comes back": "2026-11-27",
        "Days": "7",
        "State": "Requested in FMS",
        "Request in FMS": "4372",
        "Activity type": "",
        "Activity in FMS": "",
        "Chain": "a-chain",
        "Stands out": "FMS never activated this",
        "Notes": loan["Notes"],
        "Link": f"http://localhost/calendar?loan={loan_id}",
    }
    assert loan["Notes"].endswith("Ben: Wants the red one")
    assert "Taken back" not in loan["Notes"]
    assert activity["Partner"] == "Body shop"
    assert (activity["State"], activity["Activity type"]) == ("Hold, service", "Hold")
    assert activity["Activity in FMS"] == str(hold.activity_id)
    assert activity["Link"].endswith(f"/calendar?activity_id={hold.activity_id}")


def test_a_workbook_gives_the_same_with_real_dates(desk: Desk, sqlite_app: Flask) -> None:
    """Dates are dates and numbers are numbers; the header stands still and filters; a sheet says what it is."""
    add_some(desk, sqlite_app)
    answer = desk.get(NOVEMBER.format("xlsx"))
    assert answer.headers["Content-Disposition"] == "attachment; filename=loans_los-angeles_2026-11-16_2026-12-13.xlsx"
    assert answer.headers["Cache-Control"] == "no-store"
    book = sheets(answer.data)
    assert book.sheetnames == ["Loans", "Nothing in these days", "About"]
    sheet = book["Loans"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:Q3")
    assert sheet.column_dimensions["B"].width == WIDTHS[1]
    loan, hold = rows(answer.data)
    assert loan["Goes out"].date() == date(2026, 11, 20)
    assert (loan["Days"], loan["Request in FMS"], loan["Partner"]) == (7, 4372, "Wendy Torque")
    assert sheet["G2"].number_format == r"mm\-dd\-yy"
    assert hold["Partner"] == "Body shop"
    about = {str(name): value for name, value in book["About"].iter_rows(values_only=True)}
    assert about == {
        "Office": "Los Angeles",
        "From": "2026-11-16",
        "To": "2026-12-13",
        "Rows": "vehicles",
        "Lines": "2",
        "Made": f"11-19-26 10:00 PST by {desk.person.name}",
    }


FILTERS: tuple[tuple[str, list[str]], ...] = (
    ("", ["Hold, service", "Requested in FMS"]),
    ("&status=requested", ["Requested in FMS"]),
    ("&q=torque", ["Requested in FMS"]),
    ("&q=4372", ["Requested in FMS"]),
    ("&activity=none", ["Nothing in these days"]),
    ("&make=BMW", []),
    ("&q=nobody+at+all", []),
)


@pytest.mark.parametrize("rows_by", ["vehicles", "partners"])
def test_a_filter_counts_for_the_file_too(desk: Desk, sqlite_app: Flask, rows_by: str) -> None:
    """What the page leaves out or fades for not being what was looked for is not in the file."""
    add_some(desk, sqlite_app)
    desk.fleet.add_vehicle("WBA00000000000001", make="BMW", model="M3")
    desk.fleet.add_partner("Ida Idle")
    for asked, expected in FILTERS:
        # Holds have no partner and stand in no partner's row.
        states = [state for state in expected if rows_by == "vehicles" or not state.startswith("Hold")]
        found = table(desk.get(f"{NOVEMBER.format('csv')}{asked}&rows={rows_by}").get_data(as_text=True))
        assert sorted(line["State"] for line in found) == states, asked


NARROWED = (
    "",
    "&status=manual",
    "&q=torque",
    "&q=silver",
    "&make=Audi",
    "&tier=A",
    "&activity=with",
    "&free_from=2026-12-07",
)


@pytest.mark.parametrize("rows_by", ["vehicles", "partners"])
def test_the_file_has_the_bars_of_the_page(desk: Desk, sqlite_app: Flask, rows_by: str) -> None:
    """Whatever is filtered: the loans of the file are those whose bars the page shows and does not fade."""
    other = desk.fleet.add_partner("Otto Other")
    for number, (make, color) in enumerate((("Audi", "Silver"), ("Audi", "Red"), ("BMW", "Red"))):
        vehicle = desk.fleet.add_vehicle(make=make, color=color)
        for week in range(3):
            start = date(2026, 11, 17) + timedelta(days=10 * week + number)
            desk.fleet.add_loan(vehicle, (desk.partner, other)[(number + week) % 2], start_day=start)
    for asked in NARROWED:
        address = f"{NOVEMBER}{asked}&rows={rows_by}"
        page = desk.get(address.replace("/export.{}", "")).text
        shown = {int(number) for classes, number in BAR.findall(page) if "faded" not in classes.split()}
        links = [line["Link"] for line in table(desk.get(address.format("csv")).get_data(as_text=True))]
        assert sorted(int(link.split("=")[1]) for link in links) == sorted(shown), asked
        assert asked or len(shown) == 9


def test_rows_with_nothing_come_when_they_are_asked_for(desk: Desk, sqlite_app: Flask) -> None:
    """`idle=1` in a CSV, always on a sheet of their own in a workbook."""
    add_some(desk, sqlite_app)
    idle = desk.fleet.add_vehicle("WBA00000000000001", make="BMW", model="M3", color="Blue")
    found = table(desk.get(NOVEMBER.format("csv") + "&idle=1").get_data(as_text=True))
    assert [(line["VIN"], line["State"]) for line in found][2:] == [(idle.vin, "Nothing in these days")]
    (line,) = rows(desk.get(NOVEMBER.format("xlsx")).data, "Nothing in these days")
    assert (line["Vehicle"], line["Color"], line["Office"], line["Goes out"]) == ("BMW M3", "Blue", "Los Angeles", None)


def test_a_partner_view_knows_colors_and_a_vehicle_view_affiliations(desk: Desk, sqlite_app: Flask) -> None:
    """Both views give the same columns, whatever their rows are."""
    add_some(desk, sqlite_app)
    for rows_by in ("vehicles", "partners"):
        line = table(desk.get(f"{NOVEMBER.format('csv')}&rows={rows_by}").get_data(as_text=True))[0]
        assert (line["Color"], line["Affiliation"]) == ("Silver", "Coastline Auto")


def test_a_file_holds_what_its_reader_may_see(desk: Desk, app: Flask, people: People) -> None:
    """An office out of reach is not there, and of all offices only one's own come."""
    add_some(desk, app)
    elsewhere = desk.fleet.add_vehicle(office="Dallas")
    desk.fleet.add_loan(elsewhere, desk.fleet.add_partner("Dan Dallas", office="Dallas"))
    other = app.test_client()
    sign_in(other, people(locations=["Dallas"]))
    for ending in ("csv", "xlsx"):
        assert other.get(NOVEMBER.format(ending)).status_code == 404
    everything = other.get("/calendar/export.csv?office=&start=2026-11-16&end=2026-12-13")
    assert everything.headers["Content-Disposition"].endswith("loans_all-offices_2026-11-16_2026-12-13.csv")
    assert {line["Office"] for line in table(everything.get_data(as_text=True))} == {"Dallas"}


def test_odd_addresses_give_the_usual_view(desk: Desk, sqlite_app: Flask) -> None:
    """Days that cannot be read, NULs and unknown choices never break a file."""
    add_some(desk, sqlite_app)
    for odd in ("start=yesterday", "rows=%00", "status=%3D1", "q=%00%ff", "end=0001-01-01", "idle=%00", "make=%00"):
        for ending in ("csv", "xlsx"):
            assert desk.get(f"/calendar/export.{ending}?office=Los+Angeles&{odd}").status_code == 200


def test_hostile_names_are_text_in_every_file(desk: Desk, sqlite_app: Flask) -> None:
    """Names that spreadsheets would run come back as the text they are; the file is still a file."""
    for number, name in enumerate(name for name in HOSTILE if "\x00" not in name and "\ud800" not in name):
        partner = desk.fleet.add_partner(name[:200])
        desk.fleet.add_loan(
            desk.fleet.add_vehicle(color=name[:120]), partner, start_day=date(2026, 11, 17 + number % 3)
        )
    expected = sorted(clean(name[:200]) for name in HOSTILE if "\x00" not in name and "\ud800" not in name)
    found = table(desk.get(NOVEMBER.format("csv")).get_data(as_text=True))
    assert sorted(line["Partner"] for line in found) == sorted(cell(name) for name in expected)
    assert sorted(line["Partner"] for line in rows(desk.get(NOVEMBER.format("xlsx")).data)) == expected


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
@example(list(HOSTILE))
def test_whatever_text_a_name_holds_no_cell_is_a_formula(texts: list[str]) -> None:
    """CSV and workbook give back the text, led by an apostrophe in a CSV where it would run, and never a formula."""
    lines = [Line(partner=clean(text), start_day=date(2026, 11, 20)) for text in texts]
    read = list(csv.reader(io.StringIO("".join(csv_lines(HEADER, lines)).removeprefix("\ufeff"), newline="")))
    for text, line in zip(texts, read[1:], strict=True):
        assert line[4].removeprefix("'" if is_formula(clean(text)) else "") == clean(text)
        assert not is_formula(line[4])
    sheet = sheets(workbook(lines, lines[:1], [("Search", text) for text in map(clean, texts)]).getvalue())["Loans"]
    for text, row in zip(texts, sheet.iter_rows(min_row=2), strict=True):
        assert (row[4].value or "") == clean(text)[:32_767]
        assert row[4].data_type in ("s", "n")
        assert row[4].data_type == "s" or row[4].value is None
        assert row[4].quotePrefix or not is_formula(clean(text))


def test_every_column_has_a_name_and_a_width() -> None:
    """A column that is added is named and given room."""
    assert len(Line._fields) == len(HEADER) == len(WIDTHS)


def test_the_file_of_usual_weeks_says_which_they_were(desk: Desk, sqlite_app: Flask) -> None:
    """An address without days gives the four weeks that the page would show now, and its name tells them."""
    name = desk.get(PAGE.replace("/calendar", "/calendar/export.csv")).headers["Content-Disposition"]
    assert name.endswith("loans_los-angeles_2026-11-16_2026-12-13.csv")


@pytest.mark.parametrize(
    ("office", "expected"),
    [("São Paulo / West", "sao-paulo-west"), ("東京", "office"), ('x"; y\r\n', "x-y"), ("", "all-offices")],
)
def test_a_name_of_a_file_is_plain_whatever_the_office_is_called(office: str, expected: str) -> None:
    """An office with accents, slashes or none of our letters cannot break the name of a file."""
    day = date(2026, 11, 16)
    filters = Filters(Window(day, date(2026, 12, 13)), day, office=office)
    assert file_name(filters, "csv") == f"loans_{expected}_2026-11-16_2026-12-13.csv"
