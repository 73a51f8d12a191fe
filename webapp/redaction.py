"""What of a text may stand in a log: what went wrong and where, but nobody's name, number, address or key.

An exception's message may repeat anything: a row, a form, a header. So what the request at hand brought is taken out
of it whatever it looks like, then what databases and libraries quote, then what looks like a person's or a secret.
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from flask import has_request_context, request

HIDDEN = "[hidden]"
LONGEST_MESSAGE = 2_000
# Shorter values are words such as a state or a page's number, and would riddle the text with holes.
SHORTEST_VALUE = 5
MOST_VALUES = 2_000
# PostgreSQL repeats the row that it refused, to the end of what it says.
DETAIL = re.compile(r"\b(DETAIL|CONTEXT|QUERY|LINE \d+): .*?(?=\n\[SQL|\n\(Background|\Z)", re.DOTALL)
VALIDATED = re.compile(r"input_value=.*?(?=, input_type=|\Z)", re.DOTALL)
# Names of tables and columns are written in small letters; a value that is too is taken out as the request's.
QUOTED = re.compile(r"(?<!\w)(['\"])(?![a-z_.]{1,63}\1)(?:(?!\1).)*(?:\1(?!\w)|\Z)", re.DOTALL)
SHAPES = (
    re.compile(r"eyJ[\w-]{4,}(?:\.[\w-]*){1,4}"),
    re.compile(r"(?i)\b(?:bearer|basic|token)\s+[\w.~+/=-]{6,}"),
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"),
    re.compile(r"\+[1-9][\d .()-]{6,17}\d"),
    re.compile(r"(?<![\w.-])(?:1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?![\w-])"),
    re.compile(
        r"\b\d{1,6} (?:[A-Z][\w.'-]{0,30} ){1,4}"
        r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Parkway|Highway)\b"
    ),
)


def plain(text: str) -> str:
    """`text` without what looks like an e-mail, a phone number, a street, a token."""
    for shape in SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def message(text: str) -> str:
    """What somebody else's code says, without what it quotes and without what the request brought."""
    for value in _brought():
        text = text.replace(value, HIDDEN)
    for pattern in (DETAIL, VALIDATED, QUOTED):
        text = pattern.sub(HIDDEN, text)
    return plain(text)[:LONGEST_MESSAGE]


def failure(error: BaseException) -> str:
    """An exception with those that led to it: the places in the code, the kinds, and what may be said of each."""
    parts = []
    for one in _chain(error):
        told = message(_words(one))
        parts.append("".join(traceback.format_tb(one.__traceback__)) + f"{type(one).__name__}: {told}")
    return "\nthen\n".join(parts)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        # What is logged while a request is answered must not cost it the answer.
        return HIDDEN


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at_hand: BaseException | None = error
    while at_hand is not None and at_hand not in found:
        found.append(at_hand)
        at_hand = at_hand.__cause__ or (None if at_hand.__suppress_context__ else at_hand.__context__)
    return found[::-1]


def _brought() -> list[str]:
    """The values of the request at hand, the longest first, so that none is left over of which another is a part."""
    if not has_request_context():
        return []
    found: set[str] = set()
    # A body that cannot be read (too large, no JSON) was read by nobody else either.
    with suppress(Exception):
        found.update(_texts([request.full_path, request.path, request.query_string.decode("latin-1")]))
        found.update(_texts([dict(request.view_args or {}), request.args.to_dict(flat=False)]))
        found.update(_texts([list(request.cookies.values()), list(request.headers.values())]))
    with suppress(Exception):
        found.update(_texts([request.form.to_dict(flat=False), request.get_json(silent=True)]))
    return sorted((text for text in found if len(text) >= SHORTEST_VALUE), key=len, reverse=True)[:MOST_VALUES]


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Every text among `values`, however deep, and each of its words that is long."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            waiting += value
