"""What is told of recovery codes: that there are others, and never which."""

import pytest
from flask import Flask

from tests.audit.entries_read import entries
from tests.rows import People
from webapp.accounts import recovery
from webapp.db import writing


@pytest.mark.usefixtures("context")
def test_new_codes_are_told(app: Flask, people: People) -> None:
    """Also where the new ones stand under the numbers of the old ones; no entry holds a code."""
    person = people()
    with writing() as session:
        old = recovery.renew(session, person.user_id)
    with entries() as found, writing() as session:
        new = recovery.renew(session, person.user_id)
    assert {(one.subject, one.subject_id) for one in found} == {("user", person.user_id)}
    told = [one for one in found if one.after and one.after.get("code_hash") in ("set", "changed")]
    assert len(told) == recovery.HOW_MANY
    everything = repr([(one.before, one.after) for one in found])
    assert not [code for code in old + new if code in everything or code.replace("-", "") in everything]
