"""How vehicles and people are called, so that no two rows read alike."""


def vehicle_name(make: str, model: str) -> str:
    """`Audi A3 Premium Plus`; the make is not said twice where FMS's model repeats it."""
    if model.casefold().startswith(make.casefold()):
        return model
    return f"{make} {model}".strip()


def short_vin(vin: str) -> str:
    """`…SA051916`: the last eight characters, by which people tell vehicles apart."""
    return f"…{vin[-8:]}"
