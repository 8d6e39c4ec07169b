"""Bytes of a value: what becomes of a number or a text in a typecode."""

import ast
import multiprocessing
from typing import Any

import ipywidgets as widgets

from ...memory.typecodes import typecode_table
from ..figures import Picture, value_bytes
from .explorer import Explorer


def bytes_of_value(value: int | float | str | bytes = 200, code: str = "b") -> Explorer:
    """Let the learner type a value and pick a typecode, and see the bytes and what is read back.

    Args:
        value: what stands in the field at first: a number, a text or bytes.
        code: the typecode picked at first.

    Returns:
        An `Explorer`.

    Raises:
        KeyError: code is no typecode.
    """
    typecode_table()[code]
    text = widgets.Text(value=repr(value), description="value", continuous_update=True)
    codes = [(f"{row.code}  {row.ctype.__name__}", row.code) for row in typecode_table()]
    pick = widgets.Dropdown(options=codes, value=code, description="typecode")
    shown = widgets.HTML()

    def show(_=None):
        shown.value = stored(understood(text.value), pick.value)._repr_html_()

    text.observe(show, "value")
    pick.observe(show, "value")
    show()
    row = widgets.HBox([text, pick], layout={"flex_flow": "row wrap"})
    return Explorer(stored(value, code), widgets.VBox([row, shown]))


def understood(text: str) -> Any:
    """Return the Python value that a text stands for: a literal, an integer power, or the text."""
    try:
        if "**" in text:
            left, _, right = text.partition("**")
            base, power = int(left), int(right)
            if abs(power) <= 2000:
                return -((-base) ** power) if text.strip().startswith("-") else base**power
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text


def stored(value: object, code: str) -> Picture:
    """Put the value into a shared Value of the typecode; return the `Picture` of what is there."""
    row = typecode_table()[code]
    memory = multiprocessing.RawValue(code)
    error, back, data = "", None, b""
    try:
        memory.value = value
    except Exception as refused:
        error = f"{type(refused).__name__}: {refused}"
    else:
        back, data = memory.value, bytes(memory)
    return value_bytes(code, value, back, data, error, row)
