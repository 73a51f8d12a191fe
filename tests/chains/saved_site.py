"""The pages of saved chains as a browser without scripts sees them, and as HTMX asks for their parts."""

import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.chains.saved_desk import ChainDesk
from tests.servers import csrf_token, sign_in


class Site:
    """The desk's scheduler, signed in."""

    def __init__(self, desk: ChainDesk, client: FlaskClient) -> None:
        self.desk, self.client = desk, client
        sign_in(client, desk.person)
        self.token = csrf_token(client)

    def get(self, path: str, *, page: str = "") -> TestResponse:
        """A page; from `page`, what HTMX asks for there."""
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{page}"} if page else {}
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """A form that HTMX sends; lists are repeated fields."""
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/chains/x", "X-CSRFToken": self.token}
        return self.client.post(path, data=fields, headers=headers)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """The same form without any script."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def watched(self, chain_id: str, answer: TestResponse) -> TestResponse:
        """What polling gets last, once the run that `answer` began is over."""
        deadline = time.monotonic() + 30
        while found := re.search(r'hx-get="([^"]+/runs/[^"]+)" hx-trigger="every 1s"', answer.text):
            assert time.monotonic() < deadline, answer.text
            asked = self.get(found.group(1).replace("&amp;", "&"), page=f"/chains/{chain_id}")
            answer = answer if asked.status_code == 204 else asked
        return answer


def run(site: Site, chain_id: str, kind: str, **fields: Any) -> TestResponse:
    """The chain as it is shown once the run is over."""
    begun = site.post(f"/chains/{chain_id}/bulk", kind=kind, **fields)
    assert begun.status_code == 200, begun.text
    return site.watched(chain_id, begun)


def looks(answer: TestResponse) -> dict[int, str]:
    """The look of each card, by loan."""
    return {int(number): look for look, number in re.findall(r'<li class="slot ([a-z]+)" id="loan-(\d+)"', answer.text)}


def message(answer: TestResponse) -> tuple[str, str]:
    """Kind and words of the message that came with an answer."""
    found = re.search(r'<div class="message (\w+)"[^>]*><p>(.*?)</p>', answer.text, re.DOTALL)
    assert found, answer.text
    return found.group(1), re.sub(r"<[^>]+>", "", found.group(2)).strip()


@pytest.fixture
def site(desk: ChainDesk, client: FlaskClient) -> Site:
    """See `Site`."""
    return Site(desk, client)
