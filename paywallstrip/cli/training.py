"""The commands `train` and `evaluate`; what they need is imported when one of them runs."""

import contextlib
import lzma
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from paywallstrip.cli import streams
from paywallstrip.cli.failures import MissingError, told

# What the extra `[train]` brings.
EXTRA = ("sklearn", "joblib", "scipy")

PROCESSES = 2

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class _NewFolder(click.Path):
    """A folder to write: an empty name, as of a variable that is not set, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty name, which would be taken for the current folder."""
        if not str(value):
            self.fail("a folder's name is empty; give . for the current folder", param, ctx)
        return super().convert(value, param, ctx)


NEW_FOLDER = _NewFolder(file_okay=False, path_type=Path)
DATA = click.argument(
    "data",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="[DATA]...",
)
CORPUS = click.option(
    "--corpus",
    type=FOLDER,
    metavar="DIR",
    help="Instead of DATA: the folder of the corpora, labelled.jsonl.xz and bodies.jsonl.xz.",
)
VIEWS = click.option(
    "--views",
    type=FOLDER,
    metavar="DIR",
    help="With --corpus: what python -m paywallstrip.training.views wrote; without it pages are "
    "converted anew.",
)


def register(group: click.Group) -> None:
    """Add both commands to a group.

    Args:
        group: the group that all commands belong to.
    """
    group.add_command(train)
    group.add_command(evaluate)


KIND = click.option(
    "--kind",
    type=click.Choice(["text", "html"]),
    default="text",
    show_default=True,
    help="What the model takes, the text of a page or its HTML; html needs --corpus.",
)
TEXT = click.option(
    "--text",
    type=FOLDER,
    metavar="DIR",
    help="With --kind html: the model for text to start from; the shipped one unless given.",
)
TEXT_FOLDS = click.option(
    "--text-folds",
    type=FOLDER,
    metavar="DIR",
    help="With --kind html: what train --folds wrote for that model; required.",
)


@click.command()
@DATA
@click.option(
    "--adapt", is_flag=True, help="Adapt a model to DATA instead of training from scratch."
)
@click.option(
    "--model",
    type=FOLDER,
    metavar="DIR",
    help="With --adapt: the model folder; the shipped one unless given.",
)
@click.option(
    "--cross-validate",
    is_flag=True,
    help="Also measure on folds of sites, for the model card; takes a few times as long.",
)
@CORPUS
@VIEWS
@KIND
@TEXT
@TEXT_FOLDS
@click.option(
    "--folds",
    type=NEW_FOLDER,
    metavar="DIR",
    help="With --corpus: also write the models that have not seen one fold of sites each, fold0 "
    "to fold4.",
)
@click.option(
    "--seed",
    type=int,
    metavar="N",
    help="With --corpus: for what is chosen by chance; 0 unless given. Nothing is with DATA.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Processes to train from scratch or to convert pages; {PROCESSES} unless given.",
)
@click.option("--out", type=NEW_FOLDER, required=True, metavar="DIR", help="The model folder.")
def train(
    data: tuple[Path, ...],
    adapt: bool,
    model: Path | None,
    cross_validate: bool,
    corpus: Path | None,
    views: Path | None,
    kind: str,
    text: Path | None,
    text_folds: Path | None,
    folds: Path | None,
    seed: int | None,
    jobs: int | None,
    out: Path,
) -> None:
    """Train a model on labelled pages and write its folder.

    DATA are files of labelled pages of your own, as `paywallstrip labels` checks and converts
    them. With --corpus instead, the model is trained as the shipped one was, on the corpora's
    training part: sites of the final part are left out, and figures over folds of sites go into
    the model card. Needs the extra [train].
    """
    _check_sources(data, corpus)
    _refuse("needs DATA", corpus, adapt=adapt, model=model, cross_validate=cross_validate)
    _refuse("needs --corpus", data, views=views, folds=folds, text=text, text_folds=text_folds)
    _refuse("needs --corpus", data, seed=seed)
    _refuse("needs --adapt", not adapt, model=model)
    _refuse("is for training from scratch", adapt, jobs=jobs)
    _refuse("is for --kind html", kind == "text", text=text)
    _refuse("is for --kind text", kind == "html", views=views, seed=seed)
    _require_extra()
    if model is not None and out.exists() and out.samefile(model):
        # A model's card names what it was adapted from.
        raise click.UsageError("--out would replace --model; choose another folder")
    if kind == "html" and data:
        raise click.UsageError("--kind html needs --corpus")
    if (kind == "html") != (text_folds is not None):
        raise click.UsageError("--kind html needs --text-folds, and no other kind takes it")
    from paywallstrip.training.files import new_folders

    with _told(), new_folders(out, folds):
        if corpus is None:
            from paywallstrip.cli.own_pages import train_files

            train_files(
                data,
                out,
                adapted=adapt,
                base=model,
                cross_validate=cross_validate,
                jobs=jobs or PROCESSES,
                note=_notes(),
            )
            return
        if text_folds is not None:
            from paywallstrip.training.html_recipe import train_html_corpora

            train_html_corpora(
                corpus,
                text_folds,
                out,
                text=text,
                folds=folds,
                jobs=jobs or PROCESSES,
                progress=_notes(),
            )
        else:
            from paywallstrip.training.recipe import train_corpora

            train_corpora(
                corpus,
                out,
                views=views,
                folds=folds,
                seed=seed or 0,
                jobs=jobs or PROCESSES,
                progress=_notes(),
            )


@click.command()
@DATA
@CORPUS
@VIEWS
@click.option(
    "--model",
    type=FOLDER,
    metavar="DIR",
    help="The model folder; the shipped one unless given. With --part folds the folder that "
    "train --folds wrote.",
)
@click.option(
    "--html-model",
    type=FOLDER,
    metavar="DIR",
    help="With --corpus: a model for HTML, or the folder of its fold models, to show beside it.",
)
@click.option(
    "--part",
    type=click.Choice(["final", "folds"]),
    help="With --corpus: the sites to judge on; final unless given.",
)
@click.option(
    "--out",
    type=NEW_FOLDER,
    metavar="DIR",
    help="With --corpus: where evaluation.md and evaluation.json go; nowhere unless given.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"With --corpus: processes to convert pages; {PROCESSES} unless given.",
)
@click.option(
    "--plots", is_flag=True, help="With --corpus: draw plots into --out; needs the extra [plot]."
)
@click.option(
    "--quick",
    is_flag=True,
    help="With --corpus: leave the strictness table out, the longest part.",
)
@click.option(
    "--record",
    is_flag=True,
    help="With --corpus and the final part: also write the figures into the model's folder, "
    "model.json and the card.",
)
def evaluate(
    data: tuple[Path, ...],
    corpus: Path | None,
    views: Path | None,
    model: Path | None,
    html_model: Path | None,
    part: Any,
    out: Path | None,
    jobs: int | None,
    plots: bool,
    quick: bool,
    record: bool,
) -> None:
    """Judge a model on labelled pages of sites that it has not seen.

    DATA are files of labelled pages of your own, as `paywallstrip labels` checks and converts
    them. With --corpus instead, the model is compared with other extractors on the corpora, which
    needs the extra [train]. The tables go to standard output.
    """
    _check_sources(data, corpus)
    _refuse("needs --corpus", data, views=views, out=out, plots=plots, quick=quick)
    _refuse("needs --corpus", data, html_model=html_model, part=part, record=record, jobs=jobs)
    part = part or "final"
    if corpus is None:
        with _told():
            from paywallstrip.cli.own_pages import evaluate_files

            streams.write(evaluate_files(data, model))
        return
    _require_extra()
    if plots and out is None:
        raise click.UsageError("--plots needs --out")
    if record and part != "final":
        raise click.UsageError("--record needs --part final")
    with _told():
        from paywallstrip.training.compare import LEVELS, compare

        text = compare(
            corpus,
            views,
            model,
            part,
            out,
            html_model=html_model,
            levels=() if quick else LEVELS,
            plots=plots,
            record=record,
            jobs=jobs or PROCESSES,
            note=_notes(),
        )
    streams.write(text)


def _check_sources(data: tuple[Path, ...], corpus: Path | None) -> None:
    if bool(data) == (corpus is not None):
        raise click.UsageError("give either files of labelled pages or --corpus")


def _refuse(why: str, here: object, **options: object) -> None:
    """Refuse options that mean nothing here."""
    for name, value in options.items():
        # The seed 0 is given, too.
        if here and value is not None and value is not False:
            raise click.UsageError(f"--{name.replace('_', '-')} {why}")


def _require_extra() -> None:
    if not all(map(find_spec, EXTRA)):
        raise MissingError('this command needs an extra: pip install "paywallstrip[train,cli]"')


def _notes() -> Any:
    """Make a function that prints each step with the seconds gone by."""
    start = time.monotonic()

    def note(what: str) -> None:
        streams.tell(f"{time.monotonic() - start:6.0f} s  {what}")

    return note


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what goes wrong with packages, files and corpora into one line."""
    try:
        with told():
            yield
    except (EOFError, lzma.LZMAError) as error:
        raise click.ClickException(f"a file is cut off or no xz file: {error}") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
