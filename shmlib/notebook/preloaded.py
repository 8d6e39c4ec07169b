"""What the process that forks the workers of a cluster loads, in as little memory as will do."""

import gc
import sys

sys.modules["numpy"] = None  # type: ignore[assignment]  # dask does without; a task may load it

import distributed  # noqa: E402, F401

del sys.modules["numpy"]
gc.collect()
gc.freeze()  # else the first collection in a worker would copy every page that they share
