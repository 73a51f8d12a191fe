"""`flask fms recover`: settle uncertain operations now."""

import click
from flask.cli import AppGroup

from webapp.fms.recovery import recover
from webapp.fms.strangers import strangers

fms_commands = AppGroup("fms", help="Operations towards FMS.")


@fms_commands.command("recover")
def recover_now() -> None:
    """Resolve uncertain operations now; prints what was done, and names requests that our ledger does not know."""
    report = recover()
    for ended in report.settled:
        click.echo(f"operation {ended.operation_id} ({ended.kind}): {ended.state}. {ended.sentence}")
    if report.can_look_up is False:
        click.echo("FMS does not answer look-ups; uncertain requests wait for evidence or for a person.")
    click.echo(f"{len(report.settled)} settled, {report.waiting} still uncertain.")
    for request in strangers() or ():
        click.echo(
            f"FMS holds request #{request.request_id} ({request.reference}), which is not in our ledger. "
            "After a restore: see docs/operations.md. It stays as it is."
        )
