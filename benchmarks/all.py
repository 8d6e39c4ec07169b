"""All ratios of the project, one benchmark after the other.

    python -m uv run python benchmarks/all.py

Where one of them fails, the others still run, and the command fails at the end.
"""

import subprocess
import sys
from pathlib import Path

NAMES = ("start", "step", "traces", "transports", "click")


def main(folder=Path(__file__).parent):
    """Run the benchmarks of a folder; return in words which of them failed, or None."""
    failed = []
    for name in NAMES:
        print(f"--- {name}", flush=True)
        if subprocess.run([sys.executable, Path(folder) / f"{name}.py"]).returncode:
            failed.append(name)
    return f"failed: {', '.join(failed)}" if failed else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
