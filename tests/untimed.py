"""explore with a limit in schedules in place of one in seconds: no test depends on the time."""

import functools

import shmlib

LIMIT = 10_000
explore = functools.partial(shmlib.explore, limit=LIMIT)
