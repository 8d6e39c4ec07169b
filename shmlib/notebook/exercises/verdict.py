"""What a check found, in words and as a picture."""

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ...engine.replay import Replay

if TYPE_CHECKING:
    from .exercise import Way

State: TypeAlias = Literal["empty", "wrong", "unproven", "passed", "noted"]
_HEADS = {
    "empty": "not yet",
    "wrong": "not right yet",
    "unproven": "not proven",
    "passed": "passed",
    "noted": "noted",
}


class Verdict:
    """What a check found.

    Attributes:
        state: "passed"; "wrong"; "empty" where nothing was written yet; "unproven" where nothing
            wrong was found, but not all was run; "noted" where the learner is not told.
        reasons: sentences.
        replay: the `Replay` of the plainest counterexample, or None.
        call: the call that shows it, to be run in the notebook, or "".
        names: what the call uses besides `mp` and what the cell has defined.
        number: of the exercise, set by who judges.
        ways: other ways to do it, shown after it is passed.
        defined: what the cell has defined, by name.
    """

    def __init__(
        self,
        state: State,
        *reasons: str,
        replay: Replay | None = None,
        call: str = "",
        names: Mapping[str, Any] | None = None,
    ):
        self.number = ""
        self.ways: tuple[Way, ...] = ()
        self.defined: dict[str, Any] = {}
        self.state = state
        self.reasons = reasons
        self.replay = replay
        self.call = call
        self.names = names or {}

    @property
    def passed(self) -> bool:
        return self.state == "passed"

    @property
    def headline(self) -> str:
        """Number and state, such as "06.2 passed"."""
        return f"{self.number} {_HEADS[self.state]}"

    def __repr__(self):
        lines = [self.headline, *self.reasons]
        if self.call:
            lines.append(f"To see it, run: {self.call}")
        if self.passed and self.ways:
            lines += ["", "Other ways to do it:"]
            lines += [f"{way.title}. {way.cost}\n{_indented(way.code)}" for way in self.ways]
        return "\n".join(lines)

    def _repr_html_(self):
        mark = "\N{CHECK MARK} " if self.passed else ""
        parts = [f"<strong>{mark}{html.escape(self.headline)}</strong>"]
        parts += [f"<p style='margin:0.3em 0'>{with_code(reason)}</p>" for reason in self.reasons]
        if self.call:
            parts.append(f"To see it, run: {preformatted(self.call)}")
        if self.passed and self.ways:
            parts += [
                f"<details><summary>Another way: {with_code(way.title)}</summary>"
                f"{preformatted(way.code)}{with_code(way.cost)}</details>"
                for way in self.ways
            ]
        edge = "#009E73" if self.passed else "#0072B2"
        card = (
            "background:#ffffff;color:#1b1f24;border:1px solid #6b7280;border-radius:4px;"
            f"border-left:6px solid {edge};padding:8px 12px;line-height:1.45"
        )
        picture = self.replay._repr_html_() if self.replay else ""
        return f'<div style="{card}">{"".join(parts)}</div>{picture}'


def _indented(code):
    return "\n".join(f"    {line}" for line in code.strip().splitlines())


def preformatted(code: str) -> str:
    return (
        "<pre style='background:#f6f8fa;color:#1b1f24;padding:0.4em 0.8em;margin:0.3em 0'>"
        f"{html.escape(code.strip())}</pre>"
    )


def with_code(text: str) -> str:
    """Escape a text, and set what stands between backquotes as code."""
    pieces = html.escape(text).replace("\n", "<br>").split("`")
    return "".join(
        f"<code style='background:#f6f8fa;color:#1b1f24'>{piece}</code>" if odd % 2 else piece
        for odd, piece in enumerate(pieces)
    )
