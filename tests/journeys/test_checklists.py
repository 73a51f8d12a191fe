"""The checklist: six phases, a few items each."""

from webapp.journeys.checklists import ITEMS, Phase, items_of


def test_every_phase_has_a_few_items_in_its_order() -> None:
    """Three or four each, listed phase by phase, every item once."""
    assert [len(items_of(phase)) in (3, 4) for phase in Phase] == [True] * 6
    assert [item for phase in Phase for item in items_of(phase)] == list(ITEMS.values())


def test_codes_fit_the_database_and_labels_are_told_apart() -> None:
    """Codes are stored, labels are read."""
    assert all(code == item.code and len(code) <= 40 for code, item in ITEMS.items())
    assert len({item.label for item in ITEMS.values()}) == len(ITEMS)


def test_the_desk_ticks_creation_only() -> None:
    """The others are the crew's."""
    assert [phase for phase in Phase if phase.is_of_desk] == [Phase.CREATION]
