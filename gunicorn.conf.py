"""What gunicorn does beside serving: every worker runs the scheduler, and leases keep each job to one of them."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

METRICS = "PROMETHEUS_MULTIPROC_DIR"
FOLDERS, PREFIX = Path(tempfile.gettempdir()), "motorpool-metrics-"

# Most of what a request waits for is FMS or the database, not the processor. Workers: WEB_CONCURRENCY.
threads = 8
# FMS may take half a minute to answer: whoever has asked it may finish. What is cut off is recovered.
graceful_timeout = 60
# Longer than proxies keep theirs, so that none sends a request into a connection that we are closing.
keepalive = 75
# What a long life might gather is given back; not by all workers at once. About a day of a busy desk.
max_requests, max_requests_jitter = 50_000, 5_000
# A calendar's filters stand in its address, whoever chose them all.
limit_request_line, limit_request_fields, limit_request_field_size = 8190, 64, 8190
# Whom to believe about the visitor's address and scheme is said by TRUSTED_PROXIES, in one place.
forwarded_allow_ips = ""
# Nobody governs us through a socket; two on one machine would fight over it.
control_socket_disable = True
if Path("/dev/shm").is_dir():
    # A disk that hangs must not make a worker look dead.
    worker_tmp_dir = "/dev/shm"


def on_starting(server: Any) -> None:
    """Make a folder in which all workers count their requests, so that whoever is asked tells of them all."""
    if METRICS in os.environ:
        return
    _forget_the_dead()
    folder = FOLDERS / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700)
    os.environ[METRICS] = str(folder)


def on_exit(server: Any) -> None:
    """Take the folder away again."""
    shutil.rmtree(FOLDERS / f"{PREFIX}{os.getpid()}", ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker counted stays counted when it ends."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Begin the background jobs once the worker can serve."""
    from webapp.sync import scheduler

    scheduler.start(worker.app.callable)


def worker_exit(server: Any, worker: Any) -> None:
    """Begin no job any more in a worker that is to end."""
    from webapp.sync import scheduler

    if worker.app.callable is not None:
        scheduler.stop(worker.app.callable)


def _forget_the_dead() -> None:
    """Take away the folders of those that were killed before they could."""
    for folder in FOLDERS.glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX)
        if not (number.isdigit() and _is_running(int(number))):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # Our own number from before a restart of the container is nobody else's.
    return process_id != os.getpid()
