"""What the workers of an exercise are tried on."""

from collections.abc import Callable
from dataclasses import dataclass

from ...engine.replay import Replay


@dataclass(frozen=True)
class Together:
    """Two workers that must be able to work at the same time.

    Attributes:
        target: what they work on; each touches it twice or more, or touches a part of its own.
        pair: their letters, such as "AB".
        said: what is wrong where they can't, such as "nobody can write a receipt meanwhile".
    """

    target: str
    pair: str
    said: str


@dataclass(frozen=True)
class Case:
    """A setting in which every interleaving of the learner's workers is run.

    Attributes:
        workers: the list of workers, as code, such as ``"[pay, pay]"``.
        shared: the shared objects, as code, such as ``'mp.Value("i", 15)'``.
        holds: a function of the shared objects, and of `results` if it has such a parameter, that
            returns True where all is well at the end.
        must: what it is that must hold, such as "4 is left".
        writes: names of shared objects that the workers have to write to.
        together: who must be able to work at the same time.
        count: how many workers there must be, where it is the cell that makes the list.
        wasted: says of a `Replay`, with as few switches as can be, what is done too often or not
            as was asked; "" if nothing.
        stuck: what to say where nobody can go on, if the usual words don't fit.
    """

    workers: str
    shared: str
    holds: Callable[..., bool]
    must: str
    writes: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    count: int | None = None
    wasted: Callable[[Replay], str] | None = None
    stuck: str = ""
