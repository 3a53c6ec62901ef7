"""The commands `labels validate` and `labels convert`, for files of labelled pages."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from paywallstrip.cli import streams
from paywallstrip.cli.entry import FAILED
from paywallstrip.cli.failures import told
from paywallstrip.cli.render import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paywallstrip.training.exchange.convert import Format
    from paywallstrip.training.records import PageRecord

# As `exchange.convert` has them, which costs numpy to import: `--help` does without.
FORMATS = click.Choice(["native", "label-studio", "prodigy", "csv"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def labels() -> None:
    """Check and convert files of labelled pages.

    The native format, which train and evaluate read, is JSON Lines with one page a line.
    """


@labels.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
def validate(files: tuple[Path, ...]) -> None:
    """Check FILEs of labelled pages in the native format.

    Each problem is one line: file, line of the file, page, line of the page, what is wrong.
    Warnings (pages that contradict each other) alone leave the exit code at 0.
    """
    with told():
        from paywallstrip.training.datafile import check_file

        checked = [check_file(file) for file in files]
    problems = [problem for file in checked for problem in file.problems]
    streams.write("".join(f"{each.severity}: {visible(str(each))}\n" for each in problems))
    errors = sum(problem.severity == "error" for problem in problems)
    without = sum(file.without_domain for file in checked)
    pages = str(sum(file.pages for file in checked))
    if without:
        pages += f" ({without} without a domain)"
    streams.tell(f"pages: {pages}, errors: {errors}, warnings: {len(problems) - errors}")
    if errors:
        raise click.exceptions.Exit(FAILED)


@labels.command()
@click.option("--from", "source", type=FORMATS, required=True, help="The format of IN.")
@click.option("--to", "target", type=FORMATS, required=True, help="The format of OUT.")
@click.option(
    "--predict",
    is_flag=True,
    help="Add a model's labels for annotators to start from; --to label-studio or prodigy.",
)
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --predict: the model folder; the shipped one unless given.",
)
@click.option(
    "--texts",
    type=FILE,
    metavar="FILE",
    help="Pages in the native format, for exports of Label Studio that hold no text.",
)
@click.argument("file", type=FILE, metavar="IN")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def convert(
    source: "Format",
    target: "Format",
    predict: bool,
    model: Path | None,
    texts: Path | None,
    file: Path,
    out: Path,
) -> None:
    """Convert a file of labelled pages from one format to another.

    OUT appears when all of it is written, or not at all; a file of that name is replaced.
    """
    if model is not None and not predict:
        raise click.UsageError("--model goes with --predict")
    if str(out) == streams.STANDARD:
        raise click.UsageError("-: OUT is a file, so that it appears whole or not at all")
    if out.exists() and any(out.samefile(given) for given in (file, texts) if given):
        raise click.UsageError(f"{out}: would replace an input; choose another OUT")
    if texts is not None and source != "label-studio":
        raise click.UsageError("--texts goes with --from label-studio")
    with told():
        from paywallstrip.training.exchange.convert import PREDICTING, read_format, write_format

        if predict and target not in PREDICTING:
            raise click.UsageError(f"--predict goes with --to {' or '.join(PREDICTING)}")
        known = None
        if texts is not None:
            from paywallstrip.training.datafile import read_pages

            known = {page.id: page.text for page in read_pages(texts)}
        classifier = None
        if predict:
            from paywallstrip.classifier import Classifier

            classifier = Classifier.load(model)
        sizes: list[int] = []
        pages = _counted(read_format(source, file, texts=known), sizes)
        write_format(target, pages, out, classifier=classifier)
    streams.tell(f"{visible(str(out))}: {_written(sizes, target)}")


def _counted(pages: "Iterable[PageRecord]", sizes: list[int]) -> "Iterator[PageRecord]":
    """Pass pages on, and note how many lines each has."""
    for page in pages:
        sizes.append(len(page.lines))
        yield page


def _written(sizes: list[int], target: "Format") -> str:
    """Say how many pages were written; a table has no row for one without a line."""
    left_out = sizes.count(0) if target == "csv" else 0
    number = len(sizes) - left_out
    text = f"{number} page{'s' * (number != 1)}"
    return f"{text}, {left_out} without a line left out" if left_out else text
