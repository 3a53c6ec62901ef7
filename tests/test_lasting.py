"""Standard error that lasts as long as the work, whether or not anybody reads it."""

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from paywallstrip.lasting import Lasting


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """The end of a pipe to read from, which waits for nothing, and the stream into it."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    with os.fdopen(write, "w") as stream:
        yield read, stream


def test_a_text_is_there_at_once(pipe: tuple[int, TextIO]) -> None:
    read, stream = pipe
    # A bar has no line end.
    Lasting(stream).write("50 %")
    said = os.read(read, 99)
    os.close(read)
    assert said == b"50 %"


def test_a_text_that_nobody_reads_counts_as_written(pipe: tuple[int, TextIO]) -> None:
    read, stream = pipe
    os.close(read)
    assert Lasting(stream).write("50 %") == 4


def test_what_nobody_reads_fails_no_more_when_the_stream_is_closed(
    pipe: tuple[int, TextIO],
) -> None:
    read, stream = pipe
    os.close(read)
    Lasting(stream).write("50 %")
    stream.close()
    assert stream.closed
