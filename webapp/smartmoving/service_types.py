"""What kinds of job are called: SmartMoving's own twelve, the company's own from 101 on."""

from collections.abc import Mapping

BUILT_IN: Mapping[int, str] = {
    1: "Moving",
    3: "Packing",
    4: "Moving and packing",
    5: "Load only",
    6: "Unload only",
    7: "Commercial",
    8: "Storage in",
    9: "Storage out",
    10: "Inner house",
    11: "Junk removal",
    12: "Labour only",
}


def type_name(number: int | None, own: Mapping[int, str]) -> str:
    """The name of a job type: the company's own words first, then the usual; `Type 117` where nobody says."""
    if number is None:
        return ""
    return own.get(number) or BUILT_IN.get(number) or f"Type {number}"
