"""A child made by os.fork() attaches to what its parent has made, and gets a tracker of its own."""

import os
import sys
from multiprocessing.shared_memory import SharedMemory

read_end, write_end = os.pipe()
if os.fork() == 0:
    name = os.read(read_end, 100).decode()
    SharedMemory(name).close()
    sys.exit()
memory = SharedMemory(create=True, size=1)
os.write(write_end, memory.name.encode())
os.wait()
memory.unlink()
memory.close()
