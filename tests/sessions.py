"""Which processes live in a session, as Linux tells in /proc."""

import os
from contextlib import suppress
from pathlib import Path


def of_session(session):
    """Return the pids in a session."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if os.getsid(int(entry.name)) == session:
                found.append(int(entry.name))
    return found
