"""Starts the stand-in FMS as the process it is, for tests that want a real FMS over real HTTP."""

import os
import select
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from requests import Response, get, request

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "sandbox-fms-token"
SMARTMOVING_KEY = "sandbox-smartmoving-key"
TODAY = date(2026, 11, 19)
# Seconds. Long, as a machine may be busy.
START_SECONDS = PATIENCE = 120


class SandboxProcess:
    """A sandbox of its own on a free port, with a database in `folder`; also a context manager.

    The same `scale`, `today` and `seed` always give the same data. Faults, look-up mode, latency and clock
    are lost when the process ends; requests, activities and the journal of calls survive in the database.
    """

    def __init__(
        self,
        folder: Path,
        *,
        scale: str = "small",
        today: date | None = TODAY,
        seed: int = 1,
        lookup: str = "on",
        app_url: str = "http://127.0.0.1:8000",
        smartmoving_per_minute: int = 120,
        smartmoving_quota: int = 20_000,
    ) -> None:
        self.token = TOKEN
        self.smartmoving_key = SMARTMOVING_KEY
        self.port = 0
        self._arguments = [
            "--database",
            str(folder / "sandbox.db"),
            "--scale",
            scale,
            "--seed",
            str(seed),
            "--lookup",
            lookup,
            "--app-url",
            app_url,
            "--smartmoving-per-minute",
            str(smartmoving_per_minute),
            "--smartmoving-quota",
            str(smartmoving_quota),
        ]
        if today:
            self._arguments += ["--today", today.isoformat()]
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The base address, `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def smartmoving_url(self) -> str:
        """SmartMoving's base address, as SMARTMOVING_BASE_URL names it; its paths begin with `/api/`."""
        return f"{self.url}/smartmoving/v1"

    def start(self) -> None:
        """Start and wait until it listens; on the port it had before, if it had one."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "webapp.sandbox", "--port", str(self.port), *self._arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._ready_line().rsplit(":", 1)[1])

    def stop(self) -> None:
        """End it as an operator would, and wait."""
        self._end("terminate")

    def kill(self) -> None:
        """End it as a power cut would: FMS is down until `restart`."""
        self._end("kill")

    def restart(self) -> None:
        """Stop it if it still runs and start it again on the same port, with the same data."""
        self.stop()
        self.start()

    def fault(self, target: str, fault: str, **options: object) -> None:
        """Order a fault, once unless `times` says otherwise (None: until `clear`).

        Targets: create, delete, lookup, any, report:<name>, report:any, smartmoving:<branches, service-types,
        customers, opportunity, any>. Options: times, seconds, retry_after, percent, megabytes, text, share (of the
        calls); of SmartMoving also page (of the sweep) and opportunity (its id). The names are in
        webapp/sandbox/fault_names.py.
        """
        self._control("POST", "faults", {"target": target, "fault": fault, **options})

    def clear(self) -> None:
        """Forget all faults."""
        self._control("DELETE", "faults")

    def reset(self) -> None:
        """Fresh data: no requests, no calls, no faults, switches as at the start."""
        self._control("POST", "reset")

    def lookup(self, mode: str) -> None:
        """How the look-up answers: on, off, paged, html or bare."""
        self._control("POST", "lookup", {"mode": mode})

    def latency(self, seconds: float) -> None:
        """How long every REST call waits before FMS does anything."""
        self._control("POST", "latency", {"seconds": seconds})

    def set_today(self, today: date | None) -> None:
        """Move FMS's day (None: the machine's): loans end by it, no data are invented anew."""
        self._control("POST", "clock", {"today": today.isoformat() if today else None})

    def approve(self, request_id: int, **changes: str) -> dict[str, Any]:
        """FMS staff approve, with `reason`, `start_date`, `end_date` (ISO) if they change it; the request."""
        return self._act(request_id, "approve", changes)

    def refuse(self, request_id: int, reason: str = "") -> dict[str, Any]:
        """FMS staff refuse an open request; the request."""
        return self._act(request_id, "refuse", {"reason": reason})

    def cancel(self, request_id: int, reason: str = "") -> dict[str, Any]:
        """FMS staff cancel an open or approved request; the request."""
        return self._act(request_id, "cancel", {"reason": reason})

    def state(self) -> dict[str, Any]:
        """`{calls, requests, faults, lookup, latency, today}` as GET /control/state answers it."""
        return self._control("GET", "state")

    def requests(self) -> list[dict[str, Any]]:
        """The requests FMS holds, oldest first, in the look-up's shape plus `activityIds`."""
        return list(self.state()["requests"])

    def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The REST calls received, oldest first.

        {id, at, method, path, reference, requestor_id, fault, applied, status, ending}
        """
        return [call for call in self.state()["calls"] if method in (None, call["method"])]

    def report(self, name: str) -> Response:
        """A report as FMS serves it."""
        return get(f"{self.url}/reports/{name}.csv", timeout=PATIENCE)

    def smartmoving_state(self, first: date | None = None, last: date | None = None) -> dict[str, Any]:
        """SmartMoving's truth from `first` to `last` (without: today and tomorrow).

        {today, opportunities: [{id, quote_number, status, branch_id, branch_name, written_branch,
        is_branch_ambiguous, customer: {id, name, phone, email}, estimated_total, is_gone, jobs: [{id, number, date,
        type, confirmed, addresses, window: {start, end, description}}]}], branches: [{id, name, phone, city, state,
        has_location}], calls: {target: {status: count}}, month, switches}
        """
        days = {name: day.isoformat() for name, day in (("first", first), ("last", last)) if day}
        return self._control("GET", f"smartmoving/state?{urlencode(days)}")

    def smartmoving_calls(self, target: str | None = None) -> list[dict[str, Any]]:
        """The calls of SmartMoving, oldest first: {id, at, target, path, fault, status, ending}."""
        calls = self._control("GET", "smartmoving/calls")["calls"]
        return [call for call in calls if target in (None, call["target"])]

    def forget_smartmoving_calls(self) -> None:
        """An empty journal, and a new minute for the limit; the month's count stays."""
        self._control("DELETE", "smartmoving/calls")

    def switch_smartmoving(self, **switches: float | bool) -> None:
        """Set per_minute, quota (0: no limit), minute_seconds, page_seconds, call_seconds, retry_after, bare."""
        self._control("POST", "smartmoving/switches", switches)

    def pass_day(self, seed: int | None = None) -> dict[str, list[str]]:
        """Let it be tomorrow at SmartMoving and for FMS: the ids of what was changed, by what happened."""
        body = {} if seed is None else {"seed": seed}
        return dict(self._control("POST", "smartmoving/pass-day", body)["happened"])

    def add_customer(self, day: date, **fields: object) -> dict[str, Any]:
        """A new customer with one moving job; `status`, `branch_id`. The opportunity."""
        body = {"date": day.isoformat(), **fields}
        return dict(self._control("POST", "smartmoving/customers", body)["opportunity"])

    def change_opportunity(self, number: str, **fields: object) -> dict[str, Any]:
        """Change status, lead_status, branch_id, branch_name, estimated_total, customer, jobs; the opportunity.

        `jobs` are {id, and any of number, date, type, confirmed, addresses, window}; a missing window is None.
        """
        return dict(self._control("POST", f"smartmoving/opportunities/{number}", fields)["opportunity"])

    def delete_opportunity(self, number: str) -> None:
        """As if it never was; `restore_opportunity` brings it back."""
        self._control("POST", f"smartmoving/opportunities/{number}/delete")

    def restore_opportunity(self, number: str) -> None:
        """Bring a deleted one back as it was."""
        self._control("POST", f"smartmoving/opportunities/{number}/restore")

    def delete_job(self, number: str) -> None:
        """Take one job from its opportunity; `restore_job` brings it back."""
        self._control("POST", f"smartmoving/jobs/{number}/delete")

    def restore_job(self, number: str) -> None:
        """Bring a deleted job back as it was."""
        self._control("POST", f"smartmoving/jobs/{number}/restore")

    def add_branch(self, **fields: str | None) -> dict[str, Any]:
        """Open a branch in the next town; `name`, `phone`. The branch."""
        return dict(self._control("POST", "smartmoving/branches", fields)["branch"])

    def change_branch(self, number: str, **fields: str | None) -> None:
        """Change a branch's `name` or `phone`."""
        self._control("POST", f"smartmoving/branches/{number}", fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _act(self, request_id: int, action: str, body: dict[str, str]) -> dict[str, Any]:
        answer = self._control("POST", f"requests/{request_id}/{action}", body)
        return dict(answer["request"])

    def _control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = request(method, f"{self.url}/control/{path}", json=body, timeout=PATIENCE)
        if not answer.ok:
            raise AssertionError(f"The sandbox refused {method} {path}: {answer.status_code} {answer.text}")
        return dict(answer.json())

    def _ready_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        # The line comes whole and nothing follows it, so waiting for the first byte is enough.
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS)
        line = self._process.stdout.readline().strip() if ready else ""
        if not line.startswith("Sandbox FMS on "):
            self.kill()
            raise AssertionError("The sandbox did not start; its reason is on stderr.")
        return line

    def _end(self, how: str) -> None:
        process, self._process = self._process, None
        if process:
            getattr(process, how)()
            process.wait(timeout=PATIENCE)
            if process.stdout:
                process.stdout.close()
