"""Be the scheduler: real workers wait at their gates, and the learner lets them go on."""

import ast
import html
import linecache
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import getblock
from typing import Any

import ipywidgets as widgets
from IPython import get_ipython

from ...engine.aliases import Worker
from ...engine.arguments import checked_workers
from ...engine.explore import explore
from ...engine.outcome import Outcome, memory_words
from ...memory.objects import Shared
from ...words import counted, short_number, short_repr
from ..figures import palette, waiting_workers
from .explorer import Explorer, LiveWorkers, card

_MONO = "font-family:monospace;font-size:14px;line-height:1.5"
_OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply"}


def scheduler(
    workers: Iterable[Worker] | Mapping[str, Iterable[Worker]],
    *shared: Shared,
    goal: str = "",
    reached: Callable[[Outcome], object] | None = None,
) -> Explorer:
    """Let the learner grant the steps of real workers, one by one, and undo them.

    Give it shared objects of its own: their content changes with every step.

    Args:
        workers: list of two or three functions, or of functools.partial of one; or a dict of such
            lists, from which the learner chooses by name. The first is shown first.
        *shared: the shared objects, handed to every worker in this order.
        goal: what the learner is to bring about, such as "Make the counter end at 1."
        reached: function of the `Outcome` that tells whether the goal is reached.

    Returns:
        An `Explorer`: buttons, and a field where typing ABBA takes these steps. Where there is a
        goal, one more button explores every interleaving, and says how many reach it.

    Raises:
        TypeError, ValueError: an argument does not fit.
    """
    if not isinstance(goal, str):
        raise TypeError(f"goal must be a sentence, not {short_repr(goal)}")
    if bool(goal) != (reached is not None):
        raise ValueError("goal and reached go together: give both or neither")
    if reached is not None and not callable(reached):
        raise TypeError(f"reached must be a function of the Outcome, not {short_repr(reached)}")
    if isinstance(workers, Mapping) and not (workers and all(isinstance(n, str) for n in workers)):
        raise ValueError(f"workers must give each list a name, not {short_repr(workers)}")
    return _Scheduler(workers, shared, goal, reached).explorer


class _Scheduler:
    """The state of one explorer: the schedule, and the stepper that has run it."""

    widget: Any
    _schedule: Any

    def __init__(self, workers, shared, goal, reached):
        self._goal = goal
        self._reached = reached
        self._shared = shared
        several = isinstance(workers, Mapping)
        self._programs = {
            name: checked_workers(each, shared)
            for name, each in (workers.items() if several else [("", workers)])
        }
        for each in self._programs.values():
            if not 2 <= len(each) <= 3:
                raise ValueError(f"workers must hold 2 or 3 functions, not {len(each)}")
        self._names = {
            name: f'{_name_of(workers)}["{name}"]' if several else _name_of(workers)
            for name in self._programs
        }
        self.letters = "ABC"[: max(map(len, self._programs.values()))]
        self._build()
        self._choose(next(iter(self._programs)))
        self.explorer = Explorer(waiting_workers(self._live.at(""), goal), self.widget)

    def _choose(self, program):
        """Let the learner play with the workers of this program."""
        self._program = program
        self._live = LiveWorkers(self._programs[program], self._shared)
        self._found = ""
        self._show(self._live.at(""), "")

    # --------------------------------------------------------------------------- the widget

    def _build(self):
        self._grants = {}
        for letter in self.letters:
            self._grants[letter] = widgets.Button(layout={"width": "auto", "min_width": "180px"})
            self._grants[letter].on_click(lambda _, letter=letter: self._take(letter))
        self._undo = widgets.Button(description="Undo", tooltip="take the last step back")
        self._undo.on_click(lambda _: self._go(self._schedule.value[:-1]))
        self._restart = widgets.Button(description="Restart", tooltip="back to the start")
        self._restart.on_click(lambda _: self._go(""))
        self._schedule = widgets.Text(
            description="schedule",
            placeholder=f"type {', '.join(self.letters)}; backspace undoes",
            layout={"width": "auto", "flex": "1 1 260px"},
        )
        self._schedule.observe(self._typed, "value")
        self._search = widgets.Button(
            description="Try every schedule",
            tooltip="explore all interleavings, and say how many reach the goal",
            layout={"width": "auto"},
        )
        self._search.on_click(lambda _: self._try_all())
        self._chosen = widgets.Dropdown(
            options=list(self._programs),
            description="program",
            layout={"width": "auto", "flex": "0 1 320px"},
        )
        self._chosen.observe(lambda change: self._choose_anew(change["new"]), "value")
        self._panel = widgets.HTML()
        wrap = {"flex_flow": "row wrap"}
        first = [self._chosen] * (len(self._programs) > 1) + [self._search] * bool(self._goal)
        rows = [[*self._grants.values(), self._undo, self._restart], [self._schedule, *first]]
        self.widget = widgets.VBox([*(widgets.HBox(row, layout=wrap) for row in rows), self._panel])

    def _choose_anew(self, program):
        try:
            self._choose(program)
        except Exception as error:
            self._begin_again("", f"{type(error).__name__}: {error}")

    def _take(self, letter):
        self._go(self._done + letter)

    def _typed(self, change):
        if change["new"] != self._done:
            self._go(change["new"].upper().strip())

    def _go(self, schedule):
        """Bring the workers to the end of a schedule, or as far towards it as they can go."""
        said = ""
        try:
            stepper = self._live.at(self._common(schedule))
            try:
                for letter in schedule[len(stepper.schedule) :]:
                    stepper.grant(letter)
            except ValueError as error:
                said = str(error)
        except Exception as error:
            self._begin_again("", f"{type(error).__name__}: {error}")
        else:
            self._show(stepper, said)

    def _begin_again(self, schedule, said):
        """Start new workers; where that cannot be, as when a lock is still taken, say so."""
        try:
            self._live.sleep()
            stepper = self._live.at(schedule)
        except Exception as error:
            for control in (*self._grants.values(), self._undo, self._restart, self._search):
                control.disabled = True
            self._schedule.disabled = True
            lines = [said, f"{type(error).__name__}: {error}", "Run this cell again."]
            text = "<br>".join(html.escape(line) for line in lines if line)
            self._panel.value = card(f"<div aria-live='polite'>{text}</div>", "be the scheduler")
        else:
            self._show(stepper, said)

    def _try_all(self):
        """Explore the program, and say how many of its interleavings reach the goal."""
        schedule, said = self._done, ""
        self._search.disabled = True
        self._live.sleep()
        try:
            found = explore(self._programs[self._program], *self._shared)
            self._found = _reaching(found, self._reached)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        self._search.disabled = False
        self._begin_again(schedule, said)

    def _common(self, schedule):
        """Return the longest start of a schedule that has been taken already."""
        done = self._done
        while not schedule.startswith(done):
            done = done[:-1]
        return done

    def _show(self, stepper, said):
        self._done = stepper.schedule
        outcome = stepper.outcome
        for letter, button in self._grants.items():
            button.layout.display = "" if letter in stepper.letters else "none"
            button.disabled = letter not in stepper.ready
            button.description = f"{letter}: {self._next(stepper, letter)}"
            button.tooltip = stepper.blocked.get(letter, "") or f"let {letter} take its step"
        self._undo.disabled = self._restart.disabled = not stepper.schedule
        self._schedule.value = stepper.schedule
        self._panel.value = card(
            self._goal_line(outcome)
            + _state(stepper)
            + _steps(stepper)
            + _sources(stepper)
            + self._last_line(stepper, outcome, said),
            "be the scheduler",
        )

    def _next(self, stepper, letter):
        if letter not in stepper.pending:
            return "has ended"
        return (
            f"waits to {stepper.pending[letter]}"
            if letter in stepper.blocked
            else str(stepper.pending[letter])
        )

    def _goal_line(self, outcome):
        if not self._goal:
            return ""
        verdict = ""
        if outcome is not None:
            done = self._reached(outcome)
            colour = palette.tint(palette.C, 0.25) if done else palette.TROUBLE
            text = "Reached." if done else "Not this time: undo, or restart."
            verdict = f' <b style="background:{colour};padding:1px 6px">{text}</b>'
        lines = [f"<b>Goal</b> {html.escape(self._goal)}{verdict}", html.escape(self._found)]
        return "".join(f"<p style='margin:0 0 6px'>{line}</p>" for line in lines if line)

    def _last_line(self, stepper, outcome, said):
        lines = []
        if said:
            lines.append(html.escape(said))
        if outcome is not None:
            lines.append(f"<b>{html.escape(str(outcome))}</b>")
        if stepper.schedule:
            rest = ", unfinished=True" * (outcome is None)
            arguments = ", ".join([self._names[self._program], *map(_name_of, self._shared)])
            code = f'replay("{stepper.schedule}", {arguments}{rest})'
            code = html.escape(code)
            lines.append(f"<code style='{_MONO};color:{palette.INK}'>{code}</code>")
        return f"<div aria-live='polite' style='margin-top:6px'>{'<br>'.join(lines)}</div>"


def _reaching(found, reached):
    """Say how many interleavings of an exploration reach the goal."""
    number = sum(count for end, count in found.outcomes.items() if reached(end))
    whole = counted(found.interleavings, "schedule") if found.complete else "those tried so far"
    if not number:
        return f"Of {whole}, none reaches the goal."
    return f"Of {whole}, {short_number(number)} {'reaches' if number == 1 else 'reach'} the goal."


def _name_of(item):
    """Return what the notebook calls an object, or dots."""
    shell = get_ipython()
    names = shell.user_ns if shell else {}
    return next((n for n, v in names.items() if v is item and not n.startswith("_")), "...")


# ------------------------------------------------------------------------------- as HTML


def _state(stepper):
    """The memory as cells, and who holds which lock."""
    cells = []
    for name, held in zip(stepper.names, stepper.memory, strict=True):
        text = memory_words((name,), (held,)).removeprefix(name).strip() or str(held)
        cells.append(_cell(html.escape(name), html.escape(text), palette.MEMORY))
    for name, owner in stepper.locks.items():
        if name not in stepper.names:
            held = f"held by {owner}" if owner else "free"
            colour = palette.LOCK if owner else palette.MEMORY
            cells.append(_cell(html.escape(name), held, colour))
    return (
        f"<div style='display:flex;flex-wrap:wrap;gap:8px;margin-bottom:8px'>{''.join(cells)}</div>"
    )


def _cell(name, text, colour):
    style = f"border:2px solid {colour};background:{palette.tint(colour, 0.15)};padding:2px 10px"
    return f"<div style='{style}'>{name} <b style='{_MONO}'>{text}</b></div>"


def _steps(stepper):
    """The steps taken so far: a row for each worker, time to the right."""
    rows = []
    for row, letter in enumerate(stepper.letters, 1):
        colour = palette.of_worker(row - 1)
        rows.append(f"<b style='grid-row:{row};grid-column:1'>{letter}</b>")
        for column, step in enumerate(stepper.steps, 2):
            if step.worker == letter:
                place = f"grid-row:{row};grid-column:{column}"
                look = (
                    f"background:{palette.tint(colour)};border:2px solid {colour};"
                    f"border-radius:6px;padding:0 5px;white-space:nowrap;{_MONO}"
                )
                title = html.escape(f"{step}", quote=True)
                rows.append(
                    f"<span style='{place};{look}' title='{title}'>"
                    f"{html.escape(_words(step))}</span>"
                )
    grid = "display:grid;gap:4px;justify-content:start;overflow-x:auto;min-height:60px"
    return f"<div style='{grid}'>{''.join(rows)}</div>"


def _words(step):
    """A step in a word or two; all of it stands in the tooltip."""
    if step.action in ("read", "write"):
        return f"{step.action} {step.value!r}"
    if step.value is False:
        return f"{step.action}: False"
    return f"{step.action} ({step.remark})" if step.remark else step.action


def _sources(stepper):
    """The source of each worker, side by side, with its next line marked."""
    return (
        "<div style='display:flex;flex-wrap:wrap;gap:10px;margin-top:8px'>"
        + "".join(_source(stepper, letter) for letter in stepper.letters)
        + "</div>"
    )


def _source(stepper, letter):
    position = stepper.letters.index(letter)
    colour = palette.of_worker(position)
    request = stepper.pending.get(letter)
    where = request.where if request else stepper.last_place[letter]
    lines = []
    if where:
        file, first, current = where
        for number, text in enumerate(_block(file, first), first):
            here = request is not None and number == current
            mark = "▶ " if here else "  "
            look = f"background:{palette.tint(colour, 0.25)};font-weight:bold" if here else ""
            lines.append(f"<div style='{look}'>{mark}{html.escape(text)}</div>")
            if here:
                lines.append(_opened(file, number, request))
    name = html.escape(stepper.workers[position])
    frame = f"flex:1 1 280px;border-left:4px solid {colour};padding-left:8px;min-width:0"
    code = f"{_MONO};margin:2px 0;white-space:pre;overflow-x:auto;color:{palette.INK}"
    body = f"<b>{name}</b><div style='{code}'>{''.join(lines)}</div>"
    return f"<div style='{frame}'>{body}{html.escape(_status(stepper, letter))}</div>"


def _status(stepper, letter):
    if letter in stepper.blocked:
        return f"It {stepper.blocked[letter]}."
    if letter in stepper.pending:
        return f"Next: {stepper.pending[letter]}."
    return stepper.ended[letter]


@cache
def _block(file, first):
    """The lines of the function that begins at a line of a file, without its common indent."""
    lines = getblock(linecache.getlines(file)[first - 1 :])
    indent = len(lines[0]) - len(lines[0].lstrip())
    return [line[indent:].rstrip() for line in lines]


def _opened(file, number, request):
    """An augmented assignment opened into its steps, the next one marked."""
    try:
        line = linecache.getline(file, number).strip()
        statement = ast.parse(line).body[0]
    except (SyntaxError, IndexError):
        return ""
    if not isinstance(statement, ast.AugAssign) or request.action not in ("read", "write"):
        return ""
    parts = ["read", _OPERATORS.get(type(statement.op), "compute"), "write"]
    marked = [
        f"<b style='outline:2px solid {palette.INK};padding:0 4px'>{part}</b>"
        if part == request.action
        else part
        for part in parts
    ]
    return f"<div>      {' → '.join(marked)}</div>"
