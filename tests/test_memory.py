"""Memory that one batch frees serves the next one."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import numpy as np
from paywallstrip.memory import hold_memory
if {held}:
    hold_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [np.ones(12_000) for _ in range(200)]
    del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(3):
    last = faults()
print(last)
"""


def page_faults(held: bool) -> int:
    """Count the page faults of the third time that 19 MB are asked for in blocks and freed."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(held=held)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's way to free memory")
def test_held_memory_saves_most_page_faults() -> None:
    assert page_faults(held=True) < page_faults(held=False) / 4
