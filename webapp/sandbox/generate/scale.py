"""How many of everything a generated company has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Row counts of the six reports; `offices` maps an office to the number of its vehicles."""

    offices: dict[str, int]
    partners: int
    history: int
    activities: int
    approvals: int
    spending: int
    times: float = 1.0

    def share(self, count: int) -> int:
        """As many as `count` would be at full scale, at least one."""
        return max(1, round(count * self.times))


_FULL = {
    "Los Angeles": 230,
    "New York": 128,
    "Detroit": 104,
    "San Francisco": 88,
    "Miami": 74,
    "Dallas": 64,
    "Chicago": 56,
    "Atlanta": 50,
    "Washington DC": 45,
    "Boston": 40,
    "Seattle": 35,
    "Denver": 25,
    "Phoenix": 20,
    "Nashville": 20,
}

SCALES = {
    "full": Scale(_FULL, partners=592, history=10_806, activities=1_122, approvals=4_715, spending=635),
    "small": Scale(
        {"Los Angeles": 30, "Miami": 20, "Nashville": 10},
        partners=40,
        history=300,
        activities=80,
        approvals=160,
        spending=36,
        times=0.07,
    ),
    "ten": Scale(
        {office: count * 10 for office, count in _FULL.items()},
        partners=5_920,
        history=108_060,
        activities=11_220,
        approvals=47_150,
        spending=6_350,
        times=10.0,
    ),
}
