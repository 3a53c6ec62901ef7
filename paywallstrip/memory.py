"""Memory between batches: kept for the next one, not given back and asked for again."""

import numpy as np

BLOCK = (1 << 25) - (1 << 16)
"""Bytes of the block: the largest that glibc goes by, less room for its own head."""


def hold_memory() -> None:
    """Let the C library keep what a batch frees, a few dozen megabytes at most.

    glibc gives large blocks back to the system at once, and takes every page of the next
    ones anew: a fifth of a batch's time. It stops doing so for blocks up to the size of the
    largest one it has given back. So one that nobody writes to, and that takes up no memory
    therefore, is asked for and freed. Elsewhere this does nothing.
    """
    np.empty(BLOCK, np.uint8)
