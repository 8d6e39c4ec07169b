"""Bytes of a value: what becomes of a number or a text in a typecode."""

import ast
import multiprocessing
import operator
from typing import Any

import ipywidgets as widgets

from ...memory.typecodes import typecode_table
from ..figures import Picture, value_bytes
from .explorer import Explorer

# What may join the numbers that a learner types.
_SIGNS: dict[type, Any] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
# In bits.
LARGEST = 10_000


def bytes_of_value(value: int | float | str | bytes = 200, code: str = "b") -> Explorer:
    """Let the learner type a value and pick a typecode, and see the bytes and what is read back.

    Args:
        value: what stands in the field at first: a number, a text or bytes.
        code: the typecode picked at first.

    Returns:
        An `Explorer`.

    Raises:
        KeyError: code is not a typecode.
    """
    typecode_table()[code]
    text = widgets.Text(value=repr(value), description="value", continuous_update=True)
    codes = [(f"{row.code}  {row.ctype.__name__}", row.code) for row in typecode_table()]
    pick = widgets.Dropdown(options=codes, value=code, description="typecode")
    shown = widgets.HTML()

    def show(_=None):
        shown.value = stored(understood(text.value, pick.value), pick.value)._repr_html_()

    text.observe(show, "value")
    pick.observe(show, "value")
    show()
    row = widgets.HBox([text, pick], layout={"flex_flow": "row wrap"})
    return Explorer(stored(value, code), widgets.VBox([row, shown]))


def understood(text: str, code: str = "") -> Any:
    """Return the Python value that a text stands for: a literal, a calculation, or the text itself.

    For the typecode "c" a text without quotes stands for its bytes.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        return _calculated(tree)
    except (ValueError, SyntaxError, ArithmeticError, MemoryError, RecursionError):
        return text.encode() if code == "c" else text


def _calculated(node):
    """Return the value of a literal, or of numbers joined by + - * / // % **."""
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_number(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right = _number(node.left), _number(node.right)
        large = isinstance(left, int) and left.bit_length() * abs(right) > LARGEST
        if isinstance(node.op, ast.Pow) and large:
            raise ValueError("too large to calculate while someone is typing")
        return _SIGNS[type(node.op)](left, right)
    return ast.literal_eval(node)


def _number(node):
    value = _calculated(node)
    if not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number")
    return value


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
