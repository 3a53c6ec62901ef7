"""The command `run`: many files into a folder."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from paywallstrip.cli.entry import REJECTED
from paywallstrip.cli.failures import told
from paywallstrip.cli.render import visible
from paywallstrip.cli.streams import tell
from paywallstrip.cli.training import NEW_FOLDER

if TYPE_CHECKING:
    from paywallstrip.bulk.inputs import Input


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option("--out", type=NEW_FOLDER, required=True, metavar="DIR", help="The output folder.")
@click.option(
    "--text-column",
    "column",
    default="text",
    show_default=True,
    metavar="NAME",
    help="The column or field with the text.",
)
@click.option(
    "--prefix",
    default="",
    metavar="TEXT",
    help="Stands before the names of the columns added: body, kept_share, spans, removed.",
)
@click.option(
    "--label-only",
    is_flag=True,
    help="Add each line's place and label (spans) instead of the body.",
)
@click.option("--keep-removed", is_flag=True, help="Add the removed lines, too (removed).")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes to use.",
)
@click.option("--resume", is_flag=True, help="Go on with what an interrupted run left in DIR.")
def run(
    inputs: tuple[str, ...], out: Path, jobs: int, resume: bool, model: str | None, **chosen: Any
) -> None:
    """Clean the files IN... into the folder DIR.

    IN is a file, a folder or a glob pattern: text (.txt, .text) and HTML (.html, .htm, .xhtml), a
    file a page; JSON lines (.jsonl, .ndjson, .json, an object a line), Parquet, WARC and WET. JSON
    lines and archives also with .gz or .zst. Outputs have their inputs' names and formats; of
    page.html comes page.html.txt. A record that cannot be read is listed in NAME.rejects.jsonl,
    and the run goes on; the exit code is 3 then.
    """
    if chosen["label_only"] and chosen["keep_removed"]:
        raise click.UsageError("--label-only leaves every line in: --keep-removed says nothing")
    given = {name: value for name, value in chosen.items() if value is not None}
    with _told():
        from paywallstrip.bulk.checks import check_column, check_model, check_packages
        from paywallstrip.bulk.inputs import find_inputs
        from paywallstrip.bulk.run import run as run_bulk
        from paywallstrip.bulk.settings import Settings
        from paywallstrip.cli.progress import show

        settings: Settings = Settings(model=model and str(Path(model).resolve()), **given)
        found = find_inputs(inputs, out)
        check_packages(found)
        check_column(found, settings)
        check_model(found, settings)
        last = show(run_bulk(found, out, settings, jobs=jobs, resume=resume))
        if last.totals.rejected:
            tell(visible(_a_reject(found, out)))
    if last.totals.rejected:
        raise click.exceptions.Exit(REJECTED)


def _a_reject(inputs: "list[Input]", out: Path) -> str:
    """Say why one record was rejected: where all were, an option is mistaken."""
    from paywallstrip.bulk.outputs import count_rejects, rejects_path

    targets = (out / each.name for each in inputs)
    path = rejects_path(next(filter(count_rejects, targets)))
    with path.open(encoding="utf-8") as file:
        reason = json.loads(file.readline())["reason"]
    return f"{path}: {reason}"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what goes wrong into one line."""
    from paywallstrip.bulk.records import BulkError

    try:
        with told():
            yield
    except BulkError as error:
        raise click.UsageError(visible(str(error))) from error
    except BrokenProcessPool as error:
        raise click.ClickException(
            "a worker was killed, by want of memory perhaps; go on with --resume"
        ) from error
