"""What gunicorn does beside serving: every worker runs the scheduler, and leases keep each job to one of them."""

import gc
import os
import shutil
import tempfile
from typing import Any

METRICS = "PROMETHEUS_MULTIPROC_DIR"

# Most of what a request waits for is FMS or the database, not the processor. Workers: WEB_CONCURRENCY.
threads = 8
# FMS may take half a minute to answer: whoever has asked it may finish. What is cut off is recovered.
graceful_timeout = 60


def on_starting(server: Any) -> None:
    """Make a folder in which all workers count their requests, so that whoever is asked tells of them all."""
    if METRICS not in os.environ:
        os.environ[METRICS] = server.metrics_folder = tempfile.mkdtemp(prefix="motorpool-metrics-")


def on_exit(server: Any) -> None:
    """Take the folder away again."""
    shutil.rmtree(getattr(server, "metrics_folder", ""), ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker counted stays counted when it ends."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Begin the background jobs once the worker can serve."""
    from webapp.sync import scheduler

    scheduler.start(worker.app.callable)
    # What the application is built of stays: looking through it at every full collection cost a suggestion
    # tens of milliseconds.
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Begin no job any more in a worker that is to end."""
    from webapp.sync import scheduler

    if worker.app.callable is not None:
        scheduler.stop(worker.app.callable)
