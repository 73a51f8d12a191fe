"""The door for servers and for the `flask` command: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import gc

from webapp import create_app

# What is loaded now stays for as long as the process: to look through it for garbage, now or later, is in vain.
gc.disable()
app = create_app()
gc.freeze()
gc.enable()
