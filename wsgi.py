"""The door for servers and for the `flask` command: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import gc

from webapp import create_app

# What is loaded stays. Looking through it for garbage took two fifths of the start, and later, at every full
# collection, tens of milliseconds of somebody's answer.
gc.disable()
app = create_app()
gc.freeze()
gc.enable()
