"""What an output folder keeps of the runs that wrote into it.

Beside the outputs stand two hidden files: the options and models that all of them are made with,
and a line an output that says of what input.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paywallstrip.bulk.inputs import Input, kind_of
from paywallstrip.bulk.outputs import (
    being_written,
    count_rejects,
    fingerprint,
    is_begun,
    is_done,
    rejects_path,
    removed_path,
    resumable,
    write_whole,
)
from paywallstrip.bulk.records import BulkError
from paywallstrip.bulk.settings import Settings

SETTINGS = ".paywallstrip.json"
"""Holds the settings that an output folder was made with."""
INPUTS = ".paywallstrip.inputs.jsonl"
"""Holds what each output was made of; read and written line by line, as there may be millions."""
UNKNOWN = {"input": "", "from_out": "", "state": []}
"""What is noted of an output that was finished when the folder had no such note."""


def check_settings(inputs: list[Input], out: Path, settings: Settings, resume: bool) -> None:
    """Check that what an output folder holds was made with these settings, by the same models.

    Args:
        inputs: the files to clean.
        out: the output folder.
        settings: how to clean.
        resume: whether what is left of these inputs is gone on with. If not it is begun anew,
            and what other inputs left decides alone.

    Raises:
        BulkError: if it was not, or the note of it is damaged.
    """
    made_with = out / SETTINGS
    if made_with.exists() and (resume or _others_left(inputs, out)):
        _check_same(out, _made_with(made_with), settings)


def names_of(name: Path, settings: Settings) -> list[Path]:
    """Return the names that a run may give to files for one output: its own comes first."""
    names = [name, rejects_path(name)]
    # That of HTML is text, too.
    if settings.keep_removed and kind_of(name) == "text":
        names.append(removed_path(name))
    return names


def check_names(inputs: list[Input], out: Path, settings: Settings) -> None:
    """Check that no name that this run gives is one that a run over other inputs gave.

    Args:
        inputs: the files to clean.
        out: the output folder.
        settings: how to clean; how the others were, too, as `check_settings` makes sure.

    Raises:
        BulkError: if one is, or the note of the others is damaged.
    """
    own = {str(each.name) for each in inputs}
    given = {name: each for each in inputs for name in names_of(each.name, settings)}
    for _, before in _noted(out):
        if before["output"] in own:
            continue
        output = Path(before["output"])
        for name in names_of(output, settings):
            if name in given and is_begun(out / output):
                raise BulkError(
                    f"{out / name} would be written for {given[name].path}, but belongs to "
                    f"{before['input'] or 'an earlier run'}; choose another --out"
                )


def changed_since(inputs: list[Input], out: Path) -> list[Input]:
    """Return the inputs that had rejects and were changed since; check that all are the same files.

    Args:
        inputs: the files to clean.
        out: the output folder.

    Returns:
        Those whose output has a reject file and whose size or date is another one, or not noted.

    Raises:
        BulkError: if an output was made of another input, or the note of it or an unknown reject
            file is damaged.
    """
    by_name = {str(each.name): each for each in inputs}
    real = os.path.realpath(out)
    changed = []
    for _, before in _noted(out):
        each = by_name.pop(before["output"], None)
        if each is None:
            continue
        target, now = out / each.name, _about(each, real)
        # Asked first: it gives rejects their name where a kill came before that.
        begun = is_begun(target)
        # Either tells: the output folder was moved alone, or together with the inputs.
        same = now["input"] == before["input"] or now["from_out"] == before["from_out"]
        if before["input"] and begun and not same:
            raise BulkError(
                f"{target} was made of {before['input']}, not of {each.path}; choose another "
                f"--out, or, if the file was only moved, remove {out / INPUTS}"
            )
        if now["state"] != before["state"] and rejects_path(target).exists():
            changed.append(each)
    unknown = (each for each in by_name.values() if is_done(out / each.name))
    # Counted, as what is no run's reject file must not go.
    return changed + [each for each in unknown if count_rejects(out / each.name)]


def note(inputs: list[Input], out: Path, settings: Settings) -> None:
    """Note settings and inputs of a run that begins, beside other inputs of earlier runs.

    Args:
        inputs: the files to clean.
        out: the output folder.
        settings: how to clean.

    Raises:
        OSError: if the folder cannot be written into.
    """
    own = {str(each.name) for each in inputs}
    real = os.path.realpath(out)
    known = set()
    # Before the settings: where they stand alone, the note of the inputs was lost.
    with resumable(out / INPUTS), being_written(out / INPUTS) as stream:
        for line, before in _noted(out):
            if before["output"] not in own:
                # The last line end may have been cut off.
                stream.write(line.rstrip() + b"\n")
            elif before["input"]:
                known.add(before["output"])
        for each in inputs:
            about = _about(each, real)
            if about["output"] not in known and is_done(out / each.name):
                about |= UNKNOWN
            stream.write(json.dumps(about).encode() + b"\n")
    with resumable(out / SETTINGS):
        about = {**settings.to_dict(), "weights": settings.weights()}
        write_whole(out / SETTINGS, json.dumps(about).encode())


def _about(each: Input, out: str) -> dict[str, Any]:
    """Return what is noted of an input; `out` is the real path of the output folder."""
    path = os.path.realpath(each.path)
    try:
        from_out = os.path.relpath(path, out)
    except ValueError:
        # Windows: on another drive.
        from_out = path
    state = fingerprint(each.path)
    return {"output": str(each.name), "input": path, "from_out": from_out, "state": state}


def _noted(out: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield each line about an output, as it stands and as it is read."""
    path = out / INPUTS
    if not path.exists():
        return
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                about = json.loads(line)
                names = [about["output"], about["input"], about["from_out"]]
                whole = "state" in about and all(isinstance(name, str) for name in names)
            except (ValueError, LookupError, TypeError):
                whole = False
            if not whole:
                raise BulkError(
                    f"{path}: line {number} is damaged: it said of what an output was made; "
                    "remove the file, and give --resume the same inputs"
                )
            yield line, about


def _others_left(inputs: list[Input], out: Path) -> bool:
    """Tell whether anything is left, or may be, of what runs over other inputs wrote."""
    if not (out / INPUTS).exists():
        return True
    own = {str(each.name) for each in inputs}
    names = (before["output"] for _, before in _noted(out))
    return any(is_begun(out / name) for name in names if name not in own)


def _check_same(out: Path, before: dict[str, Any], settings: Settings) -> None:
    """Check that an output folder was begun with these settings, and by the same models."""
    own = settings.to_dict()
    different = [name for name in own if _unordered(own[name]) != _unordered(before.get(name))]
    if different:
        name = different[0]
        raise BulkError(
            f"{out} was begun with {name} {before.get(name)!r}, not {own[name]!r}; "
            "give the same options, or choose another --out"
        )
    weights = before.get("weights")
    if not isinstance(weights, dict):
        # Earlier releases noted none.
        return
    for kind, digest in settings.weights().items():
        if weights.get(kind, digest) != digest:
            raise BulkError(
                f"{out} was begun with another model of kind {kind}: one with the weights "
                f"{weights[kind]}, not {digest}; go on with that one, or choose another --out"
            )


def _unordered(value: Any) -> Any:
    """Return a setting so that lists compare without regard to order."""
    return sorted(map(str, value)) if isinstance(value, list) else value


def _made_with(path: Path) -> dict[str, Any]:
    """Read the settings that an output folder was made with."""
    try:
        before = json.loads(path.read_bytes())
    except ValueError:
        before = None
    if not isinstance(before, dict):
        raise BulkError(
            f"{path} is damaged: it held the options of the first run; remove it, and give "
            "--resume the same ones, or choose another --out"
        )
    return before
