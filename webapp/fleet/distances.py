"""How far it is from one point to another, as the crow flies, in tenths of a mile."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EARTH_MILES = 3958.8
# Latitude and longitude in degrees.
Point = tuple[float, float]


def tenth_miles(one: Point, other: Point) -> int:
    """Tenths of a mile between two points."""
    return int(between([one], [other])[0, 0])


def between(ones: Sequence[Point], others: Sequence[Point]) -> NDArray[np.int64]:
    """Tenths of a mile from each of `ones` (rows) to each of `others` (columns).

    Haversine: half the chord through the globe is the sine of half the angle. Whole numbers, so that a sum of
    hops is exact and the same in whatever order it is added.
    """
    squares = np.zeros((len(ones), len(others)))
    for one, other in zip(_on_unit_globe(ones), _on_unit_globe(others), strict=True):
        squares += (one[:, None] - other[None, :]) ** 2
    half_angles = np.arcsin(np.minimum(1.0, np.sqrt(squares) / 2))
    return np.rint(20 * EARTH_MILES * half_angles).astype(np.int64)


def miles_told(tenths: int) -> str:
    """A way in words: `4.5 miles`, from ten on `17 miles`; `1 mile`."""
    if tenths == 10:
        return "1 mile"
    return f"{tenths / 10:.1f} miles" if tenths < 100 and tenths % 10 else f"{tenths / 10:,.0f} miles"


def miles_beyond(tenths: int) -> str:
    """A way that is too long, in words: rounded up, so that it reads as longer than the whole miles allowed."""
    return f"{-(-tenths // 10):,} miles"


def _on_unit_globe(points: Sequence[Point]) -> tuple[NDArray[np.float64], ...]:
    degrees = np.radians(np.array(points, dtype=np.float64).reshape(-1, 2))
    latitude, longitude = degrees[:, 0], degrees[:, 1]
    return np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)
