"""The fastest start method, for tests in which it does not matter."""

import multiprocessing
import sys

# A forked process begins in a tenth of the time; elsewhere fork is missing, or not safe.
FAST = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
