"""A program that attaches to the shared memory of another one, reads a byte and ends."""

import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory


def attach(name, how):
    if how == "tracked":
        return SharedMemory(name)
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    memory = SharedMemory(name)
    resource_tracker.unregister(memory._name, "shared_memory")
    return memory


memory = attach(*sys.argv[1:])
print(memory.buf[0])
memory.close()
