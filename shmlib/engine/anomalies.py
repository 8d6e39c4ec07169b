"""What went wrong between two workers: lost updates, torn reads, blind writes, told by the bytes.

The names are those of the theory of transactions (Berenson and others, A critique of ANSI SQL
isolation levels, SIGMOD 1995), and of papers on atomic registers for the torn read.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .child.messages import Place
from .outcome import Step


class Anomaly(NamedTuple):
    """Two steps of different workers, or of one, between which something was lost or mixed.

    Attributes:
        first, last: numbers of the steps, counted from 0.
        words: what happened.
    """

    first: int
    last: int
    words: str


def lost_updates(steps: Sequence[Step]) -> list[Anomaly]:
    """Find writes that go back to a read since which another worker has written the same bytes.

    Args:
        steps: of a `Replay`.

    Returns:
        An `Anomaly` for each: the step that was overwritten, and the one that overwrote it.
    """
    return [
        Anomaly(
            over,
            number,
            f"{steps[number].worker} wrote {steps[number].value!r} over {steps[over].worker}'s "
            f"{steps[over].value!r}{_where(steps, number)}: "
            f"{steps[over].worker}'s update is lost",
        )
        for over, number, read in _overwritten(steps)
        if read is not None
    ]


def blind_writes(steps: Sequence[Step]) -> list[Anomaly]:
    """Find writes over what another worker has written, by one that never read it.

    Args and result are those of `lost_updates`.
    """
    return [
        Anomaly(
            over,
            number,
            f"{steps[number].worker} wrote {steps[number].value!r} over {steps[over].worker}'s "
            f"{steps[over].value!r}{_where(steps, number)} without reading it",
        )
        for over, number, read in _overwritten(steps)
        if read is None
    ]


def torn_reads(steps: Sequence[Step]) -> list[Anomaly]:
    """Find reads of a record, or of a slice copied item by item, that got one part from before and
    another from after what one worker wrote to both.

    Parts belong together where nothing but steps on the same memory lies between them, and none of
    them comes up twice.

    Args:
        steps: of a `Replay`.

    Returns:
        An `Anomaly` for each: the first and the last step of the read.
    """
    found = []
    writes = _groups(steps, "write")
    for reads in _groups(steps, "read"):
        for written in writes:
            if steps[written[0]].worker == steps[reads[0]].worker:
                continue
            old, new = _before_and_after(steps, reads, written)
            if old and new:
                parts = " and the ".join(
                    f"{age} {steps[number].target} {steps[number].value!r}"
                    for number, age in sorted([(old[0], "old"), (new[0], "new")])
                )
                words = f"{steps[reads[0]].worker} read the {parts}: a torn read"
                found.append(Anomaly(reads[0], reads[-1], words))
    return found


def _overwritten(steps):
    """Yield (step of another worker, step that wrote over it, the writer's last read before of the
    bytes that both have written, or None) where the writer had not read what it wrote over."""
    for number, step in enumerate(steps):
        if step.action != "write" or step.place is None or step.raised:
            continue
        for over, both in _written_over(steps, number):
            if steps[over].worker == step.worker:
                continue
            read = _last_read(steps, number, both)
            exact = both.exact and (read is None or steps[read].place.exact)
            if exact and (read is None or read < over):
                yield over, number, read


def _written_over(steps, number):
    """Yield (step, bytes) for each step whose bytes a write went over, the last step first."""
    left = [steps[number].place]  # whose last writer has not been found
    for over in range(number - 1, -1, -1):
        other = steps[over]
        if other.action != "write" or other.place is None or other.raised:
            continue
        both = [part.shared_with(other.place) for part in left if part.overlaps(other.place)]
        if both:
            yield over, both[0]
            left = [rest for part in left for rest in _without(part, other.place)]


def _without(place, other):
    """Return the parts of a place that are outside another."""
    if not place.overlaps(other):
        return [place]
    before = place._replace(last=other.first - 1)
    after = place._replace(first=other.last + 1)
    return [part for part in (before, after) if part.first <= part.last]


def _last_read(steps, before, place):
    """Return the last step before one by which its worker read some of these bytes, or None."""
    for number in range(before - 1, -1, -1):
        step = steps[number]
        if step.action != "read" or step.place is None or step.raised:
            continue
        if step.place.overlaps(place) and step.worker == steps[before].worker:
            return number
    return None


def _groups(steps, action):
    """Return lists of the numbers of a worker's successive steps on parts of one whole.

    For what is written, parts need not be said to belong together by the program: a writer may set
    a record's fields, or the items of an Array, in any way.
    """
    groups: list[list[int]] = []
    open_group: dict[str, tuple[Place, list[int]]] = {}
    for number, step in enumerate(steps):
        clear = step.place is not None and step.place.exact and not step.raised
        if not clear or step.action in ("acquire", "release"):
            open_group.pop(step.worker, None)
            continue
        if step.action != action:
            if action == "read":
                open_group.pop(step.worker, None)
            continue
        whole = step.whole if action == "read" else step.place.memory
        group = open_group.get(step.worker)
        if whole is None:
            open_group.pop(step.worker, None)
        elif group is None or group[0] != whole or _among(steps, group[1], step.place):
            open_group[step.worker] = whole, [number]
            groups.append(open_group[step.worker][1])
        else:
            group[1].append(number)
    return [group for group in groups if len(group) > 1]


def _among(steps, numbers, place):
    return any(steps[number].place.overlaps(place) for number in numbers)


def _before_and_after(steps, reads, written):
    """Return the reads that came before the write of their part, and those that came after."""
    old, new = [], []
    for read in reads:
        for write in written:
            if steps[read].place.overlaps(steps[write].place):
                if read > write:
                    new.append(read)
                elif steps[read].value != steps[write].value:
                    old.append(read)
    return old, new


def _where(steps, number):
    several = len({step.target for step in steps if step.action == "write"}) > 1
    return f" in {steps[number].target}" if several else ""
