"""benchmarks/all.py fails where a benchmark does, and runs the others; stand-ins are run here."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).parent.parent / "benchmarks" / "all.py"
NAMES = ("start", "step", "traces", "transports", "click")


@pytest.mark.parametrize("bad", [(), ("step", "click")])
def test_a_benchmark_that_fails_is_told_at_the_end(tmp_path, bad):
    for name in NAMES:
        code = "raise SystemExit(3)" if name in bad else f"print('{name} was run')"
        (tmp_path / f"{name}.py").write_text(code)
    done = subprocess.run([sys.executable, COMMAND, tmp_path], capture_output=True, text=True)
    assert done.returncode == bool(bad)
    assert done.stderr.strip() == (f"failed: {', '.join(bad)}" if bad else "")
    for name in set(NAMES) - set(bad):
        assert f"{name} was run" in done.stdout
