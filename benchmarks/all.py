"""All ratios of the project, one benchmark after the other.

python -m uv run python benchmarks/all.py
"""

import subprocess
import sys
from pathlib import Path

for name in ("start", "step", "traces", "transports", "click"):
    print(f"--- {name}", flush=True)
    subprocess.run([sys.executable, Path(__file__).with_name(f"{name}.py")], check=False)
