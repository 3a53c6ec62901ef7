"""Worker processes of a run."""

import signal

import pytest

from paywallstrip.bulk.jobs import in_order


def holds_interrupts_back(_: object) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system holds none back")
def test_no_worker_sees_an_interrupt_while_it_starts() -> None:
    tasks = ((number, None) for number in range(4))
    assert list(in_order(tasks, holds_interrupts_back, 2)) == [(n, True) for n in range(4)]
