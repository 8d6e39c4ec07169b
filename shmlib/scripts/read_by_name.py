"""A program that attaches to the shared memory of another one, reads a byte and ends."""

import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

name, how = sys.argv[1:]
if how == "tracked":
    memory = SharedMemory(name)
elif sys.version_info >= (3, 13):
    memory = SharedMemory(name, track=False)
else:
    memory = SharedMemory(name)
    resource_tracker.unregister(memory._name, "shared_memory")
print(memory.buf[0])
memory.close()
