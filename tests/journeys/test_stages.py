"""The table of steps: every stage to every other, and what stands in the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.journeys.stages import (
    ORDER,
    Obstacle,
    Stage,
    can_step,
    following,
    is_back,
    is_of_crew,
    obstacles,
    preceding,
)

S = Stage
# From the row's stage to the column's: forward by one (f), back by one (b), nothing else.
TABLE = {
    S.MORNING_PREP: " f   ",
    S.EN_ROUTE: "b f  ",
    S.ONSITE: " b f ",
    S.COMPLETED: "  b f",
    S.AUDITED: "   b ",
}


def refused(here: Stage, to: Stage, reason: str = "") -> tuple[Obstacle, ...]:
    """What stands in the way of a journey with a crew and a truck."""
    return obstacles(here, to, has_crew=True, has_truck=True, reason=reason)


@pytest.mark.parametrize("here", ORDER)
def test_only_the_neighbouring_stages_can_be_reached(here: Stage) -> None:
    """Forward freely, back with a reason; everything else is refused with a sentence that names what is possible."""
    for to, kind in zip(ORDER, TABLE[here], strict=True):
        assert can_step(here, to) == (kind != " ")
        codes = [one.code for one in refused(here, to)]
        assert codes == {"f": [], "b": ["needs_reason"], " ": ["not_next"]}[kind]
        assert [one.code for one in refused(here, to, "Rain")] == (["not_next"] if kind == " " else [])
        if kind != " ":
            assert is_back(here, to) == (kind == "b")


def test_refusals_are_sentences() -> None:
    """They say where it stands and where it can go."""
    said = [
        refused(S.MORNING_PREP, S.ONSITE),
        refused(S.ONSITE, S.AUDITED),
        refused(S.ONSITE, S.ONSITE),
        refused(S.ONSITE, S.EN_ROUTE),
    ]
    assert [one.text for (one,) in said] == [
        "From morning prep it can go to en route, not to on site.",
        "From on site it can go to completed or back to en route, not to audited.",
        "It is on site already.",
        "Say why it goes back to en route.",
    ]
    assert said[3][0].field == "reason"


@given(here=st.sampled_from(Stage), has_crew=st.booleans(), has_truck=st.booleans(), off=st.sampled_from(["", "Gone."]))
def test_only_setting_out_asks_for_a_crew_and_a_truck(here: Stage, has_crew: bool, has_truck: bool, off: str) -> None:
    """And that the job is still to be done; later steps ask nothing more."""
    to = following(here)
    if to is None:
        return
    codes = {one.code for one in obstacles(here, to, has_crew=has_crew, has_truck=has_truck, off_reason=off)}
    asked = {"needs_crew": not has_crew, "needs_truck": not has_truck, "off_board": bool(off)}
    assert codes == ({code for code, is_asked in asked.items() if is_asked} if to is S.EN_ROUTE else set())


@given(st.sampled_from(Stage))
def test_the_stage_before_the_next_is_this_one(stage: Stage) -> None:
    """And the other way round."""
    after, before = following(stage), preceding(stage)
    assert after is None or preceding(after) is stage
    assert before is None or following(before) is stage


def test_auditing_and_undoing_it_is_the_desk_s() -> None:
    """A crew's work ends with completion."""
    steps = [(here, to) for here in ORDER for to in ORDER if can_step(here, to)]
    assert [step for step in steps if not is_of_crew(*step)] == [(S.COMPLETED, S.AUDITED), (S.AUDITED, S.COMPLETED)]
