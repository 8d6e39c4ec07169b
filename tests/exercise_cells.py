"""The exercises at the end of a page, written there from their declarations."""

import re

import nbformat

from shmlib.notebook.exercises.exercise import exercises_of

INTRO = """## Exercises

Write your answer in place of the `...` and run the cell. It is checked at once, and where processes
share something, in every possible order of their steps. `%hint {first}` gives you a hint, and one
more each time; `%progress` shows what you have done. If you know all this already, do the last
one."""


def place(notebook, page):
    """Put the exercises of a page, such as "06", at its end, in place of those that are there.

    Args:
        notebook: changed in place; outputs of cells that stay as they are stay, too.
        page: its number.
    """
    exercises = exercises_of(page)
    if not exercises:
        return
    cells = notebook.cells
    begin = next(n for n, cell in enumerate(cells) if cell.source.startswith("## Exercises"))
    known = {cell.source: cell for cell in cells[begin:] if cell.cell_type == "code"}
    link = re.search(r"^Next: .*", "\n".join(cell.source for cell in cells[begin:]), re.MULTILINE)
    new = [_slide("slide", f"exercises-{page}", INTRO.format(first=exercises[0].number), 1, _HOW)]
    for exercise in exercises:
        name = exercise.number.replace(".", "-")
        task = f"### {exercise.number} {exercise.title}\n\n{exercise.task.strip()}"
        new.append(
            _slide("subslide", f"exercise-{name}", task, exercise.minutes, prompts(exercise))
        )
        source = f"%%exercise {exercise.number}\n{exercise.start.strip()}"
        new.append(known.get(source) or nbformat.v4.new_code_cell(source))
        new[-1].id = f"answer-{name}"
    if link:
        new.append(nbformat.v4.new_markdown_cell(link[0], id=f"next-{page}"))
        new[-1].metadata.slideshow = {"slide_type": "skip"}
    cells[begin:] = new


def ask(notebook, page):
    """Put the questions before or after the course at the end of their notebook, likewise."""
    cells = notebook.cells
    places = [n for n, cell in enumerate(cells) if cell.get("id", "").startswith("question-")]
    begin = min(places, default=len(cells))
    known = {cell.source: cell for cell in cells[begin:] if cell.cell_type == "code"}
    new = []
    for question in exercises_of(page):
        name = question.number.replace(".", "-")
        task = f"## {question.title}\n\n{question.task.strip()}"
        new.append(nbformat.v4.new_markdown_cell(task, id=f"question-{name}"))
        source = f"%%exercise {question.number}\n{question.start.strip()}"
        new.append(known.get(source) or nbformat.v4.new_code_cell(source))
        new[-1].id = f"answer-{name}"
    cells[begin:] = [nbformat.from_dict(cell) for cell in new]


_HOW = ["Say: In pairs, at the keyboard. What is wrong is shown as a schedule: replay it."]


def prompts(exercise):
    """Return what a teacher is told: the exercise's own prompts, and a mistake to watch for."""
    notes = list(exercise.notes)
    if not any(note.startswith("Watch for:") for note in notes) and exercise.mistakes:
        notes.append(f"Watch for: {exercise.mistakes[0].title}.")
    return notes


def _slide(kind, name, source, minutes, notes):
    cell = nbformat.v4.new_markdown_cell(source, id=name)
    cell.metadata.slideshow = {"slide_type": kind, "minutes": minutes, "notes": notes}
    return nbformat.from_dict(cell)
