"""`make bench`: measures everything, prints a table, writes `bench/results.json`."""

import gc
import json
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    browser,
    calendar_pages,
    chain_pages,
    chains,
    feeds,
    journeys,
    requests_to_fms,
    smartmoving,
    starting,
)
from bench.desk import full_desk
from bench.measure import Figure

ROOMS = (
    calendar_pages,
    browser,
    requests_to_fms,
    chains,
    chain_pages,
    feeds,
    smartmoving,
    journeys,
    starting,
)
RESULTS = Path(__file__).parent / "results.json"
ROW = "{name:<38} {value:>9} {unit:<3} {floor:>9} {ratio:>7}  {aim:<20} {note}"


def main() -> None:
    """Run the benchmarks of every room."""
    figures: list[Figure] = []
    print(ROW.format(name="what", value="measured", unit="", floor="floor", ratio="ratio", aim="aim", note=""))
    with (
        tempfile.TemporaryDirectory(prefix="motorpool-bench-") as folder,
        full_desk(Path(folder), datetime.now(UTC).date()) as desk,
    ):
        # As wsgi.py does in every worker.
        gc.collect()
        gc.freeze()
        for room in ROOMS:
            for figure in room.figures(desk):
                figures.append(figure)
                print(ROW.format(**{**figure.as_json(), "ratio": f"{figure.ratio:.2f}"}), flush=True)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    RESULTS.write_text(json.dumps({"machine": machine, "figures": [one.as_json() for one in figures]}, indent=2) + "\n")
    print(f"\nThe floor is, per line: {'; '.join(dict.fromkeys(figure.floor_is for figure in figures))}.")
    print(f"Written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}.")


if __name__ == "__main__":
    main()
