"""`python -m webapp.sandbox`: starts the stand-in FMS and SmartMoving and says where they are."""

import signal
import sys

from webapp.sandbox.app import create_sandbox
from webapp.sandbox.server import SandboxServer
from webapp.sandbox.settings import read_settings


def stop(*_: object) -> None:
    """End at once: open connections are threads that nobody waits for."""
    raise SystemExit(0)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; exits with 1 if the port is taken."""
    settings = read_settings(sys.argv[1:])
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    application = create_sandbox(settings)
    try:
        server = SandboxServer(settings.host, settings.port, application)
    except OSError as problem:
        raise SystemExit(f"Port {settings.port} of {settings.host} cannot be used: {problem}") from problem
    print(f"Sandbox FMS on {server.url}", flush=True)
    server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    main()
