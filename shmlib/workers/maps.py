"""Where the bytes of an object lie in a process, as Linux tells in /proc/self/maps."""

import ctypes
import re
import sys
from typing import NamedTuple

from ..memory.objects import memory_of


class Region(NamedTuple):
    """A stretch of a process's addresses.

    Attributes:
        permissions: such as "rw-s": readable, writable, not executable, shared (p: private).
        size: in bytes.
        inode: number of the file behind it, 0 where there is none.
        backing: what is behind it, in words.
    """

    permissions: str
    size: int
    inode: int
    backing: str


def regions(item):
    """Return the Regions of a shared object and of an ordinary object in this process.

    Both are None where there is no /proc/self/maps, as on Windows and macOS.
    """
    return region_at(ctypes.addressof(memory_of(item))), region_at(id(object()))


def region_at(address):
    """Return the Region that holds an address of this process, or None."""
    if sys.platform != "linux":
        return None
    with open("/proc/self/maps") as lines:
        for line in lines:
            span, permissions, _, _, inode, *path = line.split(maxsplit=5)
            first, last = (int(text, 16) for text in span.split("-"))
            if first <= address < last:
                return Region(permissions, last - first, int(inode), _backing(*path))
    raise ValueError(f"no region holds the address {address:#x}")


def shared_files():
    """Return what the files are for that this process has mapped as shared memory, sorted.

    "arena": bytes of Values and Arrays; "semaphore": a lock. Empty where there is no such list.
    """
    if sys.platform != "linux":
        return []
    with open("/proc/self/maps") as lines:
        names = re.findall(r" rw-s .*/(pym-|sem\.)", lines.read())
    return sorted({"pym-": "arena", "sem.": "semaphore"}[name] for name in set(names))


def memory_of_pointer(pointer):
    """Return in which kind of memory a pointer lies itself, and into which kind it points.

    Each is "shared" or "private"; both are None where there is no /proc/self/maps.
    """
    target = ctypes.cast(pointer, ctypes.c_void_p).value
    found = [region_at(address) for address in (ctypes.addressof(pointer), target)]
    return tuple(
        region and ("shared" if "s" in region.permissions else "private") for region in found
    )


def _backing(path=""):
    path = path.strip()
    if not path or path.startswith("["):
        return "no file"
    folder = re.match(r"(/dev/shm|.*)/", path)[1]
    folder = folder if folder == "/dev/shm" else "a temporary folder"
    gone = "an unlinked file" if path.endswith(" (deleted)") else "a file"
    return f"{gone} in {folder}"


def read_nowhere():
    """Read the byte at address 1, which belongs to no process."""
    return ctypes.string_at(1, 1)
