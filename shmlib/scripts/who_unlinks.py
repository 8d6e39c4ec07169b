"""Shared memory is made here, and read by another program. Is it still there afterwards?"""

import subprocess
import sys
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

READER = str(Path(__file__).with_name("read_by_name.py"))

for how in ("tracked", "untracked"):
    memory = SharedMemory(create=True, size=1)
    reader = [sys.executable, READER, memory.name, how]
    subprocess.run(reader, check=True, capture_output=True)
    memory.close()
    try:
        memory.unlink()
        print(f"{how}: still there")
    except FileNotFoundError:
        print(f"{how}: gone")
