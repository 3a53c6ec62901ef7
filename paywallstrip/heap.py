"""Memory that a process frees, and soon asks for again."""

HELD_BYTES = 16 << 20


def keep_freed_memory() -> None:
    """Make the C library keep freed memory at hand, rather than give it back to the system.

    For processes whose work is cleaning. Every batch makes arrays of a megabyte, and
    fetching them anew each time took up to a tenth of the processor time. glibc keeps as much as
    the largest block freed so far: one is asked for, and freed without being touched.
    """
    bytes(HELD_BYTES)
