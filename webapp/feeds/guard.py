"""What a whole report must be before a single row of it is written: an import can only improve the data."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.feeds.parse import Key, Parsed, Row
from webapp.feeds.parse_values import Convert, Value

MOST_BAD = 0.05
FEWEST_OF_LAST = 0.5
# A report whose last row breaks off may be one whose end is merely untidy: then hardly a row is missing.
FEWEST_IF_CUT = 0.95
SNIFFED_BYTES = 2_000
MOST_NUL = 0.01
LAST_HAD = "the last good one had"


@dataclass(frozen=True)
class Verdict:
    """Whether a report may be applied. `sentence` says why not (empty when it may), `warnings` what is odd."""

    is_good: bool
    sentence: str = ""
    warnings: tuple[str, ...] = ()


def judge_content(content: bytes) -> Verdict:
    """Whether these bytes can be a report at all: not empty, not a web page, text."""
    start = content.removeprefix(b"\xef\xbb\xbf")[:SNIFFED_BYTES].lstrip()
    if not start and not content[SNIFFED_BYTES:].strip():
        return _refused("The report is empty.")
    if start.startswith(b"<"):
        return _refused("The report is a web page instead of rows; FMS may want somebody to sign in.")
    # One stray NUL costs its row; a file full of them was never text.
    is_binary = content.count(b"\0") > len(content) * MOST_NUL
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\x1f\x8b")) or is_binary:
        return _refused("The report is not text: it looks like a spreadsheet or a compressed file.")
    return Verdict(is_good=True)


def judge(parsed: Parsed, last_valid: int | None, *, is_overridden: bool = False) -> Verdict:
    """Whether a report that was read may replace what is stored.

    `last_valid` is the number of valid rows of the last good import (None: there was none). `is_overridden`:
    an operator has said that this report may have far fewer rows. The order is from the reason that explains
    most to the one that explains least.
    """
    known, found = len(parsed.feed.columns), parsed.width
    if parsed.moved:
        return _refused(f"The report's columns have moved: {_listed(parsed.moved)} stand elsewhere now.")
    if parsed.fetched and found < known:
        return _refused(f"The report has {_columns(found)}, {known} are expected; read so, values would shift.")
    if not parsed.valid:
        return _refused(f"Not one of the report's {parsed.fetched:,} rows can be used{_first_fault(parsed)}.")
    if len(parsed.bad) > parsed.fetched * MOST_BAD:
        return _refused(
            f"{len(parsed.bad):,} of {parsed.fetched:,} rows are bad ({len(parsed.bad) / parsed.fetched:.0%}), "
            f"at most {MOST_BAD:.0%} may be{_first_fault(parsed)}."
        )
    if last_valid and not is_overridden:
        if parsed.valid < last_valid * FEWEST_OF_LAST:
            return _refused(
                f"The report has only {parsed.valid:,} rows, {LAST_HAD} {last_valid:,}. "
                "If that is right, run the sync once with this check overridden."
            )
        if parsed.is_cut_short and parsed.valid < last_valid * FEWEST_IF_CUT:
            return _refused(
                f"The report breaks off in the middle of a row: {parsed.valid:,} rows, {LAST_HAD} {last_valid:,}."
            )
    return Verdict(is_good=True, warnings=_warnings(parsed))


def may_be_overridden(sentence: str) -> bool:
    """Whether the refusal that says `sentence` is one that `is_overridden` lifts: too few rows, nothing else."""
    return LAST_HAD in sentence


def shifted_columns(parsed: Parsed, stored: Mapping[Key, Row]) -> tuple[str, ...]:
    """Columns of a report that grew whose stored values now stand further right, in most rows that are known.

    A new column that came in before the end may leave every cell readable, where text follows text: only the
    rows themselves tell. `stored` are yesterday's rows by key.
    """
    if not parsed.extra_columns:
        return ()
    shifted = []
    for place, column in enumerate(parsed.feed.columns):
        known = moved = 0
        for key, row in parsed.rows.items():
            old = stored[key][place] if key in stored else None
            if old in (None, ""):
                continue
            known += 1
            moved += row[place] != old and old in _further_right(parsed, key, row, place, column.convert)
        if moved * 2 > known:
            shifted.append(column.name)
    return tuple(shifted)


def shifted_sentence(names: tuple[str, ...]) -> str:
    """What to tell a person about columns that shifted."""
    return f"The report has a new column before its end: {_listed(names)} would shift."


def _further_right(parsed: Parsed, key: Key, row: Row, place: int, convert: Convert) -> list[Value]:
    """What stands where this column's value would be if up to as many columns as are new came before it."""
    reach = place + 1 + parsed.extra_columns
    found: list[Value] = list(row[place + 1 : reach])
    for text in parsed.beyond.get(key, ())[: max(0, reach - len(row))]:
        try:
            found.append(convert(text))
        except ValueError:
            continue
    return found


def _warnings(parsed: Parsed) -> tuple[str, ...]:
    warnings = []
    if parsed.extra_columns:
        warnings.append(
            f"The report has {_columns(parsed.width)}, {len(parsed.feed.columns)} are known; "
            "what is beyond them was left out."
        )
    if parsed.repeated:
        warnings.append(f"{parsed.repeated:,} rows say what an earlier row says; they were read once.")
    if parsed.strange_lines:
        warnings.append(f"{parsed.strange_lines:,} lines are not UTF-8 and were read as Latin-1.")
    return tuple(warnings)


def _refused(sentence: str) -> Verdict:
    return Verdict(is_good=False, sentence=sentence)


def _first_fault(parsed: Parsed) -> str:
    return f"; the first, on line {parsed.bad[0].line}, {parsed.bad[0].reason}" if parsed.bad else ""


def _columns(count: int) -> str:
    return f"{count} column{'' if count == 1 else 's'}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
