"""A program that makes shared memory, closes it, and forgets to unlink it."""

from multiprocessing.shared_memory import SharedMemory

memory = SharedMemory(create=True, size=1)
memory.close()
