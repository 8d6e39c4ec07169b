"""Exercises of page 05, Lose an update."""

import inspect
from functools import partial

from ....engine.explore import explore
from ....engine.replay import replay
from ....workers import clock, counter, weather
from ..diagnosis import window
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, scheduled, tells_apart


def _ends(mp):
    number, workers = mp.Value("i", 5), [counter.increment, counter.reset]
    found = explore(workers, number)
    after_another = [replay(order, workers, number).outcome.memory[0] for order in ("AAB", "BAA")]
    ends = sorted(outcome.memory[0] for outcome in found.outcomes)
    return {"ends": ends, "wrong": next(end for end in ends if end not in after_another)}


ENDS = Exercise(
    number="05.1",
    title="Where can it end?",
    minutes=3,
    task="""
A number starts at 5. Worker A adds 1 to it with `counter.increment`. Worker B runs `counter.reset`,
which is the one line `counter.value = 0`. At which numbers can it end? Write a list, smallest
first, such as `[3, 4]`. One of these ends is wrong: it can't come about if one worker follows the
other.
""",
    start="""
ends = ...
wrong = ...
""",
    judge=answers(
        _ends,
        slips={
            ("ends", (0, 1)): (
                "These are the ends where one worker follows the other. What if B comes between "
                "A's read and A's write?"
            ),
            ("ends", (0, 6)): "What does A read if B comes first?",
            ("ends", (1, 6)): "What is left if B comes last?",
            ("ends", (0,)): "B may come first, or in between. What is left then?",
            ("ends", (0, 1, 5, 6)): (
                "For 5 to be left, nobody could have written after it was read. Who writes 5?"
            ),
            ("ends", ...): "A takes two steps, B one: follow AAB, ABA and BAA, one by one.",
            ("wrong", 0): "0 is right: A adds 1, and then B sets it to 0.",
            ("wrong", 1): "1 is right: B sets it to 0, and then A adds 1.",
            ("wrong", 5): "Nobody writes 5.",
            ("wrong", ...): "Take the ends of AAB and BAA from your list: what is left?",
        },
        read="At the end of ABA it is 6: A writes 6 over B's 0, as if B had never been there.",
    ),
    hints=(
        "A takes two steps and B one. Write the three schedules down.",
        "For each schedule: which number does A read, and who writes last?",
    ),
    solution="""
ends = [0, 1, 6]
wrong = 6
""",
    mistakes=(
        Mistake(
            "nobody comes between read and write",
            "ends = [0, 1]\nwrong = 1\n",
            "What if B comes between",
        ),
        Mistake("B always comes last", "ends = [0]\nwrong = 0\n", "B may come first"),
        Mistake(
            "A never reads the 0", "ends = [0, 6]\nwrong = 6\n", "What does A read if B comes first"
        ),
        Mistake(
            "the start is taken for an end", "ends = [0, 1, 5, 6]\nwrong = 5\n", "Who writes 5?"
        ),
    ),
    notes=(
        "Say: On paper, all three schedules; then run the cell.",
        "Ask: B adds nothing. Why is its work lost?",
    ),
)


def _numbered(function):
    lines = inspect.getsource(function).splitlines()
    return "\n".join(f"{number}  {line}" for number, line in enumerate(lines, 1))


def _lines_of_report(mp):
    workers = [partial(weather.report, degrees=degrees) for degrees in (20, 30)]
    highest = mp.Value("i", 10)
    found = explore(workers, highest, invariant=lambda highest: highest.value == 30)
    made = replay(found.failures.plainest, workers, highest)
    race, above = window(made), inspect.getsourcelines(weather.report)[1] - 1
    assert race and race.first.line and race.last.line
    return {
        "ends": made.outcome.memory[0],
        "reads": race.first.line - above,
        "writes": race.last.line - above,
    }


LINES = Exercise(
    number="05.2",
    title="Between which two lines?",
    minutes=4,
    task=f"""
Two weather stations run `weather.report` on a Value `highest` that starts at 10: A reports 20
degrees, and B 30.

```
{_numbered(weather.report)}
```

At which number does it end if it goes wrong? In which line does A read what is soon out of date
(`reads`), and in which line does it then do the harm (`writes`)?
""",
    start="""
ends = ...
reads = ...
writes = ...
""",
    judge=answers(
        _lines_of_report,
        slips={
            ("ends", 30): "30 is the highest, and right.",
            ("ends", 10): "Both find that they are warmer than 10, and write.",
            ("ends", ...): "Each of the two writes what it has reported, or nothing.",
            ("reads", ...): "It is the number of a line, 1 to 5.",
            ("writes", ...): "It is the number of a line, 1 to 5.",
            (
                "reads",
                1,
            ): "Line 1 hands over `highest`, and reads nothing yet: a Value is no number.",
            ("reads", 3): (
                "Line 3 compares two variables of the process's own. Where does `known` come from?"
            ),
            ("reads", 4): "`warmer` is the process's own. Which line looks at shared memory?",
            ("reads", 5): "Line 5 writes. What it should know was read before.",
            ("writes", 1): "Line 1 hands over `highest`, and writes nothing.",
            ("writes", 2): "Line 2 changes `known`, a variable of the process's own.",
            ("writes", 3): "Line 3 changes `warmer`, a variable of the process's own.",
            ("writes", 4): "Line 4 decides, and changes nothing.",
        },
        read=(
            "A reads 10 in line 2. B writes 30. Then A, which knows only the 10, writes 20 over it "
            "in line 5. There is no `+=`, and an update is lost."
        ),
    ),
    hints=(
        "Only a line with `highest.value` touches what both share. Which lines are these?",
        "B must have written its 30 before A writes its 20, and A must not know.",
    ),
    solution="""
ends = 20
reads = 2
writes = 5
""",
    mistakes=(
        Mistake(
            "the comparison is taken for the read",
            "ends = 20\nreads = 3\nwrites = 5\n",
            "Where does `known` come from?",
        ),
        Mistake(
            "the decision is taken for the read",
            "ends = 20\nreads = 4\nwrites = 5\n",
            "Which line looks at shared memory?",
        ),
        Mistake(
            "the right end", "ends = 30\nreads = 2\nwrites = 5\n", "30 is the highest, and right"
        ),
        Mistake(
            "both updates are lost",
            "ends = 10\nreads = 2\nwrites = 5\n",
            "Both find that they are warmer",
        ),
        Mistake(
            "the decision is taken for the harm",
            "ends = 20\nreads = 2\nwrites = 4\n",
            "decides, and changes nothing",
        ),
    ),
    notes=("Ask: Which lines touch shared memory, and which only the process's own?",),
)

DOWN_TO_TWO = Exercise(
    number="05.3",
    title="Bring nine additions down to 2",
    minutes=6,
    task="""
Three workers each run `partial(counter.add, times=3)` on a counter that starts at 0, so it should
end at 9. Write a `schedule` that makes it end at 2: six steps of A, six of B, six of C. Such a
string can be put together: `2 * "A" + "BC"` is `"AABC"`.
""",
    start="""
schedule = ...
""",
    judge=scheduled(
        "[partial(counter.add, times=3)] * 3",
        'mp.Value("i", 0)',
        lambda made: made.outcome.memory == (2,),
        "the counter ends at 2",
        names={"counter": counter},
    ),
    hints=(
        "Whoever writes last writes 2, so it has read 1. Who has written that 1, and when?",
        "Let A read the 0, and keep it in mind. Now C can do all of its work, and B all but its "
        "last addition. What does A write then?",
        "After A's first write the counter is at 1. B reads that 1 for its last addition. Before B "
        "writes, A does the rest of its work.",
    ),
    solution="""
schedule = "A" + 6 * "C" + 4 * "B" + "A" + "B" + 4 * "A" + "B"
""",
    ways=(
        Way(
            "two workers in step",
            """
schedule = "A" + 4 * "BC" + "A" + "BC" + 4 * "A" + "BC"
""",
            "B and C read and write side by side, so that C's work is lost in B's.",
        ),
    ),
    mistakes=(
        Mistake(
            "one after the other",
            'schedule = 6 * "A" + 6 * "B" + 6 * "C"\n',
            "What happened: counter 9",
        ),
        Mistake("all in step", 'schedule = 6 * "ABC"\n', "What happened: counter 3"),
        Mistake(
            "A has nothing left to write over",
            'schedule = "A" + 6 * "C" + 6 * "B" + 5 * "A"\n',
            "What happened: counter 3",
        ),
        Mistake(
            "the end is missing",
            'schedule = "A" + 6 * "C" + 4 * "B" + "A" + "B" + 4 * "A"\n',
            "ends too soon, after step 17",
        ),
        Mistake("a step too many", 'schedule = 7 * "A" + 6 * "B" + 5 * "C"\n', "it has ended"),
        Mistake("no string", "schedule = 2\n", "must be a string"),
    ),
    notes=(
        "Say: On the board, three columns: what each of the three has in mind.",
        "Ask: Can it end at 1? What must the last one to write have read, and when?",
    ),
)

NEVER_TORN = Exercise(
    number="05.4",
    title="When is nothing torn?",
    minutes=6,
    task="""
A clock, a RawValue of the type `clock.Time`, shows 9:59. Worker A runs `clock.strike_ten`, while B
and C run `clock.look` and return an hour and a minute. Write the check `never_torn(time, results)`:
it returns True if B and C have each seen either the old time or the new one, and False if either of
them has seen a mixture. `results` holds what A, B and C have returned, such as `(None, (9, 59),
(10, 0))`.
""",
    start="""
def never_torn(time, results):
    return ...
""",
    judge=tells_apart(
        "never_torn",
        lambda time, results: all(seen in ((9, 59), (10, 0)) for seen in results[1:]),
        [("[clock.strike_ten, clock.look, clock.look]", "mp.RawValue(clock.Time, 9, 59)")],
        "both have seen a time that was set",
        "somebody has seen a time that was never set",
        names={"clock": clock},
    ),
    hints=(
        "Which times was the clock ever set to? B may be early or late: both are right.",
        "`results[1]` is what B has seen, and `results[2]` what C has seen. "
        "What must hold of each?",
    ),
    solution="""
def never_torn(time, results):
    return all(seen in [(9, 59), (10, 0)] for seen in results[1:])
""",
    ways=(
        Way(
            "as a subset",
            """
def never_torn(time, results):
    return {results[1], results[2]} <= {(9, 59), (10, 0)}
""",
            "It reads as it is meant: they have seen nothing else.",
        ),
        Way(
            "one by one, with assert",
            """
def never_torn(time, results):
    a, b, c = results
    for hour, minute in (b, c):
        assert (hour == 9) == (minute == 59)
    return True
""",
            "Longer, but it says what belongs together. An AssertionError counts as False.",
        ),
    ),
    mistakes=(
        Mistake(
            "only the new time is allowed",
            """
def never_torn(time, results):
    return results[1] == results[2] == (10, 0)
""",
            "is False at the end of",
        ),
        Mistake(
            "only one of the two torn times",
            """
def never_torn(time, results):
    return (9, 0) not in results
""",
            "somebody has seen a time that was never set",
        ),
        Mistake(
            "only B is asked",
            """
def never_torn(time, results):
    return results[1] in [(9, 59), (10, 0)]
""",
            "somebody has seen a time that was never set",
        ),
        Mistake(
            "the clock is asked, and not those who looked at it",
            """
def never_torn(time, results):
    return (time.hour, time.minute) == (10, 0)
""",
            "somebody has seen a time that was never set",
        ),
        Mistake(
            "both must have seen the same",
            """
def never_torn(time, results):
    return results[1] == results[2]
""",
            "both have seen a time that was set",
        ),
        Mistake(
            "a loop without end",
            """
def never_torn(time, results):
    while time.minute != 59:
        pass
    return True
""",
            "Does a loop in it never end?",
        ),
        Mistake(
            "a loop that ends only if nothing is torn",
            """
def never_torn(time, results):
    for seen in results[1:]:
        while seen not in [(9, 59), (10, 0)]:
            pass
    return True
""",
            "did not come back",
        ),
        Mistake(
            "only the hour and the minute, not together",
            """
def never_torn(time, results):
    return all(minute == 59 or hour == 10 for hour, minute in results[1:])
""",
            "is True at the end of",
        ),
    ),
    notes=("Ask: Is it enough to look at the clock at the end? It is right at the end, always.",),
)

EXERCISES = (ENDS, LINES, DOWN_TO_TWO, NEVER_TORN)
