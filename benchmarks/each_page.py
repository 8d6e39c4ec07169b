"""What each page needs of a machine; writes the tables of docs/for_administrators.md.

    python -m uv run python benchmarks/each_page.py [NN ...]

Every page is run from top to bottom, one after the other, in a kernel as JupyterLab starts it, and
looked at twenty times a second: memory of the kernel and of all that it has started (proportional
set size), processes, threads, seconds of CPU, /dev/shm, seconds until the first output. So is a
JupyterLab that has loaded and does nothing. With numbers of pages it only prints; only a run of all
pages changes the document. Linux only. A page that takes more than 200 MiB ends it with 1.
"""

import datetime
import math
import os
import platform
import re
import sys
import tempfile
import time
import urllib.request

import nbformat
import psutil

from kernels import PAGES, ROOT, Need, Run, Watch, checked_system, left_of

sys.path.insert(0, str(ROOT / "tests"))
import browser

DOCUMENT = ROOT / "docs" / "for_administrators.md"
MEBIBYTE = 2**20
MOST = 200 * MEBIBYTE
PAUSE = 0.05
# Seconds after which JupyterLab has done what it does at its start, such as asking npm.
SETTLED = 5
# What TLJH recommends: https://tljh.jupyter.org/en/latest/howto/admin/resource-estimation.html
HEADROOM = 1.3  # "add 20-40% headroom"
OF_TLJH = 128 * MEBIBYTE
OF_TLJH_CPU = 0.2
CLASSES = (30, 100, 300)
# Seconds of a class that a page takes at the least, as its head tells.
SHORTEST = 15 * 60


def measured(page):
    """Run a page, and return its `Run`."""
    run = Run(page)
    try:
        with Watch([run], PAUSE):
            run.run()
    except BaseException:
        run.end("stopped")
        raise
    return run


def server():
    """Return the `Need` of a JupyterLab that has loaded, without a kernel."""
    need = Need()
    before = set(psutil.Process().children())
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={folder}"]
        with browser.jupyter_lab(folder, *command) as (address, token):
            urllib.request.urlopen(f"{address}/lab?token={token}", timeout=60).close()
            (lab,) = set(psutil.Process().children()) - before
            time.sleep(SETTLED)
            need.see([lab, *lab.children(recursive=True)])
    return need


def pages_table(runs, lab):
    """Return the table of the pages."""
    lines = [
        "| page | memory, MiB | processes | threads "
        "| CPU, s | /dev/shm, MiB | first output, s | all, s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for run in runs:
        lines.append(row(title(run.page), run.need, f"{run.first:.1f}", f"{run.seconds:.0f}"))
    return "\n".join([*lines, row("JupyterLab itself", lab, "", "")])


def row(name, need, *seconds):
    figures = [
        f"{need.memory / MEBIBYTE:.0f}",
        str(need.processes),
        str(need.threads),
        f"{need.cpu:.1f}",
        f"{need.shared / MEBIBYTE:.1f}",
    ]
    return f"| {' | '.join([name, *figures, *seconds])} |"


def title(page):
    """Return a name and a link for the document."""
    heading = nbformat.read(page, as_version=4).cells[0].source.partition("\n")[0]
    name = heading.removeprefix("# ").partition(":")[0]
    return f"[{page.name[:2]} {name}](../notebooks/{page.name})"


def classes_table(runs, lab):
    """Return the table of the classes, by TLJH's formulas."""
    memory = HEADROOM * (lab.memory + max(run.need.memory for run in runs))
    cpu = max(run.need.cpu for run in runs) / SHORTEST
    shared = max(run.need.shared for run in runs)
    lines = [
        "| learners at once | memory, GiB | CPUs | /dev/shm, MiB | processes and threads |",
        "|--:|--:|--:|--:|--:|",
    ]
    threads = lab.threads + max(run.need.threads for run in runs)
    for count in CLASSES:
        cells = [
            str(count),
            f"{(count * memory + OF_TLJH) / 2**30:.0f}",
            str(max(2, math.ceil(count * cpu + OF_TLJH_CPU))),
            str(math.ceil(count * shared / MEBIBYTE)),
            f"{math.ceil(count * threads / 100) * 100:,}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def put(text, name, table):
    """Return a document with a table between its two markers."""
    begin, end = f"<!-- {name}: written by benchmarks/each_page.py -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{DOCUMENT.name} must have the two lines {begin} and {end}")
    return pattern.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)


def machine():
    """Say on what was measured."""
    return (
        f"Measured on {datetime.date.today():%-d %B %Y}: {platform.python_implementation()} "
        f"{platform.python_version()}, {os.cpu_count()} CPUs, {platform.system()}, other work on "
        f"the machine before: {os.getloadavg()[2] / os.cpu_count():.1f} processes for each CPU."
    )


def main(numbers):
    """Measure, and print it."""
    checked_system()
    unknown = set(numbers) - {page.name[:2] for page in PAGES}
    if unknown:
        sys.exit(f"there is no page {', '.join(sorted(unknown))}")
    said, runs = machine(), []
    for page in [page for page in PAGES if not numbers or page.name[:2] in numbers]:
        print(f"{page.stem} ...", end=" ", flush=True)
        run = measured(page)
        print(row("", run.need, f"{run.first or 0:.1f}", f"{run.seconds:.0f}").strip("| "))
        if run.error:
            sys.exit(f"{page.name} did not come to its end: {run.error}")
        runs.append(run)
    print("JupyterLab itself ...", flush=True)
    lab = server()
    remains = left_of(runs)
    print(f"\n{pages_table(runs, lab)}\n\n{said}")
    print(f"Left behind: {', '.join(remains) or 'nothing'}")
    if not numbers:
        text = DOCUMENT.read_text(encoding="utf-8")
        text = put(text, "pages", f"{pages_table(runs, lab)}\n\n{said}")
        DOCUMENT.write_text(put(text, "classes", classes_table(runs, lab)), encoding="utf-8")
        print(f"The tables are in {DOCUMENT.relative_to(ROOT)}")
    large = [run.page.name for run in runs if run.need.memory > MOST]
    if large or remains:
        sys.exit(f"more than 200 MiB: {', '.join(large) or 'none'}; left: {len(remains)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nstopped: every kernel is ended")
