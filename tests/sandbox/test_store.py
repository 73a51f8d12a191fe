"""The sandbox's store: what is read together was true together."""

from pathlib import Path

from webapp.sandbox.store import Store


def test_a_reader_sees_one_state(tmp_path: Path) -> None:
    """A request that is removed between two looks of one reader is there in both, and gone for the next."""
    store = Store(tmp_path / "sandbox.db")
    with store.writing() as db:
        db.execute("CREATE TABLE requests (id INTEGER)")
        db.execute("INSERT INTO requests VALUES (1)")

    with store.reading() as reader:
        seen = [reader.execute("SELECT count(*) FROM requests").fetchone()[0]]
        with store.writing() as db:
            db.execute("DELETE FROM requests")
        seen.append(reader.execute("SELECT count(*) FROM requests").fetchone()[0])
    assert seen == [1, 1]

    with store.reading() as reader:
        assert reader.execute("SELECT count(*) FROM requests").fetchone()[0] == 0
