"""The exercises of page 12, each with what is right and what is wrong."""

import exercise_tests

globals().update(exercise_tests.tests_of("12"))
