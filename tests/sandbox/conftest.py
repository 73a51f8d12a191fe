"""One small sandbox process for these tests, with fresh data for each."""

from collections.abc import Iterator

import pytest

from tests.sandbox.caller import Caller
from tests.sandbox.mover import Mover
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def small_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("small")) as process:
        yield process


@pytest.fixture
def fms(small_process: SandboxProcess) -> Caller:
    small_process.reset()
    return Caller(small_process)


@pytest.fixture
def mover(small_process: SandboxProcess) -> Mover:
    small_process.reset()
    return Mover(small_process)
