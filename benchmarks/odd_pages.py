"""Measure what pages cost that nobody should write: CPU time and memory of reading their lines.

    python -m benchmarks.odd_pages

Each page in a process of its own, which may use 4 GB; the page itself is made before, and counts
for neither. Prints a table in Markdown. Needs the extra [html]; the pages are those of the tests.
"""

import argparse
import subprocess
import sys

from benchmarks.machine import describe_run
from tests.odd_pages import PAGES

CODE = """
import resource, time
resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
from paywallstrip.markup.lines import read_markup
read_markup("<p>warm")
page = {page}
size = len(page if isinstance(page, bytes) else page.encode("utf-8", "surrogatepass"))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before, begun = peak(), time.process_time()
lines = len(read_markup(page).tags)
print(size, lines, time.process_time() - begun, peak() - before)
"""


def main() -> None:
    """Measure, and print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{describe_run()}\n")
    print("| page | size | lines | CPU time | memory |\n|---|---:|---:|---:|---:|")
    for name, (page, _) in PAGES.items():
        command = [sys.executable, "-c", CODE.format(page=page)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        size, lines, seconds, kilobytes = map(float, done.stdout.split())
        print(f"| {name} | {size / 1e6:.1f} MB | {lines:,.0f} ", end="")
        print(f"| {seconds:.2f} s | {kilobytes / 1024:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
