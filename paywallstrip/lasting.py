"""Standard error, for work that goes on where nobody reads it any more."""

import io
import os
from typing import TextIO


class Lasting(io.TextIOBase):
    """A stream for people that lasts as long as the work: it may be that nobody reads it any more.

    Args:
        stream: standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text and be done with it."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            # What is held of it, and all that is said from now on, goes where nothing fails.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return len(text)

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The terminal's encoding, which decides what a bar is drawn with."""
        return self._stream.encoding
