"""The exercises of page 09, each with what is right and what is wrong."""

from exercise_tests import tests_of

globals().update(tests_of("09"))
