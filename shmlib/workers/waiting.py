"""Two ways to wait for an Event, with the seconds of a processor that each takes.

`all_here` is a Barrier: they begin together.
"""

import time


def poll(ready, all_here):
    all_here.wait()
    began = time.process_time()
    while not ready.is_set():
        pass
    return time.process_time() - began


def sleep(ready, all_here):
    all_here.wait()
    began = time.process_time()
    ready.wait()
    return time.process_time() - began


def tell(ready, all_here, pause=0.5):
    all_here.wait()
    time.sleep(pause)
    ready.set()
