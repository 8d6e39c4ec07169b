"""A NumPy array that stands on shared memory is read after the memory was closed."""

from multiprocessing.shared_memory import SharedMemory

import numpy as np

memory = SharedMemory(create=True, size=4096)
numbers = np.ndarray(1024, dtype=np.int32, buffer=memory.buf)
print("before:", numbers[0], flush=True)
memory.unlink()
memory.close()
print("after:", numbers[0])
