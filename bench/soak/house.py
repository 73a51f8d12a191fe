"""The house under test, in processes of its own: a database, the stand-ins, the application under gunicorn."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests

from tests.databases import (
    PostgresCopies,
    migrate,
    new_server_folder,
    plain_settings,
    remove_server,
    server_address,
)
from tests.sandbox_process import SandboxProcess
from tests.servers import PATIENCE, ROOT, environment_of
from webapp.settings import Settings

REPORTS = ("vehicles", "partners", "loan_history", "current_activity", "approved_makes", "budget_spending")
# Seconds: FMS that is silent is given up soon, and looked after soon, so that ten minutes show many of each.
READ_TIMEOUT, RECOVERY, SETTLE = 2, 5, 5


class Application:
    """gunicorn with its real configuration, at one address however often it is killed and started again."""

    def __init__(self, settings: Settings, *, workers: int, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._bind = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self._bind}"
        self._environment = environment_of(settings)
        self._workers, self._log = workers, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", self._bind, "--no-control-socket"]
        command += ["--workers", str(self._workers), "--log-level", "warning"]
        with self._log.open("ab") as log:
            # A group of its own, so that all its processes can be killed at one instant.
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The application did not start; its reason is in {self._log}.")
            time.sleep(0.1)

    def kill(self) -> None:
        """End every process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what it is answering, and end."""
        self._end(signal.SIGTERM)

    def kill_worker(self, chance: Random) -> bool:
        """End one of its workers at once; whether there was one."""
        workers = sorted(self.memory())
        if not workers:
            return False
        try:
            os.kill(chance.choice(workers), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def memory(self) -> dict[int, int]:
        """The resident memory of each worker, in kB, by its process id."""
        if self._process is None:
            return {}
        table = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True)
        rows = [tuple(map(int, line.split())) for line in table.stdout.splitlines()]
        return {pid: size for pid, parent, size in rows if parent == self._process.pid and size}

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            if how is signal.SIGKILL:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
        process.wait(timeout=PATIENCE)


@dataclass
class House:
    """Everything that runs. `log` is what the application wrote."""

    engine: str
    settings: Settings
    sandbox: SandboxProcess
    application: Application
    log: Path


@contextmanager
def opened(folder: Path, engine: str, *, workers: int, scale: str) -> Iterator[House]:
    """A house in `folder` whose application is not started yet; all of it ends with the block."""
    with (
        _database(folder, engine) as url,
        SandboxProcess(folder, scale=scale, today=None, smartmoving_per_minute=0, smartmoving_quota=0) as sandbox,
    ):
        settings = _settings(url, sandbox)
        log = folder / "application.log"
        application = Application(settings, workers=workers, log=log)
        try:
            yield House(engine, settings, sandbox, application, log)
        finally:
            application.kill()


def _settings(url: str, sandbox: SandboxProcess) -> Settings:
    feeds = {f"fms_{name}_csv_url": f"{sandbox.url}/reports/{name}.csv" for name in REPORTS}
    return plain_settings(
        database_url=url,
        fms_staging_url=sandbox.url,
        fms_staging_token=sandbox.token,
        fms_connect_timeout=READ_TIMEOUT,
        fms_read_timeout=READ_TIMEOUT,
        fms_recovery_seconds=RECOVERY,
        fms_settle_seconds=SETTLE,
        smartmoving_base_url=sandbox.smartmoving_url,
        smartmoving_api_key=sandbox.smartmoving_key,
        smartmoving_calls_per_minute=100_000,
        smartmoving_monthly_calls=1_000_000,
        log_level="WARNING",
        **feeds,
    )


@contextmanager
def _database(folder: Path, engine: str) -> Iterator[str]:
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'soak.db'}"
        migrate(url)
        yield url
        return
    server = new_server_folder()
    try:
        copies = PostgresCopies(server_address(server))
        url = copies.new(folder)
        try:
            yield url
        finally:
            copies.drop(url)
            copies.close()
    finally:
        remove_server(server)
