"""What goes wrong in a command, as one line for whoever typed it."""

import contextlib
from collections.abc import Iterator

import click

from paywallstrip.cli.entry import USAGE
from paywallstrip.cli.render import visible


class MissingError(click.ClickException):
    """A package that a command needs is not installed; the message holds the pip line."""

    exit_code = USAGE


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn what goes wrong inside with packages and files into one line.

    Raises:
        MissingError: a package is not installed.
        click.ClickException: a file fails; the message says which and why.
    """
    try:
        yield
    except ImportError as error:
        raise MissingError(str(error)) from error
    except OSError as error:
        # The entry point has a line for the others.
        if error.filename is None:
            raise
        raise click.ClickException(visible(f"{error.filename}: {error.strerror}")) from error
