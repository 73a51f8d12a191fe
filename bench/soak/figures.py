"""The figures of a soak: requests and how long they took, by kind and by minute; memory; what was ended."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.soak.journal import Entry
from bench.soak.world import World

MINUTE = 60.0
# A worker that is younger is still filling what it keeps for good.
GROWN_UP = 30.0


@dataclass(frozen=True)
class Sample:
    """The resident memory of one worker, in kB, at a moment of the soak; `worker` is its process id."""

    at: float
    worker: int
    size: int


def quantile(times: Sequence[float], share: float) -> float:
    """What `share` (0 to 1) of the values do not exceed; 0 of none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def by_kind(entries: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    """Count, p50 and p95 in milliseconds, and what was told, for each kind of call."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.kind, []).append(entry)
    return {
        kind: {
            "count": len(mine),
            "p50_ms": round(quantile(_answered(mine), 0.5), 1),
            "p95_ms": round(quantile(_answered(mine), 0.95), 1),
            "told": dict(Counter(str(entry.told) for entry in mine)),
        }
        for kind, mine in sorted(found.items())
    }


def by_minute(entries: Iterable[Entry], seconds: float) -> list[dict[str, Any]]:
    """Count, p50 and p95 in milliseconds of each whole minute of the soak, or of all where it was shorter."""
    minutes = max(1, int(seconds // MINUTE))
    found: list[list[Entry]] = [[] for _ in range(minutes)]
    for entry in entries:
        if (minute := int(entry.ended // MINUTE)) < minutes:
            found[minute].append(entry)
    return [
        {
            "count": len(mine),
            "p50_ms": round(quantile(_answered(mine), 0.5), 1),
            "p95_ms": round(quantile(_answered(mine), 0.95), 1),
        }
        for mine in found
    ]


def memory(samples: Sequence[Sample]) -> dict[str, float]:
    """Of workers once they have grown up: the median size in MB in the first and in the last minute of such samples,
    and by how much one grows in a minute: the slope over each worker's life, longer lives counting for more.
    """
    lives: dict[int, list[Sample]] = {}
    for sample in samples:
        lives.setdefault(sample.worker, []).append(sample)
    grown = {worker: [one for one in life if one.at - life[0].at >= GROWN_UP] for worker, life in lives.items()}
    kept = sorted((one for life in grown.values() for one in life), key=lambda one: one.at)
    if not kept:
        return {"first_mb": 0.0, "last_mb": 0.0, "growth_mb_per_minute": 0.0}
    first = [one.size for one in kept if one.at <= kept[0].at + MINUTE]
    last = [one.size for one in kept if one.at >= kept[-1].at - MINUTE]
    slopes = [(_slope(life), life[-1].at - life[0].at) for life in grown.values() if len(life) > 2]
    weight = sum(length for _, length in slopes)
    growth = sum(slope * length for slope, length in slopes) / weight * MINUTE if weight else 0.0
    return {
        "first_mb": round(statistics.median(first) / 1024, 1),
        "last_mb": round(statistics.median(last) / 1024, 1),
        "growth_mb_per_minute": round(growth / 1024, 2),
    }


def operations(world: World) -> dict[str, int]:
    """The ledger's operations, by kind and outcome."""
    return dict(sorted(Counter(f"{one.kind} {one.state}" for one in world.asked).items()))


def faults(world: World) -> dict[str, int]:
    """FMS's calls that went wrong on purpose, by fault."""
    return dict(sorted(Counter(str(call["fault"]) for call in world.calls if call["fault"]).items()))


def _answered(entries: Iterable[Entry]) -> list[float]:
    """How long whole answers took: a connection that broke says nothing of that."""
    return [entry.milliseconds for entry in entries if entry.status is not None]


def _slope(life: Sequence[Sample]) -> float:
    """kB a second."""
    line = statistics.linear_regression([one.at for one in life], [one.size for one in life])
    return line.slope


def table(report: Mapping[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"{report['engine']}, {report['workers']} workers, {report['people']}, {report['seconds']:.0f} s, "
        f"seed {report['seed']}",
        f"  {report['requests']} requests, {report['requests_per_second']} a second",
        "",
        f"  {'call':<18} {'count':>7} {'p50 ms':>8} {'p95 ms':>8}  told",
    ]
    for kind, figure in report["by_kind"].items():
        told = ", ".join(f"{name} {count}" for name, count in sorted(figure["told"].items()))
        lines.append(f"  {kind:<18} {figure['count']:>7} {figure['p50_ms']:>8.0f} {figure['p95_ms']:>8.0f}  {told}")
    minutes = [f"{one['p50_ms']:.0f}/{one['p95_ms']:.0f}" for one in report["by_minute"]]
    lines += [
        "",
        f"  ended on purpose: {_counted(report['kills'])}; {report['outages']} outages of "
        f"{report['outage_seconds']:.0f} s altogether",
        f"  FMS operations: {_counted(report['operations'])}",
        f"  faults of FMS: {_counted(report['faults'])}",
        f"  p50/p95 by minute: {'  '.join(minutes)} ms",
        f"  a worker's memory: {report['memory']['first_mb']} MB at first, {report['memory']['last_mb']} MB at last, "
        f"{report['memory']['growth_mb_per_minute']:+} MB a minute",
        f"  at rest after {report['rest_seconds']:.0f} s",
        "",
    ]
    for name, broken in report["violations"].items():
        lines.append(f"  {name:<28} {len(broken) or 'holds'}")
        lines += [f"      {one}" for one in broken[:8]]
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
