"""Who changed what, when and from where: written with each change, read by who may read it, changed by nobody.

Rooms above say what of theirs is audited (`watched.watch`) in a module `audited` of their own.
"""

from flask import Flask

from webapp import jobs

# First of all: what others do before a transaction ends comes after what is done here.
from webapp.audit import noticing as noticing
from webapp.audit import of_accounts as of_accounts


def register(app: Flask) -> None:
    """Add the page, the links to it, and the settings of the environment, noted at start-up."""
    from webapp.audit import environment, views

    app.register_blueprint(views.pages)
    app.jinja_env.globals["all_changes"] = views.all_changes
    jobs.add(app, jobs.Job("note settings", seconds=environment.A_DAY, run=environment.note_settings))
