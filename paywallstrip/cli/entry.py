"""Where `paywallstrip` starts: whatever goes wrong ends in one line and an exit code.

Exit codes: 0 done; 1 an input, the model or the output failed; 2 wrong usage, or the extra
`[cli]` is not installed; 3 all was done but some records were rejected; 130 stopped by Ctrl-C; 141 whoever read the output stopped reading.
"""

import os
import sys
from importlib.util import find_spec
from typing import NoReturn

PROGRAM = "paywallstrip"
FAILED, USAGE, REJECTED, INTERRUPTED, UNREAD = 1, 2, 3, 130, 141
# What the extra `[cli]` brings.
EXTRA = ("click", "rich")


def main() -> NoReturn:
    """Run the command line on `sys.argv` and exit.

    Raises:
        SystemExit: always, with one of the exit codes above.
    """
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = UNREAD
    except OSError as error:
        code = _fail(error.strerror or str(error))
    except MemoryError:
        code = _fail("there is not enough memory; a single input may be too large for it")
    _leave(code)


def _run() -> int:
    """Run the command asked for, if the extra is there, and return its exit code."""
    # Both are asked for first, so that what works does not depend on which of them some
    # other package happened to bring.
    if not all(map(find_spec, EXTRA)):
        _fail(f'the command line needs an extra: pip install "{PROGRAM}[cli]"')
        return USAGE
    import click

    from paywallstrip.cli.app import commands
    from paywallstrip.errors import PaywallstripError

    try:
        code = commands.main(prog_name=PROGRAM, standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _fail(error.format_message())
        return error.exit_code
    except PaywallstripError as error:
        return _fail(str(error))
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    """Print one line on standard error, if there is one, and return the code for failure."""
    if sys.stderr is not None:
        from paywallstrip.cli.render import visible

        # It may quote what a file holds, such as the id of a page.
        line = visible(" ".join(message.splitlines()))
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)
    return FAILED


def _leave(code: int) -> NoReturn:
    """Exit, and keep the interpreter from complaining about output nobody takes."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        # Python flushes once more on its way out; that goes where nothing fails.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or FAILED
    sys.exit(code)
