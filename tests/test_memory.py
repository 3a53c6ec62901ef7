"""Memory that one batch frees serves the next one."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
from paywallstrip import Classifier
from tests.toy import toy_model
from paywallstrip.memory import hold_memory
if {held}:
    hold_memory()
classifier = Classifier(toy_model())
texts = ["A line of some words that is long enough, number {{}}.\\n".format(i) * 400 for i in range(20)]
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in classifier.clean_many(texts):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(3):
    last = faults()
print(last)
"""


def page_faults(held: bool) -> int:
    """Count the page faults of a third pass over the same texts, in a process of its own."""
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
