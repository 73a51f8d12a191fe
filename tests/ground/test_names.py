"""Partners by last name, whatever the accents."""

import pytest

from webapp.names import by_last_name, folded, last_first


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Wendy Torque", "Torque, Wendy"),
        ("Ana María García", "García, Ana María"),
        ("Cher", "Cher"),
        ("Torque, Wendy", "Torque, Wendy"),
        ("Martin Lund Jr.", "Lund Jr., Martin"),
        ("Martin Lund, Jr.", "Lund Jr., Martin"),
        ("Lund III", "III, Lund"),
        ("  Wendy   Torque ", "Torque, Wendy"),
        ("", ""),
    ],
)
def test_the_last_name_comes_first(name: str, shown: str) -> None:
    """`Last, First`; one word, or a name written so already, stays."""
    assert last_first(name) == shown


def test_sorting_and_searching_ignore_accents_and_capitals() -> None:
    """Álvarez stands between Alba and Amor, and is found by alvarez."""
    names = ["Zoe Amor", "Iris Álvarez", "Tom alba"]
    assert sorted(names, key=by_last_name) == ["Tom alba", "Iris Álvarez", "Zoe Amor"]
    assert "alvarez" in folded("Iris ÁLVAREZ")
