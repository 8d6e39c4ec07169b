"""A Jupyter Server extension: a saved notebook holds the pictures and words of our widgets alone.

A view that is opened again without its kernel shows an error, and hides the picture beside it. The
page that is open keeps its live widgets. `jupyter_server_config.json` beside this file turns it on.
"""

from typing import Any

from ..shown import MARK, VIEW


def drop_views(notebook: dict[str, Any]) -> None:
    """Take the views of our widgets, and outputs that were nothing else, out of a notebook.

    Args:
        notebook: what a notebook file holds, as `nbformat` reads it; changed in place.
    """
    for cell in notebook.get("cells", ()):
        if "outputs" in cell:
            cell["outputs"] = [output for output in cell["outputs"] if _something_stays(output)]


def _something_stays(output):
    if output.get("metadata", {}).get(VIEW) != MARK:
        return True
    del output["metadata"][VIEW]
    output["data"].pop(VIEW, None)
    return bool(output["data"])


def _before_saving(model, **_):
    if model["type"] == "notebook":
        drop_views(model["content"])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(_before_saving)
