"""What a worker's process loads, and nothing else of the engine."""

import sys

WINDOWS = sys.platform == "win32"
# Each worker has a letter.
MOST_WORKERS = 26
