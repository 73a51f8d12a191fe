"""The process itself: how it is told what to do, how it starts and how it ends."""

import signal
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.sandbox_process import ROOT
from webapp.sandbox.settings import read_settings


def test_defaults() -> None:
    """Without any setting it is the full company on port 8100, dated around the machine's day."""
    found = read_settings([], {})
    assert (found.host, found.port, found.database) == ("127.0.0.1", 8100, Path("instance/sandbox.db"))
    assert (found.scale, found.today, found.token) == ("full", None, "sandbox-fms-token")
    assert (found.app_url, found.lookup) == ("http://127.0.0.1:8000", "on")


def test_environment_and_command_line() -> None:
    """The environment changes the defaults, the command line wins over the environment."""
    environment = {
        "SANDBOX_PORT": "8200",
        "SANDBOX_SCALE": "ten",
        "SANDBOX_TODAY": "2026-11-19",
        "SANDBOX_DATABASE": "elsewhere.db",
        "SANDBOX_FMS_TOKEN": "another-token",
        "SANDBOX_APP_URL": "http://127.0.0.1:9000",
    }
    found = read_settings(["--port", "0", "--lookup", "off"], environment)
    assert (found.port, found.scale, found.today) == (0, "ten", date(2026, 11, 19))
    assert (found.database, found.token) == (Path("elsewhere.db"), "another-token")
    assert (found.app_url, found.lookup) == ("http://127.0.0.1:9000", "off")


def test_unknown_scale_in_the_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt scale ends with the ones there are, wherever it was written."""
    with pytest.raises(SystemExit) as ended:
        read_settings([], {"SANDBOX_SCALE": "medium"})
    assert ended.value.code == 2
    assert "full, small, ten" in capsys.readouterr().err


def start(folder: Path, port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.sandbox", "--port", str(port), "--scale", "small",
         "--database", str(folder / "new folder" / "sandbox.db")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_says_where_it_is_and_ends_on_sigterm(tmp_path: Path) -> None:
    """One line says the address; SIGTERM ends it at once with 0, an open connection notwithstanding."""
    process = start(tmp_path, 0)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Sandbox FMS on http://127.0.0.1:")
    with socket.create_connection(("127.0.0.1", int(line.rsplit(":", 1)[1]))):
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_taken_port_is_named(tmp_path: Path) -> None:
    """A port that is taken ends it with a sentence, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, port)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith(f"Port {port} of 127.0.0.1 cannot be used")
    assert "Traceback" not in errors
