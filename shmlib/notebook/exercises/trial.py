"""A cell is imported first in a process that can be ended: whatever stands outside its functions
runs in every process that imports it, the kernel too."""

import json
import re
import subprocess
import sys

# Seconds until an import is taken for one without end.
PATIENCE = 4.0
# An exit code that no accident has.
_WHOLE = 42

_TRIAL = """
import faulthandler, json, multiprocessing, os, sys, traceback, types

told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path[:], name, text, patience, whole = json.load(sys.stdin)
faulthandler.dump_traceback_later(patience, file=told, exit=True)
multiprocessing.current_process()._config["daemon"] = True  # it may start none of its own
module = sys.modules[name] = types.ModuleType(name)
try:
    exec(compile(text, f"{name}.py", "exec"), vars(module))
except BaseException as error:
    frames = traceback.extract_tb(error.__traceback__)
    line = [frame.lineno for frame in frames if frame.filename == f"{name}.py"][-1]
    told.write(f"Line {line} raised {type(error).__name__}: {error}".rstrip(".: ") + ".")
    told.flush()
sys.exit(whole)
"""


def failed_import(name: str, text: str) -> str:
    """Import a cell in a process of its own, and say in what way that fails, or return "".

    Args:
        name: of the module.
        text: of its file.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            input=json.dumps([sys.path, name, text, PATIENCE, _WHOLE]).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:  # it has stopped, or its interpreter does not start
        return "The import of this cell never comes to its end. Put what it does into a function."
    told = ended.stdout.decode(errors="replace")
    if ended.returncode == _WHOLE:
        return told
    line = re.search(rf'"{name}\.py", line (\d+)', told)
    if "Timeout (" in told:
        where = f"line {line[1]}" if line else "something that it started"
        how = f"The import of this cell never comes to its end: {where} is still running"
    else:
        how = "The import of this cell ends the process"
    return f"{how}. What stands outside a function runs in every process that imports the cell."
