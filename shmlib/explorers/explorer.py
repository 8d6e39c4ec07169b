"""Explorer: a live widget that is words and a still picture wherever there is no kernel."""

import html

VIEW = "application/vnd.jupyter.widget-view+json"

# A light card of its own, so that an explorer reads the same on a light page and on a dark one.
CARD = (
    "background:#ffffff;color:#1b1f24;border:1px solid #6b7280;border-radius:4px;"
    "padding:8px 12px;font-size:15px;line-height:1.45"
)


class Explorer:
    """Shows a widget in JupyterLab, and its picture and words elsewhere.

    Attributes:
        words: the text alternative of the still picture.
        picture: the still `Picture`.
        widget: the live widget.
    """

    def __init__(self, picture, widget):
        self.words = picture.words
        self.picture = picture
        self.widget = widget

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": self.words,
            "text/html": self.picture._repr_html_(),
            VIEW: self.widget._repr_mimebundle_()[VIEW],
        }


def card(body, label=""):
    """Return the HTML of a card around the given HTML; its label is for screen readers."""
    role = f' role="group" aria-label="{html.escape(label)}"' if label else ""
    return f'<div{role} style="{CARD}">{body}</div>'
