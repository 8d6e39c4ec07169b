"""Stepper: workers on real processes that wait at their gates, each for its next step.

The workers share the real memory. Each takes one step at a time, when the parent says so (see
`child/gate.py`); the parent knows what everyone is about to do and who holds which lock, so it
grants only what can go on (see `awaited.py`).
"""

import atexit
import ctypes
import multiprocessing
import string
import time
from collections.abc import Iterable
from multiprocessing import connection, synchronize
from typing import Any

from ..checks import check_seconds, check_whole
from ..memory.objects import (
    AWAITED,
    Memory,
    Shared,
    awaited_names,
    awaited_of,
    bytes_of,
    is_taken,
    memories_of,
    memory_of,
)
from ..words import schedule_words, short_repr
from .aliases import Worker
from .arguments import (
    check_builtins,
    checked_schedule,
    checked_workers,
    fitting_start_method,
)
from .awaited import NOTIFY, PARENT, ConditionRules, LockRules, States, rules_of
from .carried import parameter_names, shared_in
from .child import messages
from .child.messages import Request
from .child.serve import look_through_this_process
from .crew import GRACE
from .errors import WorkerError, WorkerTimeoutError, stay_taken
from .frozen import frozen, without_addresses
from .gated import GatedMember, copying_context, fixed_hash_seed
from .handover import Handover
from .outcome import Outcome, Step, Wait, content
from .recurrence import Recurrence
from .sources import check_unchanged
from .waiting import SigintBlocked, StopButton
from .watch import Watch

# A schedule of so many steps that has not come to an end is cut.
STEP_LIMIT = 1_000
# So often do steps have to lead back to where all was until they are taken to do so forever.
ROUNDS = 100
# After so many seconds in all, twice will do.
TRIED_FOR = 1.0
# Seconds that a process may take to start, at least, and how many more for each one beside it: it
# depends on the machine, and not on the worker.
START_LIMIT = 10.0
START_MORE = 1.0


class Stepper:
    """Workers that wait at their gates, each for its next step. Use it in a `with` statement.

    Args:
        workers, shared, timeout, start_method: as for `replay`.

    Attributes:
        letters: of the workers, in order.
        workers: letter and name of each.
        names: of the shared objects, from the parameters of the first worker.
        schedule: the steps taken so far, a letter each.
        start: content of each shared object before the first step.
        steps: the `Step` of each.
        raised_at: from the letter of a worker that has raised to where, in words.
        pending: from the letter of a worker that has not ended to what it is about to do.
        rules: the `Rules` of each object that workers may wait for.
        lock_states: what state each of these is in.
        recurrence: the `Recurrence`, which knows whether workers have come back to where they were.
        stop_button: the `StopButton` that holds an interrupt back.
        last_place: from the letter of a worker to where its last request came from, or None.
    """

    def __init__(
        self,
        workers: Iterable[Worker],
        *shared: Shared,
        timeout: float = 10.0,
        start_method: str | None = None,
    ):
        self._functions = checked_workers(workers, shared)
        method = fitting_start_method(shared_in(self._functions, shared), start_method)
        check_builtins(self._functions, method, stepped=True)
        check_unchanged(self._functions, method)
        check_seconds("timeout", timeout)
        self._timeout = timeout
        self._context = multiprocessing.get_context(method)
        if start_method is None and method == "spawn":
            self._context = copying_context() or self._context
        self._start_limit = max(timeout, START_LIMIT + START_MORE * len(self._functions))
        self.letters = string.ascii_uppercase[: len(self._functions)]
        names = parameter_names(self._functions[0], shared)
        handover = Handover(self._functions, shared, names, method)
        self._packed = handover.packed
        self._shared = shared = tuple(handover.shared)
        self.names = tuple(handover.names)
        self._awaited = awaited_of(shared)
        self.rules = rules_of(self._awaited, awaited_names(shared, self.names))
        self._start_states: States = tuple(rule.start for rule in self.rules)
        self.lock_states = self._start_states
        self._memories = memories_of(shared)
        self._before = [bytes_of(memory) for memory in self._memories]
        self.recurrence = Recurrence(self.letters, self._memories)
        self._watch = Watch(self._memories)
        self._tried_for = 0.0  # seconds that rounds have taken, see `_go_round`
        self.steps: list[Step] = []
        self.pending: dict[str, Request] = {}
        self._crew: dict[str, GatedMember] = {}
        # (letter, request) of the worker that was granted a step and has not answered yet; the
        # request is None while it is on the way to its first step.
        self._unanswered: Any = None
        self.stop_button = StopButton()
        atexit.register(self.close)  # else the interpreter would wait for the workers when it ends
        try:
            with self.stop_button:
                self._enlist(self.letters)
                self.rewind()
        except BaseException:
            self.close()
            raise
        self.workers = tuple(self._crew[letter].name for letter in self.letters)

    def __enter__(self) -> "Stepper":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ready(self) -> list[str]:
        """Letters of the workers that can go on now."""
        pending = self.pending
        return [k for k in self.letters if k in pending and not self._hindrance(k)]

    @property
    def blocked(self) -> dict[str, str]:
        """From the letter of each worker that cannot go on to the reason, in words."""
        reasons = {letter: self._hindrance(letter) for letter in sorted(self.pending)}
        return {letter: reason for letter, reason in reasons.items() if reason}

    @property
    def free(self) -> list[str]:
        """Letters of the workers that can go on to something new: those that poll are not among
        them. They came back to where they were, and meanwhile they have only read, and nobody has
        changed what is shared."""
        return [k for k in self.ready if not self.recurrence.keeps_coming_back(k)]

    @property
    def locks(self) -> dict[str, str | None]:
        """From the name of each lock to the letter of the worker that holds it, or None."""
        held = {rule.name: self.lock_states[rule.number] for rule in self._locks}
        return {name: state and state[0] for name, state in held.items()}

    @property
    def _locks(self):
        return [rule for rule in self.rules if isinstance(rule, LockRules)]

    @property
    def initial(self) -> list[tuple[Memory, bytes]]:
        """(ctypes object, the bytes it holds at the start of every schedule) for each memory."""
        return list(zip(self._memories, self._before, strict=True))

    @property
    def ended(self) -> dict[str, str]:
        """From the letter of each worker that has ended to how, in words."""
        self._check_open()
        return {
            letter: f"It raised {self._errors[letter]}."
            if letter in self._errors
            else f"It has ended and returned {self._results[letter]!r}."
            for letter in self.letters
            if letter not in self.pending
        }

    @property
    def memory(self) -> tuple[Any, ...]:
        """Content of each shared object now, as that of an `Outcome`."""
        return tuple(self._content(item) for item in self._shared)

    @property
    def outcome(self) -> Outcome | None:
        """The `Outcome`, or None while somebody can go on to something new."""
        self._check_open()
        if self.ready:
            if self.free:
                return None
            polling = [f"{k} keeps coming back to {self.pending[k]}" for k in self.ready]
            waiting = [f"{letter} {reason}" for letter, reason in self.blocked.items()]
            what = f"{' and '.join(polling)}, and nobody is left to change that"
            return self._outcome("livelock", what, *waiting)
        if self.pending:
            return self._deadlock()
        return self._outcome("error" if self._errors else "finished")

    def end_of(self, letter: str) -> tuple[str, object]:
        """Return how a worker has ended, in words, and a hashable stand-in for what it returned."""
        if letter in self._errors:
            return f"raising {self._errors[letter]}", None
        result = self._results[letter]
        return f"returning {without_addresses(short_repr(result))}", frozen(result)

    @property
    def cycle(self) -> Outcome | None:
        """The `Outcome` "livelock" where all is as it was earlier in this schedule, and those steps
        can go on like this forever, with nobody left out who could go on; else None."""
        if self.recurrence.came_back is None:
            return None
        letters = self.schedule[self.recurrence.came_back :]
        if not self.recurrence.able_since(self.recurrence.came_back) <= set(letters):
            return None
        return self.livelock(letters, letters)

    def livelock(self, letters: str, everyone: str) -> Outcome:
        """Return the `Outcome` for steps that lead back to where all was, and who takes part."""
        names = " and ".join(sorted(set(everyone)))
        return self._outcome(
            "livelock",
            f"{names} can loop forever: {schedule_words(letters)} brings everything back "
            "to where it was",
        )

    def grant(self, letter: str) -> Step:
        """Let a worker take its next step.

        Returns:
            The `Step`.

        Raises:
            ValueError: there is no such worker, or it is blocked, or has ended.
        """
        self._check_open()
        if not isinstance(letter, str) or letter not in self.pending or self._hindrance(letter):
            raise ValueError(self._refusal(letter))
        request, states = self.pending[letter], self.lock_states
        kept, value = self.advance(letter)
        if request.action == "write" and kept:
            value = request.value
        elif request.action in NOTIFY and kept:
            now = self.lock_states
            value = self._asleep(request.lock, states) - self._asleep(request.lock, now)
        elif request.action == "wait on" and request.waits and not value:
            value = None  # it has fallen asleep
        step = Step(
            letter,
            request.action,
            request.target,
            value,
            self.memory,
            not kept,
            request.place,
            request.whole,
            tuple(rule.name for rule in self._locks if self._holds(rule, letter)),
            request.where[2],
            request.where[0],
        )
        self.steps.append(step)
        return step

    def advance(self, letter: str) -> tuple[bool, Any]:
        """Let a worker that is ready take its next step, without a `Step` for it.

        Returns:
            (True, what the step gave) or (False, the exception that it raised, in words).

        Raises:
            ValueError: there is no such worker, or it has ended.
        """
        if letter not in self.pending:
            self._check_open()
            raise ValueError(self._refusal(letter))
        with self.stop_button:
            given = self._take(letter)
            if self.recurrence.untried:
                self._go_round(self.recurrence.untried)
            return given

    def _take(self, letter):
        self.recurrence.note_able(self.free if self.recurrence.looping else ())
        request, order = self.pending.pop(letter), messages.GRANT
        if request.action == "wait on":
            self._check_holds(letter, request)
        elif request.action == "wake on" and self._is_late(letter, request):
            order = messages.LATE
        self.schedule += letter
        self._unanswered = letter, request
        self._crew[letter].line.give(order)
        given = self._settle(self._receive(letter, self._timeout))
        self.recurrence.arrive(self.schedule, self.pending)
        return given

    def _go_round(self, letters):
        """See whether steps that have led back to where all was do so again and again.

        A worker may go by something that no summary of where it is has, such as a counter in a
        value that is half computed. Then nothing is concluded from its coming back any more.
        """
        seen, schedule, steps = self.recurrence, self.schedule, self.steps
        began = time.monotonic()
        here = seen.where_are(letters)
        passed = self._once_round(letters)
        rounds = 1
        seen.trusted = passed[-1:] == [here]
        while seen.trusted and rounds < ROUNDS:
            seen.trusted = self._once_round(letters, passed) == passed
            rounds += 1
            if self._tried_for + time.monotonic() - began > TRIED_FOR:
                break
        self._tried_for += time.monotonic() - began
        seen.note_tried(passed)
        self.rewind(schedule, record=False)
        self.steps = steps

    def _once_round(self, letters, expected=None):
        """Take some steps, as long as they can be taken and lead to where it is expected; return
        where they have led."""
        passed = []
        for place, letter in enumerate(letters):
            if letter not in self.pending or self._hindrance(letter):
                break
            try:
                self._take(letter)
            except WorkerError:
                if not self._crew:
                    raise  # its process has ended
                break  # nobody has asked for this step
            passed.append(self.recurrence.where_are(letters))
            if expected is not None and passed[-1] != expected[place]:
                break
        return passed

    def undo(self) -> None:
        """Take the last step back: everything is set back and the steps before it are rerun.

        Raises:
            ValueError: there is no step to undo.
        """
        if not self.schedule:
            raise ValueError("there is no step to undo")
        self.rewind(self.schedule[:-1])

    def rewind(self, schedule: str = "", record: bool = True) -> None:
        """Set memory, locks and workers back to the start, and take the steps of a schedule.

        Args:
            schedule: a letter for each step.
            record: False to leave `steps` empty, which is faster.

        Raises:
            TypeError: the schedule is no string.
            ValueError: the stepper is closed, or the schedule does not fit.
        """
        schedule = checked_schedule(schedule)
        self._check_open()
        with self.stop_button:
            self._end_schedule(self._timeout)
            self.schedule = ""
            self.steps = []
            self._results: dict[str, Any] = dict.fromkeys(self.letters)
            self._errors: dict[str, str] = {}
            self.raised_at: dict[str, str] = {}
            self.recurrence.begin(self._matter)
            self._watch.begin()
            self.last_place: dict[str, messages.Where | None] = dict.fromkeys(self.letters)
            self._forget_output()
            for member in self._crew.values():
                member.line.give(messages.START)
            for letter in self.letters:
                self._unanswered = letter, None
                self._settle(self._receive(letter, self._timeout))
            self.recurrence.arrive("", self.pending)
            self.start = self.memory
            for letter in schedule:
                self.grant(letter) if record else self.advance(letter)

    def _check_open(self):
        if not self._crew:
            raise ValueError("this stepper is closed: make another one")

    def so_far(self) -> Outcome:
        """Return the `Outcome` of a schedule that may have stopped half way."""
        return self.outcome or self.cycle or self._outcome("unfinished", self._who_can_go())

    def end(self, step_limit: int = STEP_LIMIT) -> Outcome:
        """Return the `Outcome` of the schedule so far.

        Raises:
            TypeError: step_limit is no whole number.
            ValueError: the workers have not come to an end, in fewer steps than step_limit.
        """
        check_whole("step_limit", step_limit)
        outcome = self.outcome or self.cycle
        if outcome is None and len(self.schedule) < step_limit:
            raise ValueError(
                f"schedule {self.schedule!r} ends too soon, after step {len(self.schedule)}. "
                f"{self._who_can_go()}"
            )
        return outcome or self._outcome("cut", f"still running after {len(self.schedule)} steps")

    @property
    def output(self) -> tuple[str, ...]:
        """What each worker wrote to stdout and stderr under this schedule."""
        self._check_open()
        return tuple(self._crew[letter].drained() for letter in self.letters)

    def changed_meanwhile(self) -> str | None:
        """Return the name of a shared object that has changed since the last step, or None."""
        changed = self._watch.changed_besides(None)
        return None if changed is None else self._name_of(changed)

    def settle_memory(self) -> None:
        """End the schedule: locks are given back, and the memory stays as it is."""
        with self.stop_button:
            self._end_schedule(self._timeout, restore=False)

    def close(self) -> None:
        """End the workers and put memory and locks back. May be called twice."""
        atexit.unregister(self.close)
        with self.stop_button:
            self._close()

    def _close(self):
        crew, seconds = self._crew, 0.0
        if not crew:
            return
        try:
            if all(member.line for member in crew.values()):
                self._end_schedule(GRACE, final=True)
                for member in filter(lambda member: member.line, crew.values()):
                    member.line.give(messages.QUIT)
                seconds = GRACE
        finally:
            deadline = time.monotonic() + seconds
            for letter, member in crew.items():
                member.leave(deadline)
                self._recover_locks(letter)
            self._restore()
            self._crew = {}
            self.pending = {}

    # ------------------------------------------------------------------------ the workers

    def _enlist(self, letters):
        """Start the processes of some workers, and wait until they are there."""
        forked = self._context.get_start_method() == "fork"
        inherited = look_through_this_process() if forked else None
        for letter in letters:
            position = self.letters.index(letter)
            member = GatedMember(letter, self._functions[position], self.stop_button)
            self._crew[letter] = member
            packed = self._packed[position]
            with SigintBlocked(), fixed_hash_seed():
                member.open(self._context, packed, self.names, inherited, self._shared)
        for letter in letters:
            self._receive(letter, self._start_limit)

    def _receive(self, letter, seconds):
        """Return the next message of a worker; WorkerError where it fails to come."""
        member = self._crew[letter]
        message = member.receive(seconds)
        if message is not None:
            return message
        about = "" if member.unguarded else f"\n\n{self._last_words(letter)}"
        if not member.running:
            failure, traceback = member.failure()
            kind = WorkerError
        else:
            failure, traceback = f"worker {member.name} took more than {seconds:g} s", ""
            about += ". It has been ended"
            kind = WorkerTimeoutError
            member.leave(0)
        self._recover_locks(letter)
        self._unanswered = None
        taken = [
            rule.name
            for rule in self._locks
            if self.lock_states[rule.number] is None and is_taken(self._awaited[rule.number])
        ]
        if taken:
            about += f"\n\n{stay_taken(taken)}"
        if member.output:
            about += f"\n\nIt wrote:\n{member.output}"
        error = kind(
            (failure + about + ("\n\n" + traceback if traceback else "")).rstrip(),
            worker=member.name,
            traceback=traceback,
            exitcodes=tuple(m.exitcode for m in self._crew.values()),
            output=tuple(m.output for m in self._crew.values()),
        )
        self._close()  # nobody can go on from here
        raise error

    def _last_words(self, letter):
        request = (
            self._unanswered[1] if self._unanswered and self._unanswered[0] == letter else None
        )
        if request is None:
            return "It had not reached its first step"
        return (
            f"This was step {len(self.schedule)} of schedule {self.schedule}; it had been told "
            f"to {request} (line {request.where[2]})"
        )

    def _settle(self, message):
        """Take in what a worker says after a step; return what the step gave."""
        letter, request = self._unanswered
        self._unanswered = None
        kind, given, *rest = message
        kept, value, whole = (True, None, None) if request is None or given is None else given
        summary = rest[1] if kind == "asks" else None
        self.recurrence.note_given(letter, kept, (value, whole), summary)
        if request is not None and request.action != "read":
            self._note(letter, request, kept)
        written = request and request.action == "write" and request.place
        changed = self._watch.changed_besides(written or None)
        if changed is not None and kind != "refused":
            raise self._unseen(letter, changed)
        if kind == "asks":
            self.pending[letter] = rest[0]
            self.last_place[letter] = rest[0].where
        elif kind == "refused":
            member = self._crew[letter]
            raise WorkerError(f"worker {member.name}: {rest[0]}", worker=member.name)
        elif kind == "unreturnable":
            member = self._crew[letter]
            raise WorkerError(member.unreturnable(rest[0]), worker=member.name)
        else:
            if kind == "returned":
                self._results[letter] = rest[0]
            else:
                self._errors[letter] = without_addresses(rest[0])
                if rest[1]:
                    self.raised_at[letter] = rest[1]
        return kept, value

    def _unseen(self, letter, memory):
        """Return the error for memory that a worker has changed without a step."""
        member, name = self._crew[letter], self._name_of(memory)
        taken = len(self.schedule)
        when = f"after step {taken} of schedule {self.schedule}" if taken else "before any step"
        return WorkerError(
            f"while worker {member.name} went on alone, {when}, {name} was changed by no step. "
            "NumPy, a memoryview or ctypes may write where replay and explore see nothing: let the "
            "worker write by its parameter alone",
            worker=member.name,
        )

    def _name_of(self, memory):
        names = zip(self._shared, self.names, strict=True)
        return next(n for item, n in names if memory_of(item) is self._memories[memory])

    def _note(self, letter, request, kept):
        """Bring the states up to date after a step."""
        if request.action == "write":
            self.recurrence.note_write()
        elif kept or request.action == "leave":  # of a barrier that is broken, with an exception
            self.lock_states = self.rules[request.lock].after(self.lock_states, letter, request)
            self.recurrence.note_locks(self._matter)

    @property
    def _matter(self):
        return tuple(rule.matters(self.lock_states) for rule in self.rules)

    def _is_late(self, letter, request):
        """True where the time limit of a wait on a Condition runs out with this step."""
        rule = self.rules[request.lock]
        if request.waits or not isinstance(rule, ConditionRules):
            return False
        return not rule.may_wake(self.lock_states, letter)

    def _check_holds(self, letter, request):
        """A plain Lock may be given back by anyone: CPython then lets its Condition go wrong."""
        rule = self.rules[request.lock]
        if isinstance(rule, ConditionRules) and not self._holds(self.rules[rule.key], letter):
            name = self._crew[letter].name
            raise WorkerError(
                f"worker {name} waits on {rule.name}, whose lock it has taken, and another worker "
                "has given back: what follows is not defined",
                worker=name,
            )

    def _asleep(self, number, states):
        rule = self.rules[number]
        return rule.asleep(states) if isinstance(rule, ConditionRules) else 0

    def _holds(self, rule, letter):
        held = self.lock_states[rule.number]
        return held is not None and held[0] == letter

    def _hindrance(self, letter):
        """Return why a worker cannot go on, in words, or None."""
        request = self.pending[letter]
        if request.lock is None:
            return None
        rule = self.rules[request.lock]
        if rule.able(self.lock_states, letter, request):
            return None
        here = self.pending.keys() | {k for k in self.letters if self._owes_an_answer(k)}
        return rule.why(self.lock_states, letter, [k for k in self.letters if k not in here])

    def _deadlock(self):
        """Return the `Outcome` where nobody can go on. Who waits for whom is told one after the
        other, beginning with the first letter."""
        blocked = self.blocked
        ways: dict[str, Wait] = {}
        for letter in blocked:
            rule = self.rules[self.pending[letter].lock]  # type: ignore[index]
            ways[letter] = Wait(letter, rule.name, rule.blockers(self.lock_states, letter))
        waits: list[Wait] = []
        while left := [k for k in ways if ways[k] not in waits]:
            turn: str | None = left[0]
            while turn:
                left.remove(turn)
                waits.append(ways[turn])
                turn = next((k for k in ways[turn].holders if k in left), None)
        words = [f"{wait.worker} {blocked[wait.worker]}" for wait in waits]
        return self._outcome("deadlock", *words, waits=tuple(waits))

    def _owes_an_answer(self, letter):
        return self._unanswered is not None and self._unanswered[0] == letter

    def _refusal(self, letter):
        step = f"step {len(self.schedule) + 1} of the schedule asks for worker {letter!r}"
        if not isinstance(letter, str) or letter not in set(self.letters):
            why = f"there is no such worker; the workers are {', '.join(self.workers)}"
        elif letter in self.pending:
            why = f"it is about to {self.pending[letter]}, and {self._hindrance(letter)}"
        else:
            why = "it has ended"
            if letter in self._errors:
                where = f" in {self.raised_at[letter]}" if letter in self.raised_at else ""
                why = f"it raised {self._errors[letter]}{where}"
        return f"{step}: {why}. {self._who_can_go()}"

    def _who_can_go(self):
        if not self.ready:
            return "Nobody can go on"
        able = [f"{letter} (to {self.pending[letter]})" for letter in self.ready]
        return f"Who can go on: {', '.join(able)}"

    # ------------------------------------------------------------------- memory and locks

    def _content(self, item):
        if isinstance(item, AWAITED):
            number = next(n for n, known in enumerate(self._awaited) if known is item)
            return self.rules[number].content(self.lock_states)
        return content(memory_of(item))

    def _outcome(self, kind, *detail, waits=()):
        raised = [f"{letter} raised {self._errors[letter]}" for letter in sorted(self._errors)]
        return Outcome(
            kind,
            self.memory,
            tuple(self._results[letter] for letter in self.letters),
            "; ".join([*raised, *detail]),
            self.names,
            waits,
        )

    def _forget_output(self):
        """Forget what was written under the schedule before, with one look for all workers."""
        crew = self._crew.values()
        pipes = [pipe for member in crew for pipe in member.pipes]
        for member in crew if connection.wait(pipes, 0) else ():
            member.drained()
        for member in crew:
            member.forget_output()

    def _restore(self):
        for memory, before in zip(self._memories, self._before, strict=True):
            ctypes.memmove(ctypes.addressof(memory), before, len(before))
        for rule, item in zip(self.rules, self._awaited, strict=True):
            rule.put_back(item)
        self.lock_states = self._start_states

    def _end_schedule(self, seconds, restore=True, final=False):
        """Unwind the workers that have not ended, have all locks given back, restore memory."""
        if self._unanswered is not None:
            # An interrupt came between a grant and its answer.
            message = self._crew[self._unanswered[0]].receive(seconds)
            if message is not None:
                self._settle(message)
        for letter, member in list(self._crew.items()):
            held = self._held_by(letter)
            needed = final or held or letter in self.pending or self._owes_an_answer(letter)
            if needed and member.line:
                member.line.give(messages.CLEAN, held)
                self._await_clean(letter, seconds, final)
        self.pending = {}
        self._unanswered = None
        self._return_to_the_parent(seconds, final)
        if restore:
            self._restore()

    def _held_by(self, letter):
        held = [rule.number for rule in self._locks if self._holds(rule, letter)]
        return bytes(n for n in held for _ in range(self.lock_states[n][1]))

    def _forget_held_by(self, letter):
        gone = dict.fromkeys(self._held_by(letter))
        self.lock_states = tuple(gone.get(n, state) for n, state in enumerate(self.lock_states))

    def _return_to_the_parent(self, seconds, final):
        """Have a lock taken again that was taken at the start, and that a worker gave back.

        A worker does it, since the parent has not given it back by its own count.
        """
        lost = [
            rule.number
            for rule in self._locks
            if rule.start and rule.start[0] == PARENT and self.lock_states[rule.number] is None
        ]
        letter = next((k for k, member in self._crew.items() if member.line), None)
        if lost and letter:
            self._crew[letter].line.give(messages.TAKE, bytes(lost))
            self._await_clean(letter, seconds, final)
            back = dict.fromkeys(lost, (PARENT, 1))
            self.lock_states = tuple(back.get(n, state) for n, state in enumerate(self.lock_states))

    def _await_clean(self, letter, seconds, final):
        """Wait until a worker has unwound; one that does not is ended and started anew."""
        member = self._crew[letter]
        deadline = time.monotonic() + min(seconds, GRACE)
        while (left := deadline - time.monotonic()) > 0:
            message = member.receive(left)
            if message is None:
                break
            if message[0] == "clean":
                self._forget_held_by(letter)
                return
        member.leave(0)
        self._recover_locks(letter)
        if not final:
            self._enlist(letter)

    def _recover_locks(self, letter):
        """Release what a process took with it; only a plain Lock lets another process do so."""
        if (
            self._owes_an_answer(letter)
            and self._unanswered[1]
            and self._unanswered[1].action == "acquire"
        ):
            # It had been granted a lock, and has not said whether it took it. Where somebody holds
            # the lock, it did not: it had only made an attempt.
            number = self._unanswered[1].lock
            if self.lock_states[number] is None:
                _free(self._awaited[number])
        for number in set(self._held_by(letter)):
            _free(self._awaited[number])
        self._forget_held_by(letter)


def _free(lock):
    """Release a plain Lock, whoever holds it; it may have been given back already."""
    if isinstance(lock, synchronize.Lock):
        lock.acquire(block=False)
        lock.release()
