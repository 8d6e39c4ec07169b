"""Results that show themselves: in words anywhere, as a picture where there is a notebook."""


class Shown:
    """Base of the results; `__repr__` gives the words, and the notebook floor has the picture.

    This is the one import that goes up from the engine, and only a notebook makes it.
    """

    def _repr_html_(self) -> str:
        from .notebook.pictures import picture_of

        return picture_of(self)._repr_html_()
