"""What the locations of branches are called: by the branch's name, and distinctly where two have one name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from webapp.smartmoving.branch_names import normal_name, shown_name
from webapp.smartmoving.schemas import BranchRow
from webapp.smartmoving.zones import region_of

MOST_LETTERS = 120


def plain_name(branch: BranchRow) -> str:
    """The branch's own name in order, or its town's where it has none."""
    return shown_name(branch.name) or shown_name(branch.city) or f"Branch {branch.branch_id[:8]}"


def location_names(branches: Sequence[BranchRow], current: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """A name for each branch by its id, no two alike and none among `taken`.

    `current` are the names that locations of branches have now: of several branches of one name, the one that has
    the plain name keeps it, and the others keep theirs. A new one is told apart by town, state, postal code or number.
    """
    used = {name.casefold() for name in taken}
    names: dict[str, str] = {}
    for group in _groups(branches):
        for place, branch in enumerate(_ranked(group, current), start=1):
            name = next(
                candidate
                for candidate in _candidates(branch, current.get(branch.branch_id, ""), place)
                if candidate.casefold() not in used
            )
            used.add(name.casefold())
            names[branch.branch_id] = name
    return names


def _groups(branches: Sequence[BranchRow]) -> list[list[BranchRow]]:
    groups: dict[str, list[BranchRow]] = {}
    for branch in branches:
        groups.setdefault(normal_name(plain_name(branch)) or branch.branch_id, []).append(branch)
    return [groups[key] for key in sorted(groups)]


def _ranked(group: list[BranchRow], current: Mapping[str, str]) -> list[BranchRow]:
    """Who has the plain name comes first, then who had any, then the main branch."""
    return sorted(
        group,
        key=lambda branch: (
            current.get(branch.branch_id) != plain_name(branch),
            branch.branch_id not in current,
            not branch.is_primary,
            branch.branch_id,
        ),
    )


def _candidates(branch: BranchRow, current: str, place: int) -> Iterator[str]:
    plain = plain_name(branch)
    # A name that was given for distinction stays, so that nobody has to learn a new one.
    if place > 1 and current.startswith(f"{plain} · "):
        yield current
    yield plain[:MOST_LETTERS]
    tails = [shown_name(branch.city), region_of(branch.state) or shown_name(branch.state), branch.postcode]
    for tail in tails:
        if tail and normal_name(tail) != normal_name(plain):
            yield _joined(plain, tail)
    for number in range(max(2, place), 10_000):
        yield _joined(plain, str(number))


def _joined(plain: str, tail: str) -> str:
    return f"{plain[: MOST_LETTERS - len(tail[:40]) - 3]} · {tail[:40]}"
