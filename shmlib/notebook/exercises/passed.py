"""What a learner has passed: a file beside the pages, which never leaves the machine."""

import contextlib
import datetime
import html
import json
import os
from collections.abc import Collection
from pathlib import Path

from .exercise import AFTER, BEFORE, PAGES, exercises_of

RECORD = "my_progress.json"


class Progress:
    """Which exercises are passed, page by page.

    Whoever passes the last exercise of a page knows its subject, and is done with it. What the
    questions before the course were worth is told once one of those after it is passed.

    Args:
        passed: numbers of exercises.
    """

    def __init__(self, passed: Collection[str]):
        self._rows = []
        for page in PAGES:
            numbers = [exercise.number for exercise in exercises_of(page)]
            marks = [(number, number in passed) for number in numbers]
            self._rows.append((page, marks, numbers[-1] in passed))
        before, after = (
            sum(exercise.number in passed for exercise in exercises_of(page))
            for page in (BEFORE, AFTER)
        )
        self._learnt = (
            f"Of the five questions {before} right before the course, {after} after it."
            if after
            else ""
        )

    def __repr__(self):
        lines = [
            "  ".join(f"[{'x' if done else ' '}] {number}" for number, done in marks)
            + "  page done" * whole
            for _, marks, whole in self._rows
        ]
        return "\n".join([*lines, *filter(None, [self._learnt])])

    def _repr_html_(self):
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{page}</th>"
            + "".join(
                f"<td style='text-align:left'>{'&#x2713;' if done else '&#x25CB;'} "
                f"{html.escape(number)} {'passed' if done else 'open'}</td>"
                for number, done in marks
            )
            + f"<td style='text-align:left'>{'page done' if whole else ''}</td></tr>"
            for page, marks, whole in self._rows
        )
        return f"<table>{rows}</table>{self._learnt and f'<p>{self._learnt}</p>'}"


def passed() -> dict[str, str]:
    """Return from the number of each exercise that was passed to the date."""
    try:
        kept = json.loads(Path(RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def note(number: str, right: bool) -> None:
    """Note that an exercise was passed today, if it was not before.

    An exercise stays passed whatever is tried later; a question before the course does not.
    """
    kept = passed()
    if right and number not in kept:
        kept[number] = datetime.date.today().isoformat()
    elif not right and number in kept and number.startswith(BEFORE):
        del kept[number]
    else:
        return
    draft = Path(f"{RECORD}.{os.getpid()}.draft")
    with contextlib.suppress(OSError):  # a folder that cannot be written to
        draft.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        draft.replace(RECORD)
