"""Whether an answer is as the description says: status, content type, members, and nothing that is not described."""

from typing import Any

import jsonschema_rs
from flask import Flask, Response, request

from webapp.declared import declared_of
from webapp.openapi.description import described


class NotAsDescribed(AssertionError):
    """An answer that whoever read the description would not expect."""


# Made once for all applications of this process, whose routes are the same.
descriptions: list[dict[str, Any]] = []
validators: dict[tuple[str, str, int], jsonschema_rs.Validator] = {}


def watch(app: Flask) -> None:
    """Have every JSON answer of `app` compared with its description; the request that got another one crashes.

    A crash itself is not described.
    """

    def compare(response: Response) -> Response:
        rule = request.url_rule
        is_described = rule is not None and declared_of(app.view_functions[rule.endpoint]) is not None
        if rule is None or not is_described or request.method == "OPTIONS" or response.status_code == 500:
            return response
        if not descriptions:
            descriptions.append(described(app))
        [description] = descriptions
        answers = operation_of(description, app, request.endpoint or "", request.method)["responses"]
        said = answers.get(str(response.status_code))
        where = f"{request.method} {request.path}: {response.status_code}"
        if said is None:
            raise NotAsDescribed(f"{where} is not among {sorted(answers)}")
        [(kind, content)] = said["content"].items()
        if response.mimetype != kind:
            raise NotAsDescribed(f"{where} is {response.mimetype}, not {kind}")
        key = (rule.rule, request.method, response.status_code)
        if key not in validators:
            validators[key] = validator(description, content["schema"])
        faults = [f"{fault.instance_path}: {fault.message}" for fault in validators[key].iter_errors(response.json)]
        if faults:
            raise NotAsDescribed(f"{where}: {'; '.join(faults)}")
        return response

    app.after_request(compare)


def operation_of(description: dict[str, Any], app: Flask, endpoint: str, method: str) -> dict[str, Any]:
    """The operation that describes `method` of an endpoint; HEAD is a GET without its body."""
    wanted = endpoint.replace(".", "_")
    asked = "GET" if method == "HEAD" else method
    for methods in description["paths"].values():
        for name, operation in methods.items():
            if name.upper() == asked and operation["operationId"] in (wanted, f"{wanted}_{name}"):
                found: dict[str, Any] = operation
                return found
    raise NotAsDescribed(f"{method} of {endpoint} is not described")


def validator(description: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """Checks a value by `schema`, and that it has no member that is not described."""
    components = {name: _closed(one) for name, one in description["components"]["schemas"].items()}
    return jsonschema_rs.validator_for({**schema, "components": {"schemas": components}}, validate_formats=True)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    # Problems may carry members of their own: they are for people who look into one case.
    is_problem = "code" in schema.get("properties", {}) and "detail" in schema.get("properties", {})
    if schema.get("type") == "object" and "properties" in schema and not is_problem:
        return {**schema, "additionalProperties": False}
    return schema
