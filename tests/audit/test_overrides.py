"""That a person let a report through the guard rail is told with the import, and only where it made the difference."""

import pytest
from flask import Flask

from tests.audit.entries_read import Told, entries, told
from tests.sandbox_process import SandboxProcess
from webapp.accounts.service import ensure_company
from webapp.feeds.parse_schema import CURRENT_ACTIVITY
from webapp.feeds.service import LastGood, Outcome, import_feed, source_of


@pytest.mark.usefixtures("context")
def test_a_report_let_through_the_guard_rail(sqlite_app: Flask, sandbox: SandboxProcess) -> None:
    """How many rows the last report had, and how many this one has."""
    company = ensure_company("Motorpool")
    source = source_of(sqlite_app.extensions["settings"], CURRENT_ACTIVITY)

    def take(last: Outcome | None = None, *, is_overridden: bool = False) -> Outcome:
        good = LastGood(last.fetched, last.valid) if last else None
        return import_feed(CURRENT_ACTIVITY, source, company, good, override_guard=is_overridden)

    with entries() as none:
        full = take(take(), is_overridden=True)
    sandbox.fault("report:current_activity", "shrunk")
    with entries() as refused:
        assert take(full).status == "refused"
    sandbox.fault("report:current_activity", "shrunk")
    with entries() as found:
        shrunk = take(full, is_overridden=True)
        assert shrunk.status == "applied"
    assert [one for one in (*none, *refused) if one.subject == "guard"] == []
    before, after = {"rows": full.valid}, {"rows": shrunk.valid}
    assert told(found) == [Told("guard", None, "overridden", before, after)]
    assert (found[0].label, found[0].company_id) == ("current_activity", company)
