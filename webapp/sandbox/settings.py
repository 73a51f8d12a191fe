"""What a sandbox process can be told, by command line or by environment."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from webapp.sandbox.generate.scale import SCALES
from webapp.sandbox.smartmoving.limits import MONTHLY, PER_MINUTE

# Obviously invented: they open nothing but this sandbox.
TOKEN = "sandbox-fms-token"
SMARTMOVING_KEY = "sandbox-smartmoving-key"
LOOKUP_MODES = ("on", "off", "paged", "html", "bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """One sandbox: where it listens, where it keeps its rows, and how it invents them.

    `today` is None when the machine's date counts; a fixed date makes the same seed give the same bytes.
    """

    host: str = "127.0.0.1"
    port: int = 8100
    database: Path = Path("instance/sandbox.db")
    scale: str = "full"
    seed: int = 1
    today: date | None = None
    token: str = TOKEN
    app_url: str = "http://127.0.0.1:8000"
    lookup: str = "on"
    smartmoving_key: str = SMARTMOVING_KEY
    smartmoving_per_minute: int = PER_MINUTE
    smartmoving_quota: int = MONTHLY


def read_settings(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> SandboxSettings:
    """Settings from the command line, then the environment, then the defaults; exits with 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m webapp.sandbox", description="The stand-in FMS and SmartMoving.")
    parser.add_argument("--host", default=environment.get("SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=environment.get("SANDBOX_PORT", "8100"), help="0 picks a free port")
    parser.add_argument("--database", type=Path, default=environment.get("SANDBOX_DATABASE", "instance/sandbox.db"))
    parser.add_argument("--scale", choices=tuple(SCALES), default=environment.get("SANDBOX_SCALE", "full"))
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        default=environment.get("SANDBOX_TODAY") or None,
        help="the day that counts as today, YYYY-MM-DD",
    )
    parser.add_argument("--seed", type=int, default=environment.get("SANDBOX_SEED", "1"))
    parser.add_argument(
        "--app-url",
        default=environment.get("SANDBOX_APP_URL", "http://127.0.0.1:8000"),
        help="where Motorpool is served, for the frame on the Scheduling tab",
    )
    parser.add_argument("--lookup", choices=LOOKUP_MODES, default=environment.get("SANDBOX_LOOKUP", "on"))
    parser.add_argument(
        "--smartmoving-per-minute",
        type=int,
        default=environment.get("SANDBOX_SMARTMOVING_PER_MINUTE", str(PER_MINUTE)),
        help="calls that SmartMoving takes in a minute; 0: any number",
    )
    parser.add_argument(
        "--smartmoving-quota",
        type=int,
        default=environment.get("SANDBOX_SMARTMOVING_QUOTA", str(MONTHLY)),
        help="calls that SmartMoving takes in a month; 0: any number",
    )
    found = parser.parse_args(arguments)
    # argparse checks choices on the command line only, not in defaults that come from the environment.
    if found.scale not in SCALES or found.lookup not in LOOKUP_MODES:
        parser.error(f"SANDBOX_SCALE is one of {', '.join(SCALES)}, SANDBOX_LOOKUP of {', '.join(LOOKUP_MODES)}")
    token = environment.get("SANDBOX_FMS_TOKEN") or TOKEN
    key = environment.get("SANDBOX_SMARTMOVING_KEY") or SMARTMOVING_KEY
    return SandboxSettings(token=token, smartmoving_key=key, **vars(found))
