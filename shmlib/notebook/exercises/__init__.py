"""Exercises that are checked over every interleaving: %%exercise, %hint, %progress, check()."""

from .attempts import attempt as attempt
from .attempts import check as check
from .exercise import find_exercise as find_exercise
