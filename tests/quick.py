"""What makes thousands of tests quick: nothing is worked out twice, and no disk is waited for.

Every test has an application of its own, and building one took most of its time. What is kept of one for the next
depends on nothing but the text of routes and templates.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4_000_000_000


def keep_files_in_memory() -> None:
    """Have what tests write lie in memory where the machine has room: none of it has to survive a power cut."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        tempfile.tempdir = str(MEMORY)
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def keep_compiled_routes() -> None:
    """Have a route that was compiled for one application serve the next."""
    kept: dict[tuple[object, ...], Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        # What is compiled takes the rule itself as its first argument.
        key = (rule.rule, repr(rule.defaults), tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign, assignment]


def keep_compiled_templates(app: Flask, folder: Path) -> None:
    """Have templates that were compiled for one application, in any process, serve the next."""
    folder.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))
