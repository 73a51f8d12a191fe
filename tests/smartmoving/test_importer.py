"""Journeys against the sandbox's SmartMoving: the board is what SmartMoving holds for the window, by few calls."""

from tests.smartmoving.desk import Desk, rows_written


def test_the_first_sync_fills_the_board(desk: Desk) -> None:
    """After one sync the board holds what SmartMoving holds: nothing lost, doubled, dated wrong, in a wrong branch."""
    report = desk.sync()
    assert (report.errors, report.is_complete) == ((), True)
    assert len(desk.truth()) > 15
    assert desk.board() == desk.truth()


def test_an_unchanged_second_sync_makes_sweep_calls_and_writes_no_row(desk: Desk) -> None:
    """With nothing new at SmartMoving, only the sweep is read, and not one row is written."""
    desk.sync()
    desk.sync()
    made = len(desk.calls())
    with rows_written(desk.app) as written:
        report = desk.sync()
    assert set(desk.calls()[made:]) == {"customers"}
    assert written == []
    assert (report.created, report.updated, report.removed, report.failed) == (0, 0, 0, 0)
    assert report.is_complete
