"""What a JSON route says of itself: what it takes and what it answers. The description is made of this."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypeVar

from pydantic import BaseModel, WithJsonSchema
from typing_extensions import TypedDict

V = TypeVar("V", bound=Callable[..., Any])

# Text of a fixed form, as answers carry it.
DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
InstantText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
IdText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]


class Remark(TypedDict):
    """What is to be said of something without forbidding it: a stable word for programs, a sentence for people."""

    code: str
    text: str


class Reason(Remark):
    """Why something is not possible. `loan`: in a chain, which of its loans, from 1."""

    loan: NotRequired[int]


class Problem(TypedDict):
    """RFC 9457, `application/problem+json`: a sentence for people, a stable `code` for programs.

    `fields` names what is wrong with which member of a body or query; `reasons` are the rules that stand in the way;
    `changes` say who was quicker. Answers of single routes may have members of their own.
    """

    title: str
    status: int
    detail: str
    code: str
    fields: NotRequired[dict[str, str]]
    reasons: NotRequired[list[Reason]]
    changes: NotRequired[list[str]]
    request_id: NotRequired[str]


@dataclass(frozen=True)
class Declared:
    """What a route takes and answers.

    `answers` maps a status to the type of its JSON; `refuses` are the problems of its own, beside those that every
    route of its kind has (a missing sign-in, a body that cannot be read).
    """

    answers: Mapping[int, Any]
    body: type[BaseModel] | None = None
    is_body_needed: bool = True
    query: type[BaseModel] | None = None
    refuses: tuple[int, ...] = ()


def declares(
    answers: Mapping[int, Any],
    *,
    body: type[BaseModel] | None = None,
    is_body_needed: bool = True,
    query: type[BaseModel] | None = None,
    refuses: Iterable[int] = (),
) -> Callable[[V], V]:
    """Say of a view what it takes and answers; `jsonapi` then reads these schemas there and no others."""
    declared = Declared(answers, body, is_body_needed, query, tuple(refuses))

    def mark(view: V) -> V:
        view.declared = declared  # type: ignore[attr-defined]
        return view

    return mark


def declared_of(view: Callable[..., Any]) -> Declared | None:
    """What `view` says of itself; None when it says nothing."""
    declared = getattr(view, "declared", None)
    return declared if isinstance(declared, Declared) else None
