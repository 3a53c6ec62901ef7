"""The commands `clean` and `label`, and the group that all commands belong to.

`run` is in `run`, `train` and `evaluate` are in `training`, the commands below `labels` in `labels`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from paywallstrip.cli import labels, render, streams, training
from paywallstrip.cli.failures import MissingError
from paywallstrip.cli.run import run
from paywallstrip.errors import PageError
from paywallstrip.labels import Label

if TYPE_CHECKING:
    # The model's modules cost numpy; `--help` and `--version` do without.
    from paywallstrip.page import Page

NONE = "none"
HTML_START = re.compile(rb"(?:\s|\xef\xbb\xbf)*<(!doctype html|html)\b", re.IGNORECASE)
# In UTF-16 there is a zero between the two.
HTML_TAG = re.compile(rb"<\0?[a-z/!?]", re.IGNORECASE)
FORMATS = click.Choice(["text", "json", "jsonl"])

Command = Callable[..., None]


class Options(TypedDict, total=False):
    """What a user chose; what is absent takes the library's default."""

    drop: tuple[Label, ...]
    strictness: float


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="paywallstrip", message="%(prog)s %(version)s")
def commands() -> None:
    """Keep the body of a web page's text, drop the rest, line by line.

    clean and label take one page: its text as UTF-8, or its HTML with --html. run takes files of
    many pages. Results go to standard output or to the folder given by --out, messages to standard
    error.

    Exit codes: 0 done; 1 an input, the model or the output failed; 2 wrong usage, or a package is
    missing; 3 done by run, but for some records.
    """


def _parse_drop(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Label, ...] | None:
    """Turn `--drop a,b --drop c` into labels; None where the option was not given."""
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    if names == [NONE]:
        return ()
    known = [label.value for label in Label]
    for name in names:
        if name not in known:
            raise click.BadParameter(
                f"{name!r} is not one of {', '.join(known)}, or {NONE} alone", context, parameter
            )
    # Each once, in the order given.
    return tuple(dict.fromkeys(Label(name) for name in names))


def _parse_strictness(
    context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """Check the range; click's own check lets NaN through."""
    if value is not None and not 0 <= value <= 1:
        raise click.BadParameter(f"{value} is not between 0 and 1", context, parameter)
    return value


def _one_file(context: click.Context, _: click.Parameter, files: tuple[str, ...]) -> str:
    """Take the one file there may be; who gives several is told which command takes them."""
    if len(files) > 1:
        raise click.UsageError(
            f"Got {len(files)} files; {context.command.name} takes one page. "
            "Many files: paywallstrip run FILE... --out DIR",
            context,
        )
    return files[0] if files else streams.STANDARD


CLEANING = (
    click.option(
        "--drop",
        multiple=True,
        callback=_parse_drop,
        metavar="LABEL[,LABEL]...",
        help=f"Labels to drop; all but content unless given. {NONE} drops nothing. Repeatable.",
    ),
    click.option(
        "--strictness",
        type=float,
        callback=_parse_strictness,
        metavar="0..1",
        help="From 0, keep when in doubt, to 1, drop when in doubt; 0.5 unless given.",
    ),
    click.option(
        "--model",
        type=click.Path(exists=True, file_okay=False),
        metavar="DIR",
        help="The model folder; the shipped one unless given.",
    ),
)
"""Options of every command that cleans."""
OPTIONS = (
    click.argument("file", nargs=-1, metavar="[FILE]", callback=_one_file),
    click.option(
        "--html",
        is_flag=True,
        help="FILE is an HTML page, in whatever encoding; needs the extra [html].",
    ),
    click.option(
        "--format",
        "form",
        type=FORMATS,
        default="text",
        show_default=True,
        help="How the result is written.",
    ),
    *CLEANING,
)


def _with_options(command: Command) -> Command:
    """Give a command the argument and options that `clean` and `label` share."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@commands.command()
@_with_options
def clean(form: render.Form, **chosen: Any) -> None:
    """Write only the body of FILE.

    FILE is one page; standard input if absent or -.

    As text: the body, character for character; of HTML with a line end behind it. As json or
    jsonl: one object with the body, the lines per label and the removed lines, indented or on one
    line.
    """
    page = _classify(**chosen)
    # The lines of HTML are the library's own; a text's last line end, or none, is the user's.
    ends = chosen["html"] and form == "text" and page.body
    streams.write(render.cleaned(page, form) + ("\n" if ends else ""))


@commands.command()
@_with_options
def label(form: render.Form, **chosen: Any) -> None:
    """Write each line of FILE with its label.

    FILE is one page; standard input if absent or -.

    As text: coloured columns on a terminal, dropped lines dimmed; otherwise the label, "keep"
    or "drop", and the line, separated by tabs. As json: one object for the page. As jsonl:
    one object a line.
    """
    page = _classify(**chosen)
    if form == "text" and streams.on_terminal():
        streams.write(render.coloured(page))
    else:
        streams.write(render.labelled(page, form))


def _classify(
    file: str,
    html: bool,
    drop: tuple[Label, ...] | None,
    strictness: float | None,
    model: str | None,
) -> "Page":
    """Read an input and label its lines."""
    data = streams.read_bytes(file)
    _warn(file, data, html)
    read = data if html else streams.decoded(data, file)
    options = Options()
    if drop is not None:
        options["drop"] = drop
    if strictness is not None:
        options["strictness"] = strictness

    from paywallstrip.classifier import Classifier
    from paywallstrip.model_folder import DEFAULT_HTML_NAME, default_path

    if isinstance(read, str):
        return Classifier.load(model).classify(read, **options)
    classifier = Classifier.load(model or default_path(DEFAULT_HTML_NAME))
    try:
        return classifier.classify_html(read, **options)
    except ImportError as error:
        raise MissingError(str(error)) from error
    except PageError as error:
        raise click.ClickException(f"{streams.name_of(file)}: {error}") from error


def _warn(file: str, data: bytes, html: bool) -> None:
    """Tell who forgot `--html`, or gave it for a text: the flag decides, never the input."""
    from paywallstrip.bulk.inputs import kind_of

    name = streams.name_of(file)
    if html:
        if data.strip() and not HTML_TAG.search(data):
            streams.tell(
                f"{name}: read as HTML, but it holds no tag; without --html it is read as plain text"
            )
    elif kind_of(Path(file)) == "html" or HTML_START.match(data):
        streams.tell(f"{name}: read as plain text; with --html it is read as HTML")


# On a command that is made already, options are added behind its own.
for option in CLEANING:
    option(run)
commands.add_command(run)
training.register(commands)
commands.add_command(labels.labels)
