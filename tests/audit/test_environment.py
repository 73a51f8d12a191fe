"""What of the settings is noted: what differs from last time, of a secret only that it is another one."""

from collections.abc import Callable

from flask import Flask

from tests.audit.entries_read import entries, told
from tests.rows import People
from webapp.audit import environment

TOKEN, OTHER = "a token that nobody may ever read", "another token that nobody may read"

REPORT = "https://fms.example.com/api?key=open-sesame"


def test_only_what_differs(make_app: Callable[..., Flask], people: People) -> None:
    """Everything the first time; then the settings that another process was started with, and nothing twice."""
    first = make_app(metrics_token=TOKEN, fms_staging_url=REPORT)
    second = make_app(metrics_token=OTHER, fms_staging_url=REPORT, max_hop_miles=70)
    people()
    found = []
    for app in (first, first, second):
        with app.app_context(), entries() as mine:
            environment.note_settings()
        found.append(mine)
    (began,), again, (changed,) = found
    assert again == []
    assert (began.subject, began.action, began.before) == ("environment", "added", None)
    assert began.after is not None
    assert began.after["MAX_HOP_MILES"] == 50
    assert began.after["METRICS_TOKEN"].startswith("set (")
    assert began.after["FMS_STAGING_URL"].startswith("https://fms.example.com (")
    assert (changed.action, set(changed.after or {})) == ("changed", {"METRICS_TOKEN", "MAX_HOP_MILES"})
    assert told([changed])[0].before == {name: began.after[name] for name in ("METRICS_TOKEN", "MAX_HOP_MILES")}
    assert (changed.after or {})["METRICS_TOKEN"] != began.after["METRICS_TOKEN"]
    for secret in (TOKEN, OTHER, "open-sesame"):
        assert secret not in str([began.after, changed.before, changed.after])
