"""The exercises of page 07, each with what is right and what is wrong."""

import exercise_tests

globals().update(exercise_tests.tests_of("07"))
