"""What gunicorn does beside serving: every worker runs the scheduler, and leases keep each job to one of them."""

import gc
from typing import Any


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
