"""How vehicles and people are called, so that no two rows read alike."""

import re

VIN = re.compile(r"[A-Z0-9-]{1,17}")


def normal_vin(text: str) -> str:
    """A VIN as people type it, as it is stored: trimmed, in upper case. What is no VIN is cut short."""
    return text.strip().upper()[:40]


def is_vin(text: str) -> bool:
    """Whether `text` can be the VIN of a vehicle."""
    return VIN.fullmatch(text) is not None


def vehicle_name(make: str, model: str) -> str:
    """`Audi A3 Premium Plus`; the make is not said twice where FMS's model repeats it."""
    if model.casefold().startswith(make.casefold()):
        return model
    return f"{make} {model}".strip()


def full_name(make: str, model: str, vin: str) -> str:
    """`Audi A3 Premium Plus …SA051916`: the model, and which one of it."""
    return f"{vehicle_name(make, model)} {short_vin(vin)}"


def short_vin(vin: str) -> str:
    """`…SA051916`: the last eight characters, by which people tell vehicles apart."""
    return f"…{vin[-8:]}"
