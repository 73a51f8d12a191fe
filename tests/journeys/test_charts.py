"""Charts are well-formed, say the numbers, stay inside their frame, and are the same for the same numbers."""

import itertools
import re
from collections.abc import Sequence
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from webapp.journeys.charts import WIDTH, Chart, Series, bars, line, lying_bars, stacked_bars

SVG = "{http://www.w3.org/2000/svg}"
labels_and_values = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40),
        st.floats(0, 1e9) | st.integers(0, 5),
        st.floats(0, 1e6) | st.none(),
    ),
    max_size=70,
)


def read(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def chart(labels: Sequence[str]) -> Chart:
    return Chart("a-chart", "A <title> & more", 'A "description"', labels)


@given(labels_and_values)
def test_any_numbers_make_a_drawing_inside_its_frame(rows: list[tuple[str, float, float | None]]) -> None:
    """Whatever the labels and numbers: well-formed, nothing beyond the frame, no bar of negative size."""
    labels = [label for label, _, _ in rows]
    series = [Series("One & two", [one for _, one, _ in rows]), Series("<b>", [other for *_, other in rows])]
    for draw in (stacked_bars, line, lying_bars):
        drawing = read(draw(chart(labels), series))
        assert drawing.get("viewBox")
        _, _, width, height = (float(number) for number in drawing.get("viewBox", "").split())
        for bar in drawing.iter(f"{SVG}rect"):
            if bar.get("class", "").startswith("edge-") and len(rows) > 0:
                x, y, wide, high = (float(bar.get(name, "")) for name in ("x", "y", "width", "height"))
                assert wide >= 0
                assert high >= 0
                assert -0.1 <= x <= x + wide <= width + 0.1
                assert -0.1 <= y <= y + high <= height + 0.1
        assert drawing.findtext(f"{SVG}title") == "A <title> & more"
        assert drawing.findtext(f"{SVG}desc") == 'A "description"'


def test_values_are_written_where_there_is_room() -> None:
    """A sum stands above its bar; each part says what it is."""
    drawing = stacked_bars(chart(["Mon", "Tue"]), [Series("Good", [3, 0]), Series("Bad", [1, 0])])
    assert re.findall(r'class="value"[^>]*>([^<]*)<', drawing) == ["4"]
    assert "<title>Mon, Good: 3</title>" in drawing
    assert "<title>Mon, Bad: 1</title>" in drawing
    assert "Tue, Good" not in drawing


def test_series_differ_without_colour() -> None:
    """Each series has a pattern of its own, and a legend names it."""
    drawing = stacked_bars(chart(["Mon"]), [Series("One", [1]), Series("Two", [1]), Series("Three", [1])])
    hatches = re.findall(r'class="hatch-\d" d="([^"]*)"', drawing)
    assert len(hatches) == len(set(hatches)) == 3
    assert all(name in drawing for name in (">One<", ">Two<", ">Three<"))


def test_a_line_breaks_where_nothing_is_known() -> None:
    """A gap is a gap, not a zero."""
    drawing = line(chart(["1", "2", "3", "4"]), [Series("", [1, 2, None, 4])])
    assert len(re.findall("M[0-9.]+ [0-9.]+", drawing.partition('class="stroke-1"')[2])) == 2
    assert drawing.count("<title>3") == 0


def test_axes_end_at_round_numbers_with_whole_ticks() -> None:
    """Four steps of whole numbers, whatever the largest value is."""
    for largest in (1, 4, 5, 9, 13, 37, 99, 101, 640, 1234):
        drawing = bars(chart(["x"]), [largest])
        ticks = [word for word in re.findall(r'class="tick"[^>]*>([^<]*)<', drawing) if word != "x"]
        numbers = [int(word.replace(",", "")) for word in ticks]
        assert numbers[0] == 0
        assert numbers[-1] >= largest
        assert len({later - earlier for earlier, later in itertools.pairwise(numbers)}) == 1


def test_labels_do_not_run_into_each_other() -> None:
    """Of forty days, as many are named as fit."""
    drawing = bars(chart([f"11-{day:02}" for day in range(40)]), [1.0] * 40)
    named = [float(x) for x in re.findall(r'class="tick" x="([0-9.]+)"[^>]*>11-', drawing)]
    assert len(named) > 8
    assert min(later - earlier for earlier, later in itertools.pairwise(named)) > 35
    assert named[-1] < WIDTH


def test_the_same_numbers_draw_the_same() -> None:
    """Deterministic: a page that did not change is the same to the byte."""
    assert bars(chart(["a"]), [1]) == bars(chart(["a"]), [1])
