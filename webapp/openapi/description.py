"""The OpenAPI 3.1 description of an application, read off its routes: what they take, answer, and ask of a role."""

import inspect
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import TypeAdapter
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from webapp.accounts.access import Access, access_of
from webapp.declared import Declared, Problem, declared_of
from webapp.errors import SENTENCES, is_json_address

REFERENCE = "#/components/schemas/{model}"
JSON, PROBLEM = "application/json", "application/problem+json"
READING = frozenset({"GET"})
# What every route answers by itself to a method that it does not take.
UNSPOKEN = frozenset({"HEAD", "OPTIONS"})
ABOUT = """The same services as the pages. Sign in with `POST /api/auth/token` and send `Authorization: Bearer ...`;
or use the cookie of a browser that is signed in, and send its forgery token as `X-CSRFToken` with whatever writes.
The role decides first (403), then the scope (404). Dates are ISO, lists are repeated parameters, offices have names.
An empty parameter is one that was not given; a member or parameter that is not named here is refused (422)."""
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Good for 15 minutes."},
    "browser": {
        "type": "apiKey",
        "in": "cookie",
        "description": "The sign-in of a browser; what writes needs the header `X-CSRFToken` as well.",
    },
}


def described(app: Flask) -> dict[str, Any]:
    """The description of `app`, made once."""
    made: dict[str, Any] | None = app.extensions.get("openapi")
    if made is None:
        made = app.extensions["openapi"] = _describe(app)
    return made


def check_routes(app: Flask) -> None:
    """Raise when a JSON route of `app` says nothing of itself, so that none is left out of the description."""
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    silent = sorted(path for path, view in views.items() if is_json_address(path) and declared_of(view) is None)
    if silent:
        raise RuntimeError("these JSON routes do not say what they take and answer (@declares): " + ", ".join(silent))


def _describe(app: Flask) -> dict[str, Any]:
    routes = list(_routes(app))
    schemas, components = _schemas([declared for _, _, declared in routes])
    paths: dict[str, dict[str, Any]] = {}
    for rule, access, declared in routes:
        for method in sorted((rule.methods or set()) - UNSPOKEN):
            operation = _operation(app, rule, method, access, declared, schemas)
            paths.setdefault(_path(rule), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Motorpool", "version": "1", "description": ABOUT},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _security(app)},
    }


def _security(app: Flask) -> dict[str, Any]:
    # In production the cookie has another name.
    return {**SECURITY, "browser": {**SECURITY["browser"], "name": app.config["SESSION_COOKIE_NAME"]}}


def _routes(app: Flask) -> Iterator[tuple[Rule, Access, Declared]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, sorted(each.methods or ()))):
        view = app.view_functions[rule.endpoint]
        declared, access = declared_of(view), access_of(view)
        if declared is not None and access is not None:
            yield rule, access, declared


def _schemas(routes: list[Declared]) -> tuple[dict[object, dict[str, Any]], dict[str, Any]]:
    """The schema of every type that occurs, and the components that these refer to."""
    types: dict[object, TypeAdapter[Any]] = {Problem: TypeAdapter(Problem)}
    for declared in routes:
        for kind in (declared.body, *declared.answers.values()):
            if kind is not None and kind not in types:
                types[kind] = TypeAdapter(kind)
    found, shared = TypeAdapter.json_schemas(
        [(kind, "validation", adapter) for kind, adapter in types.items()], ref_template=REFERENCE
    )
    components = shared["$defs"]
    names = {name: _short(name) for name in components}
    schemas = {kind: _renamed(schema, names) for (kind, _), schema in found.items()}
    return schemas, {names[name]: _renamed(schema, names) for name, schema in components.items()}


def _short(name: str) -> str:
    """`ChainsKind` where two rooms have a `Kind`, which comes as `webapp__chains__asking__Kind`; `SuccessJobsData`."""
    parts = name.strip("_").split("__")
    return (parts[1].capitalize() + parts[-1] if len(parts) > 2 else name).replace("_", "")


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = {
        key: _renamed(value, names) for key, value in schema.items() if not (key == "title" and isinstance(value, str))
    }
    if isinstance(schema.get("$ref"), str):
        renamed["$ref"] = REFERENCE.format(model=names[schema["$ref"].rpartition("/")[2]])
    return renamed


def _operation(
    app: Flask,
    rule: Rule,
    method: str,
    access: Access,
    declared: Declared,
    schemas: Mapping[object, dict[str, Any]],
) -> dict[str, Any]:
    text = inspect.cleandoc(app.view_functions[rule.endpoint].__doc__ or "")
    summary, _, rest = text.partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_") + (f"_{method.lower()}" if _has_several(rule) else ""),
        "tags": [_tag(rule)],
        "summary": " ".join(summary.split()),
        "description": "\n\n".join(part for part in (rest, _who(access)) if part),
        "parameters": [*_in_path(rule), *_in_query(declared)],
        "responses": {
            str(status): answer for status, answer in sorted(_answers(rule, method, access, declared, schemas).items())
        },
        "security": [] if access.is_public else [{name: []} for name in SECURITY],
        "x-permissions": sorted(access.permissions),
    }
    if declared.body is not None:
        content = {JSON: {"schema": schemas[declared.body]}}
        operation["requestBody"] = {"required": declared.is_body_needed, "content": content}
    return operation


def _answers(
    rule: Rule, method: str, access: Access, declared: Declared, schemas: Mapping[object, dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    answers = {status: _problem(status, schemas[Problem]) for status in _refusals(rule, method, access, declared)}
    for status, kind in declared.answers.items():
        schema = schemas[kind]
        if "detail" in _members(kind):
            answers[status] = _problem(status, schema)
        else:
            answers[status] = {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": schema}}}
    return answers


def _refusals(rule: Rule, method: str, access: Access, declared: Declared) -> set[int]:
    """Problems of the route's own, and those that come of what it takes and whom it asks."""
    # 503: the database is not to be had for a while.
    refused = {503, *declared.refuses}
    if not access.is_public:
        refused |= {401, 403}
        if method not in READING:
            # The forgery token of a browser's sign-in is missing, or the body cannot be read.
            refused |= {400, 413}
    if declared.body is not None:
        refused |= {400, 413, 422}
    if declared.query is not None:
        refused.add(422)
    if rule.arguments:
        refused.add(404)
    return refused


def _problem(status: int, schema: dict[str, Any]) -> dict[str, Any]:
    said = SENTENCES.get(status, HTTPStatus(status).phrase + ".")
    return {"description": said, "content": {PROBLEM: {"schema": schema}}}


def _members(kind: object) -> Mapping[str, object]:
    return getattr(kind, "__annotations__", {}) if isinstance(kind, type) else {}


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _of_converter(converter)}
        for name, converter in rule._converters.items()
    ]


def _of_converter(converter: object) -> dict[str, Any]:
    if isinstance(converter, IntegerConverter):
        return {"type": "integer", "minimum": converter.min or 0, "maximum": converter.max}
    if isinstance(converter, UUIDConverter):
        return {"type": "string", "format": "uuid"}
    return {"type": "string", "minLength": 1}


def _in_query(declared: Declared) -> list[dict[str, Any]]:
    """One parameter for each field, with its schema written out: an address refers to nothing, and has no null."""
    if declared.query is None:
        return []
    schema = declared.query.model_json_schema(ref_template=REFERENCE)
    needed = schema.get("required", [])
    shared = schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _written_out(field, shared)}
        for name, field in schema.get("properties", {}).items()
    ]


def _written_out(field: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in field.items() if name not in ("anyOf", "title", "default")}
    if field.get("default") is not None:
        plain["default"] = field["default"]
    choices = [choice for choice in field.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) > 1:
        return {**plain, "anyOf": [_written_out(choice, shared) for choice in choices]}
    for choice in choices:
        plain |= choice
    if "$ref" in plain:
        plain |= shared[plain.pop("$ref").rpartition("/")[2]]
    return {name: value for name, value in plain.items() if name != "title"}


def _who(access: Access) -> str:
    if access.is_public:
        return "Open to everybody."
    if not access.permissions:
        return "For everybody who is signed in."
    return "Asks for the permission " + " or ".join(f"`{name}`" for name in sorted(access.permissions)) + "."


def _tag(rule: Rule) -> str:
    parts = rule.rule.strip("/").split("/")
    return parts[1] if parts[0] == "api" else parts[0].removesuffix(".json")


def _path(rule: Rule) -> str:
    return "".join(part if is_text else f"{{{part}}}" for is_text, part in _parts(rule))


def _parts(rule: Rule) -> Iterator[tuple[bool, str]]:
    # Werkzeug's own reading of the rule: pieces of text, and names of arguments.
    for is_dynamic, part in rule._trace:
        if part != "|":
            yield not is_dynamic, part


def _has_several(rule: Rule) -> bool:
    return len((rule.methods or set()) - UNSPOKEN) > 1
