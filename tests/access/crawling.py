"""Everything a person can be shown: each address the table opens to them, and every link from page to page."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from tests.access.inputs import inputs_of
from tests.access.listed import GUARDED, Scope
from tests.access.visitors import BY_HTMX, Answer, Visitor, Visitors
from webapp.accounts.permissions import Role

LINK = re.compile(r"""\b(hx-get|href)="([^"]*)\"""")
SENT = re.compile(r"""\b(hx-post|hx-put|hx-patch|hx-delete|action)="([^"]*)\"""")
# A form whose button cannot be pressed sends nothing.
IDLE = re.compile(r"<form\b(?:(?!</form>).)*\bdisabled>(?:(?!</form>).)*</form>", re.DOTALL)
NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
DEPTH = 3
# Of addresses that differ in their numbers and values alone: the third tells nothing new.
ALIKE = 2


@dataclass(frozen=True)
class Seen:
    """An address, how it was asked for, what it answered, and the page that led there (none: the table)."""

    address: str
    is_part: bool
    answer: Answer
    led_by: str


def listed_answers(visitors: Visitors, role: Role) -> Iterator[Seen]:
    """What every address answers that the table opens to the role, as a page and as a part of one."""
    visitor = visitors.by_role(role)
    inputs = inputs_of(visitors.world, visitor.person)
    for listed in GUARDED:
        if not listed.is_safe or role not in (listed.roles or ()):
            continue
        for scope in Scope:
            if visitors.world.has(listed, scope) and listed.reaches(role, scope):
                address = visitors.address(listed, scope, visitor.person)
                rest = inputs.get(f"GET {listed.rule}", {})
                for headers in ({}, BY_HTMX):
                    yield Seen(
                        address, bool(headers), visitors.call("GET", address, visitor, headers=headers, **rest), ""
                    )


def linked_answers(visitors: Visitors, role: Role) -> Iterator[Seen]:
    """What is found by following every link, from the page after signing in, three links deep."""
    visitor, found = visitors.by_role(role), Counter[tuple[str, ...]]()
    to_ask = [("/", False, "")]
    for _ in range(DEPTH + 1):
        asked = [_ask(visitors, visitor, *each) for each in to_ask]
        yield from asked
        to_ask = []
        for seen in asked:
            for address, is_part in links_in(seen):
                shape = _shape(address, is_part)
                found[shape] += 1
                if found[shape] <= ALIKE and (address, is_part, "") not in to_ask:
                    to_ask.append((address, is_part, seen.address))


def links_in(seen: Seen) -> Iterator[tuple[str, bool]]:
    """The addresses of ours that a page links to, and whether they are asked for as parts of it."""
    if seen.answer.leads_to:
        yield from _own(seen, seen.answer.leads_to, False)
    if seen.answer.mimetype == "text/html":
        for name, address in LINK.findall(seen.answer.text):
            yield from _own(seen, unescape(address), name == "hx-get")


def targets_in(seen: Seen) -> Iterator[str]:
    """The addresses to which the forms and buttons of a page send."""
    if seen.answer.mimetype == "text/html":
        for _, address in SENT.findall(IDLE.sub("", seen.answer.text)):
            yield from (own for own, _ in _own(seen, unescape(address), False))


def _own(seen: Seen, address: str, is_part: bool) -> Iterator[tuple[str, bool]]:
    whole = urldefrag(urljoin(f"http://localhost{seen.address}", address)).url
    parts = urlsplit(whole)
    if parts.netloc == "localhost" and not parts.path.startswith("/static/"):
        yield whole.removeprefix("http://localhost"), is_part


def _ask(visitors: Visitors, visitor: Visitor, address: str, is_part: bool, led_by: str) -> Seen:
    headers = {**BY_HTMX, "HX-Current-URL": f"http://localhost{led_by}"} if is_part else {}
    return Seen(address, is_part, visitors.call("GET", address, visitor, headers=headers), led_by)


def _shape(address: str, is_part: bool) -> tuple[str, ...]:
    parts = urlsplit(address)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return (NUMBER.sub("#", parts.path), *names, str(is_part))
