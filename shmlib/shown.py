"""What shows itself: in words anywhere, as a picture or a live widget where there is a notebook."""

from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
MARK = {"shmlib": True}


class Shown:
    """Base of the results; `__repr__` gives the words, and the notebook floor has the picture.

    This is the one import that goes up from the engine, and only a notebook makes it.
    """

    def _repr_html_(self) -> str:
        from .notebook.pictures import picture_of

        return picture_of(self)._repr_html_()


def live_view(widget: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what displays a widget, as IPython takes it.

    Args:
        widget: one of ipywidgets.

    Returns:
        The data and the metadata of an output. By the metadata the view is told from other
        people's when the notebook is saved: see `notebook/saving.py`.
    """
    return {VIEW: widget._repr_mimebundle_()[VIEW]}, {VIEW: MARK}
