"""JSON at the door: bodies and queries are checked against a schema, faults named field by field."""

from datetime import date
from typing import Annotated, Any, TypeVar

from flask import current_app, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from webapp.db import LARGEST
from webapp.declared import declared_of
from webapp.errors import InvalidInput


class Input(BaseModel):
    """The base of every JSON body and query: unknown names are refused, values are not coerced wildly."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# What fits the database's integers; a larger number names nothing, and must not reach it.
RowId = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
# The same in a query string, where everything is text.
QueryId = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]


def _iso_day(value: object) -> date:
    """Only `2026-11-26`: neither a number of seconds nor a week is a day."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError("is not a day such as 2026-11-26")
    return day


Day = Annotated[
    date,
    BeforeValidator(_iso_day),
    Field(ge=date(1990, 1, 1), le=date(2200, 12, 31)),
    WithJsonSchema({"type": "string", "format": "date", "description": "From 1990-01-01 to 2200-12-31."}),
]
T = TypeVar("T", bound=Input)


def read_body(schema: type[T]) -> T:
    """The request's JSON body as `schema`. Raises `InvalidInput` (422) naming the fields."""
    _require_declared("body", schema)
    try:
        data = request.get_json(silent=True, force=True)
    except RecursionError:
        data = None  # nested beyond what Python reads
    if not isinstance(data, dict):
        raise InvalidInput("Send a JSON object.")
    return _checked(schema, data)


def read_query(schema: type[T]) -> T:
    """The query string as `schema`; repeated parameters become lists. Raises `InvalidInput` (422)."""
    _require_declared("query", schema)
    lists = {name for name, field in schema.model_fields.items() if "list" in str(field.annotation)}
    values = {name: request.args.getlist(name) if name in lists else request.args[name] for name in request.args}
    return _checked(schema, {name: value for name, value in values.items() if value not in ("", [""])})


def _require_declared(part: str, schema: type[Input]) -> None:
    """A route that describes itself reads what it describes: description and behaviour are one thing."""
    declared = declared_of(current_app.view_functions[request.endpoint]) if request.endpoint else None
    if declared is not None and getattr(declared, part) is not schema:
        raise RuntimeError(f"{request.endpoint} reads {schema.__name__} as its {part}, and declares something else")


def _checked(schema: type[T], data: dict[str, Any]) -> T:
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise refused_fields(error) from None


def refused_fields(error: ValidationError) -> InvalidInput:
    """The refusal that names every field `error` complains of."""
    fields = {
        ".".join(str(part) for part in fault["loc"]) or "body": fault["msg"].removeprefix("Value error, ")
        for fault in error.errors(include_input=False, include_url=False)
    }
    return InvalidInput("Some fields cannot be used: " + ", ".join(fields) + ".", fields=fields)
