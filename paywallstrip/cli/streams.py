"""Bytes in, bytes out: UTF-8 whatever the locale, line ends untouched."""

import sys

import click

from paywallstrip.cli.entry import UNREAD
from paywallstrip.cli.render import visible
from paywallstrip.lasting import Lasting

STANDARD = "-"
STANDARD_INPUT = "standard input"


def read_bytes(file: str) -> bytes:
    """Read a whole input as it stands.

    Args:
        file: a path, or `-` for standard input.

    Returns:
        Its bytes.

    Raises:
        click.ClickException: it cannot be read; the message says why.
    """
    try:
        return _bytes_of(file)
    except OSError as error:
        raise click.ClickException(f"{name_of(file)}: {error.strerror or error}") from error


def decoded(data: bytes, file: str) -> str:
    """Decode a whole input as UTF-8.

    Args:
        data: its bytes.
        file: the path that it was read from, or `-` for standard input.

    Returns:
        The text, its line ends and a byte order mark as they stand.

    Raises:
        click.ClickException: it is not UTF-8; the message says where.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise click.ClickException(
            f"{name_of(file)}: not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}, "
            f"in line {line}; convert the text to UTF-8 first"
        ) from error


def write(text: str) -> None:
    """Write to standard output as UTF-8.

    Args:
        text: what to write, line ends included.

    Raises:
        click.exceptions.Exit: the reader is gone; there is nobody to tell.
        click.ClickException: standard output is closed, full or otherwise fails.
    """
    if sys.stdout is None:
        raise click.ClickException("standard output is closed")
    try:
        # Only a file's name can hold a lone surrogate, where it is no UTF-8: decoding lets none
        # in, the library invents none. It is escaped as on standard error.
        rest = memoryview(text.encode("utf-8", "backslashreplace"))
        # Where Python is told not to buffer, a write may take only a part and say how much.
        while rest:
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        raise click.exceptions.Exit(UNREAD) from error
    except OSError as error:
        raise click.ClickException(f"standard output: {error.strerror or error}") from error


def tell(line: str) -> None:
    """Print a line on standard error; the work goes on where nobody reads it any more.

    Args:
        line: what to say, without a line end.
    """
    if sys.stderr is not None:
        print(line, file=Lasting(sys.stderr))


def on_terminal() -> bool:
    """Tell whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def _bytes_of(file: str) -> bytes:
    """Read a path, or standard input, to its end."""
    if file != STANDARD:
        with open(file, "rb") as stream:
            return stream.read()
    if sys.stdin is None:
        raise click.ClickException(f"{STANDARD_INPUT} is closed")
    if sys.stdin.isatty():
        tell("Reading from the terminal; Ctrl-D ends the text.")
    return sys.stdin.buffer.read()


def name_of(file: str) -> str:
    """Return what messages call an input, fit for a terminal.

    Args:
        file: a path, or `-` for standard input.
    """
    return STANDARD_INPUT if file == STANDARD else visible(file)
