"""What the page of the description shows: each group's operations, then every schema, its members in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "patch", "put", "delete")
BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "shortest",
    "maxLength": "longest",
    "default": "else",
}


@dataclass(frozen=True)
class Words:
    """A type in words; where it is a schema of the page, or a list of such, its name is `link`."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Member:
    """A member of a schema, or a parameter of an operation."""

    name: str
    words: Words
    is_needed: bool
    where: str = ""


@dataclass(frozen=True)
class Answer:
    """A status, what it says, and what comes with it."""

    status: str
    text: str
    words: Words

    @property
    def is_good(self) -> bool:
        """Whether it tells of what was asked for."""
        return self.status < "300"


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Member, ...]
    body: Words | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Schema:
    """A named shape of JSON; of plain words `members` is empty and `words` says which."""

    name: str
    description: str
    members: tuple[Member, ...]
    words: Words


@dataclass(frozen=True)
class Page:
    """The whole description."""

    about: str
    groups: Mapping[str, tuple[Operation, ...]]
    schemas: tuple[Schema, ...]


def read_page(description: Mapping[str, Any]) -> Page:
    """The page of an OpenAPI description as `description.described` makes it."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    schemas = description["components"]["schemas"]
    return Page(
        description["info"]["description"],
        {name: tuple(groups[name]) for name in sorted(groups)},
        tuple(_schema(name, schemas[name]) for name in sorted(schemas)),
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    body = operation.get("requestBody")
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation["description"],
        tuple(_parameter(each) for each in operation["parameters"]),
        _content(body) if body else None,
        tuple(Answer(status, said["description"], _content(said)) for status, said in operation["responses"].items()),
    )


def _parameter(parameter: Mapping[str, Any]) -> Member:
    return Member(parameter["name"], _words(parameter["schema"]), parameter["required"], parameter["in"])


def _content(part: Mapping[str, Any]) -> Words:
    [content] = part["content"].values()
    return _words(content["schema"])


def _schema(name: str, schema: Mapping[str, Any]) -> Schema:
    needed = schema.get("required", [])
    members = tuple(Member(member, _words(of), member in needed) for member, of in schema.get("properties", {}).items())
    return Schema(name, " ".join(schema.get("description", "").split()), members, _words(schema))


def _words(schema: Mapping[str, Any]) -> Words:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Words(name, name)
    if "enum" in schema or "const" in schema:
        return Words(" | ".join(str(one) for one in schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        choices = [_words(choice) for choice in schema["anyOf"]]
        return Words(" or ".join(one.text for one in choices), next((one.link for one in choices if one.link), ""))
    if schema.get("type") == "array":
        of = _words(schema.get("items", {}))
        return Words(f"list of {of.text}", of.link)
    bounds = [f"{word} {schema[key]}" for key, word in BOUNDS.items() if key in schema]
    return Words(", ".join([schema.get("format") or schema.get("type", "anything"), *bounds]))
