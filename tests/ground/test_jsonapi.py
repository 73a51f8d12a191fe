"""JSON at the door: what is wrong with a body or a query is said field by field."""

from typing import Any

import pytest
from flask import Flask
from pydantic import Field

from webapp.errors import InvalidInput
from webapp.jsonapi import Input, read_body, read_query


class Order(Input):
    """An example of a body and of a query."""

    count: int = Field(gt=0)
    makes: list[str] = Field([])


def fields_of(app: Flask, **request: Any) -> dict[str, str]:
    with app.test_request_context(**request), pytest.raises(InvalidInput) as caught:
        read_body(Order) if "query_string" not in request else read_query(Order)
    return caught.value.fields


def test_a_good_body_is_read(sqlite_app: Flask) -> None:
    """Values arrive typed; the content type is not insisted on."""
    with sqlite_app.test_request_context(method="POST", data='{"count": 2}'):
        assert read_body(Order) == Order(count=2)


@pytest.mark.parametrize("body", ["", "{", "[]", "7", '"text"', "null", "NaN"])
def test_a_body_must_be_an_object(sqlite_app: Flask, body: str) -> None:
    """Anything else is refused as a whole, not as a crash."""
    assert fields_of(sqlite_app, method="POST", data=body) == {}


def test_every_wrong_field_is_named(sqlite_app: Flask) -> None:
    """Missing, wrong and unknown fields are told in one answer."""
    assert set(fields_of(sqlite_app, method="POST", json={"makes": [1], "colour": "red"})) == {
        "count",
        "makes.0",
        "colour",
    }


def test_a_query_reads_repeated_parameters_as_lists(sqlite_app: Flask) -> None:
    """Lists are repeated parameters; an empty parameter is one that was not given."""
    with sqlite_app.test_request_context(query_string="count=2&makes=Audi&makes=Land+Rover"):
        assert read_query(Order) == Order(count=2, makes=["Audi", "Land Rover"])
    with sqlite_app.test_request_context(query_string="count=2&makes="):
        assert read_query(Order) == Order(count=2)


@pytest.mark.parametrize("query", ["count=", "count=0", "count=two", "makes=Audi"])
def test_a_query_names_its_wrong_parameter(sqlite_app: Flask, query: str) -> None:
    """As a body does."""
    assert set(fields_of(sqlite_app, query_string=query)) == {"count"}
