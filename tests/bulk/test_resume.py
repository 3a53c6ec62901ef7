"""A run that was killed goes on where it was: nothing is lost, nothing comes twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.bulk import jsonl, outputs, parquet, text, warc
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.records import BulkError, Mark
from paywallstrip.bulk.run import Progress, run
from paywallstrip.bulk.settings import Settings
from tests.bulk.conftest import Clean, jsonl_lines, wet_record, wet_records

CHUNK_BYTES = 60_000
"""Small, so that a small input has several chunks."""
OWN = {".paywallstrip.inputs.jsonl", ".paywallstrip.json", ".paywallstrip.lock"}
"""Hidden files that stay in an output folder."""
PROGRAM = """
import sys
from pathlib import Path
from paywallstrip.bulk import jsonl, outputs, parquet, text, warc
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.run import run
from paywallstrip.bulk.settings import Settings

if __name__ == "__main__":
    outputs.STATE_SECONDS = 0.0
    for module in (jsonl, parquet, text, warc):
        module.CHUNK_BYTES = int(sys.argv.pop())
    given, out, jobs, resume = sys.argv[1:]
    found = find_inputs([given], Path(out))
    for step in run(found, Path(out), Settings(), jobs=int(jobs), resume=resume == "resume"):
        print(step.totals.records, flush=True)
"""


@pytest.fixture
def pages(tmp_path: Path, texts: list[str]) -> Path:
    """A folder with a file of every format, each of several chunks, with bad records in it."""
    folder = tmp_path / "in"
    folder.mkdir()
    lines = jsonl_lines(texts)
    lines[10] = lines[100] = b"bad"
    (folder / "a.jsonl").write_bytes(b"\n".join(lines))
    for i, each in enumerate(texts[:30]):
        (folder / f"{i}.txt").write_bytes(each.encode())
    if _installed("fastwarc"):
        (folder / "c.wet").write_bytes(b"".join(wet_records(texts)))
    if _installed("pyarrow"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"text": texts}), folder / "d.parquet", row_group_size=50)
    return folder


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, each noted at once."""
    monkeypatch.setattr(outputs, "STATE_SECONDS", 0.0)
    for module in (jsonl, parquet, text, warc):
        monkeypatch.setattr(module, "CHUNK_BYTES", CHUNK_BYTES)


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def start(pages: Path, out: Path, jobs: int, mode: str) -> subprocess.Popen:
    sizes = [str(CHUNK_BYTES)] * 4
    command = [sys.executable, "-c", PROGRAM, str(pages), str(out), str(jobs), mode, *sizes]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_runs_gone_on_with_give_what_one_run_gives(
    tmp_path: Path, pages: Path, clean: Clean, small_chunks: None, jobs: int
) -> None:
    clean(pages)
    expected = contents(tmp_path / "out")
    chance = random.Random(jobs)
    out = tmp_path / "killed"
    for _ in range(3):
        process = start(pages, out, jobs, "resume")
        assert process.stdout is not None
        # After some steps, so that it falls into the work; then some moment later.
        for _ in range(chance.randint(2, 5)):
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = start(pages, out, jobs, "resume")
    _, errors = done.communicate()
    assert (done.returncode, errors) == (0, b"")
    assert contents(out) == expected


@pytest.mark.parametrize("steps", [2, 4, 7, 12, 16])
def test_a_run_stopped_at_any_step_can_be_gone_on_with(
    tmp_path: Path, pages: Path, clean: Clean, small_chunks: None, steps: int
) -> None:
    out = tmp_path / "out"
    (pages / "d.parquet").unlink(missing_ok=True)
    progress = run(find_inputs([str(pages)], out), out, Settings())
    for _ in range(steps):
        next(progress)
    progress.close()
    totals = clean(pages, resume=True)
    names = {path.name for path in out.iterdir()} - OWN
    assert not [name for name in names if name.startswith(".")]
    assert len((out / "a.jsonl").read_bytes().splitlines()) == 120 - 2
    assert totals.rejected == 2


@pytest.fixture
def kill_before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """End a run as Ctrl-C does, before it does something with a file of some name."""

    def arrange(call: str, name: str) -> None:
        where: Any = Path if call == "unlink" else os
        called = getattr(where, call)

        def stop(*paths: Path, **options: bool) -> None:
            if paths[-1].name == name:
                raise KeyboardInterrupt
            called(*paths, **options)

        monkeypatch.setattr(where, call, stop)

    return arrange


Kill = Callable[[str, str], None]
Look = Callable[[Path, Path], object]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.rejects.jsonl"])
def test_a_kill_between_the_renames_loses_no_rejects(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, kill_before: Kill, name: str
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\nbad\n')
    kill_before("replace", name)
    with pytest.raises(KeyboardInterrupt):
        clean(tmp_path / "a.jsonl")
    monkeypatch.undo()
    assert clean(tmp_path / "a.jsonl", resume=True).rejected == 1
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names - OWN == {"a.jsonl", "a.jsonl.rejects.jsonl"}


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.rejects.jsonl"])
def test_a_kill_while_rejects_are_taken_away_loses_no_mended_record(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, kill_before: Kill, name: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Log in"}\nbad\n')
    clean(path)
    path.write_text('{"text": "Log in"}\n{"text": "Log in"}\n')
    kill_before("unlink", name)
    with pytest.raises(KeyboardInterrupt):
        clean(path, resume=True)
    monkeypatch.undo()
    assert clean(path, resume=True).records == 2


def test_a_kill_between_the_files_of_a_text_loses_no_removed_lines(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, kill_before: Kill
) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    kill_before("replace", "a.removed.txt")
    with pytest.raises(KeyboardInterrupt):
        clean(tmp_path / "a.txt", keep_removed=True)
    monkeypatch.undo()
    clean(tmp_path / "a.txt", resume=True, keep_removed=True)
    assert (tmp_path / "out/a.removed.txt").read_text() == "Log in\n"


@pytest.mark.parametrize("name", [".paywallstrip.inputs.jsonl", ".paywallstrip.json"])
def test_a_run_killed_at_its_notes_keeps_no_other_options_out(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, kill_before: Kill, name: str
) -> None:
    for each in "ab":
        (tmp_path / f"{each}.txt").write_text("Log in")
    kill_before("replace", name)
    with pytest.raises(KeyboardInterrupt):
        clean(tmp_path / "a.txt")
    monkeypatch.undo()
    assert clean(tmp_path / "b.txt", strictness=0.7).records == 1


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """How many bytes of a file, by its inode, the disk was told to hold when last told so."""
    sizes: dict[int, int] = {}

    def note(number: int) -> None:
        about = os.fstat(number)
        sizes[about.st_ino] = about.st_size

    monkeypatch.setattr(os, "fsync", note)
    return sizes


@pytest.fixture
def before_renames(monkeypatch: pytest.MonkeyPatch) -> Callable[[Look], None]:
    """Have a function look at a file and at what it is to be named, before each rename."""

    def arrange(look: Look) -> None:
        replaced = os.replace

        def rename(source: Path, target: Path) -> None:
            look(source, target)
            replaced(source, target)

        monkeypatch.setattr(os, "replace", rename)

    return arrange


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_an_output_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path,
    clean: Clean,
    before_renames: Callable[[Look], None],
    synced: dict[int, int],
    name: str,
) -> None:
    if name == "a.parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        import pyarrow as pa
        import pyarrow.parquet as pq

        texts = pa.array([b"Log in", b"\xff"]).view(pa.string())
        pq.write_table(pa.table({"text": texts}), tmp_path / name)
    else:
        (tmp_path / name).write_text('{"text": "Log in"}\nbad\n')
    whole = {}

    def look(source: Path, target: Path) -> None:
        about = source.stat()
        whole[target.name] = synced.get(about.st_ino) == about.st_size > 0

    before_renames(look)
    clean(tmp_path / name)
    named = {each: whole[each] for each in whole if each not in OWN}
    assert named == {name: True, f"{name}.rejects.jsonl": True}


def test_what_is_noted_as_good_is_on_the_disk(
    tmp_path: Path,
    clean: Clean,
    before_renames: Callable[[Look], None],
    small_chunks: None,
    synced: dict[int, int],
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\nbad\n')
    found = []

    def look(source: Path, target: Path) -> None:
        if target.name == ".a.jsonl.state":
            parts = [target.with_name(f".a.jsonl.{each}") for each in ("part", "rejects")]
            held = [synced[part.stat().st_ino] for part in parts]
            found.append((json.loads(source.read_bytes())["sizes"], held))

    before_renames(look)
    clean(tmp_path / "a.jsonl")
    assert found
    assert all(noted == held and min(held) > 0 for noted, held in found)


def test_a_small_file_has_its_name_once_it_is_whole(
    tmp_path: Path, before_renames: Callable[[Look], None]
) -> None:
    found = []
    before_renames(lambda source, _: found.append(source.read_bytes()))
    outputs.write_whole(tmp_path / "a.txt", b"new")
    assert found == [b"new"]


def test_a_small_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    with suppress(ValueError), outputs.being_written(tmp_path / "a.txt") as stream:
        stream.write(b"ne")
        raise ValueError
    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_of_a_file_of_rejects_alone_nothing_else_stays(
    tmp_path: Path, clean: Clean, small_chunks: None
) -> None:
    (tmp_path / "a.jsonl").write_text("bad\n")
    clean(tmp_path / "a.jsonl")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names - OWN == {"a.jsonl.rejects.jsonl"}


def test_outputs_that_are_there_are_not_written_over(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    with pytest.raises(BulkError, match="is there already; --resume"):
        clean(tmp_path / "a.txt")


def test_removed_lines_are_not_written_over_another_file(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.removed.txt").write_text("mine")
    with pytest.raises(BulkError, match=r"a\.removed\.txt is there already"):
        clean(tmp_path / "a.txt", keep_removed=True)


@pytest.mark.parametrize("names", [("a.removed.txt", "a.txt"), ("a.txt", "a.removed.txt")])
def test_removed_lines_are_not_written_over_the_output_of_another_run(
    tmp_path: Path, clean: Clean, names: tuple[str, str]
) -> None:
    for name in names:
        (tmp_path / name).write_text("Log in")
    clean(tmp_path / names[0], keep_removed=True)
    with pytest.raises(
        BulkError, match=rf"a\.removed\.txt would be .*, but belongs to .*{names[0]}"
    ):
        clean(tmp_path / names[1], resume=True, keep_removed=True)


def test_an_output_without_a_note_is_said_to_be_of_an_earlier_run(
    tmp_path: Path, clean: Clean
) -> None:
    for name in ("a.removed.txt", "a.txt"):
        (tmp_path / name).write_text("Log in")
    clean(tmp_path / "a.removed.txt", keep_removed=True)
    (tmp_path / "out/.paywallstrip.inputs.jsonl").unlink()
    clean(tmp_path / "a.removed.txt", resume=True, keep_removed=True)
    with pytest.raises(BulkError, match="but belongs to an earlier run; choose"):
        clean(tmp_path / "a.txt", resume=True, keep_removed=True)


def test_an_output_that_was_taken_away_keeps_no_name_from_another(
    tmp_path: Path, clean: Clean
) -> None:
    for name in ("a.removed.txt", "a.txt"):
        (tmp_path / name).write_text("Log in")
    clean(tmp_path / "a.removed.txt", keep_removed=True)
    for path in (tmp_path / "out").glob("a.*"):
        path.unlink()
    assert clean(tmp_path / "a.txt", resume=True, keep_removed=True).records == 1


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_with_an_outputs_name_is_refused(
    tmp_path: Path, clean: Clean, resume: bool
) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    (tmp_path / "out/a.txt").mkdir(parents=True)
    with pytest.raises(BulkError, match=r"out/a\.txt is a folder, but the output of"):
        clean(tmp_path / "a.txt", resume=resume)


def test_an_output_with_the_name_of_anothers_folder_is_refused(
    tmp_path: Path, clean: Clean
) -> None:
    (tmp_path / "in/a.jsonl").mkdir(parents=True)
    (tmp_path / "in/a.jsonl/b.txt").write_text("Log in")
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\n')
    with pytest.raises(BulkError, match=r"a\.jsonl is the name of an output and of the folder"):
        clean(tmp_path / "in", tmp_path / "a.jsonl")


@pytest.fixture
def other_run(tmp_path: Path) -> Iterator[Generator[Progress, None, None]]:
    """A run into `tmp_path / "out"` that was begun and is not yet done."""
    pytest.importorskip("fcntl", reason="this system has no locks of this kind")
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\n')
    out = tmp_path / "out"
    progress = run(find_inputs([str(tmp_path / "a.jsonl")], out), out, Settings())
    next(progress)
    yield progress
    progress.close()


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_run_into_one_folder_is_refused(
    tmp_path: Path, clean: Clean, other_run: Generator[Progress, None, None], resume: bool
) -> None:
    with pytest.raises(BulkError, match=r"another run writes into .*/out; wait until it ends"):
        clean(tmp_path / "a.jsonl", resume=resume)


def test_a_run_that_ended_keeps_no_other_out(
    tmp_path: Path, clean: Clean, other_run: Generator[Progress, None, None]
) -> None:
    other_run.close()
    assert clean(tmp_path / "a.jsonl", resume=True).records == 1


def test_a_file_system_without_locks_is_written_to(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no locks of this kind")

    def fail(*arguments: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", fail)
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\n')
    assert clean(tmp_path / "a.jsonl").records == 1


def test_another_run_with_other_options_is_refused(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    with pytest.raises(BulkError, match=r"begun with strictness 0\.5, not 0\.7"):
        clean(tmp_path / "a.txt", resume=True, strictness=0.7)


def begin(path: Path, out: Path, **settings: Any) -> None:
    """Begin a run of an input of several chunks, and stop it once a part is noted as good."""
    progress = run(find_inputs([str(path)], out), out, Settings(**settings))
    for _ in range(3):
        next(progress)
    progress.close()


def test_the_same_labels_to_drop_in_another_order_are_the_same_options(
    tmp_path: Path, clean: Clean
) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt", drop=("paywall", "navigation"))
    clean(tmp_path / "a.txt", resume=True, drop=("navigation", "paywall"))


def test_other_options_beside_an_unfinished_output_are_refused(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines(texts)))
    (tmp_path / "b.jsonl").write_text('{"text": "Log in"}\n')
    begin(tmp_path / "a.jsonl", tmp_path / "out", drop=())
    with pytest.raises(BulkError, match="begun with drop"):
        clean(tmp_path / "b.jsonl")


def test_other_options_beside_a_finished_output_are_refused(tmp_path: Path, clean: Clean) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    with pytest.raises(BulkError, match=r"begun with strictness 0\.5, not 0\.7"):
        clean(tmp_path / "b.txt", strictness=0.7)


def test_an_unfinished_output_is_begun_anew_with_other_options(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines(texts)))
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    begin(path, out, drop=())
    *_, last = run(find_inputs([str(path)], out), out, Settings())
    # Those of before would be counted, too.
    assert (last.totals.records, last.records_before) == (len(texts), 0)


def test_the_options_of_an_output_begun_anew_are_those_to_go_on_with(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines(texts)))
    begin(tmp_path / "a.jsonl", tmp_path / "out", drop=())
    begin(tmp_path / "a.jsonl", tmp_path / "out")
    assert clean(tmp_path / "a.jsonl", resume=True).records == len(texts)


def test_another_input_takes_the_name_of_an_output_that_was_taken_away(
    tmp_path: Path, clean: Clean
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("Log in")
    clean(tmp_path / "one/a.txt")
    (tmp_path / "out/a.txt").unlink()
    assert clean(tmp_path / "two/a.txt", resume=True).records == 1


def test_removed_lines_of_two_inputs_in_one_file_are_refused(tmp_path: Path, clean: Clean) -> None:
    for name in ("a.text", "a.txt"):
        (tmp_path / name).write_text("Log in")
    with pytest.raises(BulkError, match=r"a\.removed\.txt is the name of two outputs"):
        clean(tmp_path / "a.text", tmp_path / "a.txt", keep_removed=True)


def test_removed_lines_in_a_field_take_no_files_name(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\n')
    (tmp_path / "a.removed.txt").write_text("Log in")
    assert clean(tmp_path / "a.removed.txt", tmp_path / "a.jsonl", keep_removed=True).records == 2


def test_removed_lines_in_a_field_are_written_beside_any_file(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\n')
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.removed.txt").write_text("mine")
    assert clean(tmp_path / "a.jsonl", keep_removed=True).records == 1


def test_another_input_of_the_same_name_is_refused(tmp_path: Path, clean: Clean) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("Log in")
    clean(tmp_path / "one/a.txt")
    with pytest.raises(BulkError, match=r"was made of .*/one/a\.txt, not of .*/two/a\.txt"):
        clean(tmp_path / "two/a.txt", resume=True)


@pytest.mark.parametrize("moved", ["out", "both"])
def test_a_folder_that_was_moved_is_gone_on_with(tmp_path: Path, clean: Clean, moved: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("Log in")
    clean(tmp_path / "in")
    (tmp_path / "new").mkdir()
    (tmp_path / "out").rename(tmp_path / "new/out")
    pages = tmp_path / "in"
    if moved == "both":
        pages = pages.rename(tmp_path / "new/in")
    out = tmp_path / "new/out"
    *_, last = run(find_inputs([str(pages)], out), out, Settings(), resume=True)
    assert last.done_before == 1


def test_an_input_that_was_rejected_and_mended_is_read_again(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff")
    clean(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("Log in")
    assert clean(tmp_path / "a.txt", resume=True).rejected == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} - OWN == {"a.txt"}


def test_an_input_mended_after_a_kill_before_its_rejects_had_their_name_is_read_again(
    tmp_path: Path, clean: Clean
) -> None:
    first, path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "out"
    first.write_text('{"text": "Log in"}\n')
    path.write_text('{"text": "Log in"}\nbad\n')
    clean(first, path)
    (out / "b.jsonl.rejects.jsonl").rename(out / ".b.jsonl.rejects")
    path.write_text('{"text": "Log in"}\n{"text": "Log in"}\n')
    assert clean(first, path, resume=True).records == 2


def test_an_input_with_rejects_that_is_as_it_was_is_not_read_again(
    tmp_path: Path, clean: Clean
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in"}\nbad\n')
    clean(tmp_path / "a.jsonl")
    assert clean(tmp_path / "a.jsonl", resume=True).records == 0


def test_a_finished_output_without_rejects_stays(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("Log in or subscribe")
    assert clean(tmp_path / "a.txt", resume=True).records == 0


@pytest.fixture
def without_note(tmp_path: Path, clean: Clean) -> Path:
    """An input with a reject and one without, done into a folder that has lost its note."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Log in")
    (folder / "b.txt").write_bytes(b"\xff")
    clean(folder)
    (tmp_path / "out/.paywallstrip.inputs.jsonl").unlink()
    return folder


def test_an_input_with_rejects_is_read_again_without_a_note_of_it(
    without_note: Path, clean: Clean
) -> None:
    (without_note / "b.txt").write_text("Log in")
    assert clean(without_note, resume=True).records == 1


def test_inputs_with_rejects_are_read_again_with_and_without_a_note(
    tmp_path: Path, without_note: Path, clean: Clean
) -> None:
    (tmp_path / "c.txt").write_bytes(b"\xff")
    clean(tmp_path / "c.txt")
    for path in (tmp_path / "c.txt", without_note / "b.txt"):
        path.write_text("Log in")
    assert clean(tmp_path / "c.txt", without_note, resume=True).records == 2


def test_a_reject_file_of_no_run_stays(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.txt.rejects.jsonl").write_text('{"mine": 1}\n')
    with pytest.raises(BulkError, match=r"rejects\.jsonl: line 1 is no reject"):
        clean(tmp_path / "a.txt", resume=True)
    assert (tmp_path / "out/a.txt.rejects.jsonl").exists()


def test_an_output_without_a_note_is_taken_for_none_of_another_input(
    tmp_path: Path, without_note: Path, clean: Clean
) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt", resume=True)
    assert clean(without_note / "a.txt", resume=True).records == 0


def test_an_output_without_a_note_is_never_taken_for_that_of_the_input_given(
    tmp_path: Path, without_note: Path, clean: Clean
) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    for _ in range(2):
        clean(tmp_path / "a.txt", resume=True)
    assert clean(without_note / "a.txt", resume=True).records == 0


@pytest.mark.parametrize("gone_on", [False, True])
def test_other_options_beside_outputs_without_a_note_are_refused(
    tmp_path: Path, without_note: Path, clean: Clean, gone_on: bool
) -> None:
    if gone_on:
        clean(without_note, resume=True)
    (tmp_path / "c.txt").write_text("Log in")
    with pytest.raises(BulkError, match=r"begun with strictness 0\.5, not 0\.7"):
        clean(tmp_path / "c.txt", strictness=0.7)


def test_a_line_end_cut_off_the_note_of_the_inputs_is_mended(tmp_path: Path, clean: Clean) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    note = tmp_path / "out/.paywallstrip.inputs.jsonl"
    note.write_bytes(note.read_bytes().rstrip())
    clean(tmp_path / "b.txt")
    assert len(note.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "note",
    [
        "{",
        "[]",
        "{}",
        '{"output": [], "input": "", "from_out": "", "state": []}',
        '{"output": "a.txt", "input": "", "from_out": ""}',
    ],
)
def test_a_damaged_note_of_the_inputs_is_named(tmp_path: Path, clean: Clean, note: str) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    (tmp_path / "out/.paywallstrip.inputs.jsonl").write_text(note)
    with pytest.raises(BulkError, match=r"inputs\.jsonl: line 1 is damaged: .* remove the file"):
        clean(tmp_path / "a.txt", resume=True)


def test_records_left_out_are_counted_once_in_an_archive_gone_on_with(
    tmp_path: Path, small_chunks: None
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    records = [wet_record(i, b"x" * CHUNK_BYTES) + wet_record(i, b"", "request") for i in range(3)]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    whole = list(warc.read(tmp_path / "a.warc", Mark()))
    assert [chunk.left_out for chunk in whole] == [0, 1, 1, 1]
    for i, chunk in enumerate(whole, start=1):
        rest = warc.read(tmp_path / "a.warc", chunk.after)
        assert [each.left_out for each in rest] == [each.left_out for each in whole[i:]]


@pytest.fixture
def gone_on(tmp_path: Path, pages: Path, small_chunks: None) -> tuple[int, Iterator[Progress]]:
    """How many records a run had cleaned when it was stopped, and one that goes on with them."""
    found, out = find_inputs([str(pages / "a.jsonl")], tmp_path / "out"), tmp_path / "out"
    stopped = run(found, out, Settings())
    for _ in range(3):
        records = next(stopped).totals.records
    stopped.close()
    return records, run(found, out, Settings(), resume=True)


def test_records_of_an_interrupted_run_are_told_apart(
    gone_on: tuple[int, Iterator[Progress]],
) -> None:
    records, steps = gone_on
    *_, last = steps
    assert last.records_before == records > 0


def test_of_an_input_begun_nothing_was_read_before(tmp_path: Path, pages: Path) -> None:
    out = tmp_path / "out"
    *_, last = run(find_inputs([str(pages / "a.jsonl")], out), out, Settings())
    assert last.consumed_before == 0


def test_a_run_over_files_of_every_format_ends_at_their_size_and_number(
    tmp_path: Path, pages: Path, small_chunks: None
) -> None:
    out = tmp_path / "out"
    *_, last = run(find_inputs([str(pages)], out), out, Settings())
    assert (last.consumed, last.done) == (last.size, last.files)


def test_what_was_read_only_grows(tmp_path: Path, pages: Path, small_chunks: None) -> None:
    out = tmp_path / "out"
    steps = run(find_inputs([str(pages)], out), out, Settings())
    consumed = [step.consumed for step in steps]
    assert consumed == sorted(consumed)


def test_what_an_interrupted_run_read_is_told_apart(
    gone_on: tuple[int, Iterator[Progress]],
) -> None:
    _, steps = gone_on
    next(steps)
    first = next(steps)
    assert first.consumed_before == first.consumed > 0


def test_an_input_that_changed_meanwhile_is_begun_again(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b"\n".join(jsonl_lines(texts)))
    begin(path, out)
    path.write_text('{"text": "Log in"}\n')
    clean(path, resume=True)
    assert (out / "a.jsonl").read_text().count("\n") == 1


def test_an_input_that_changed_while_it_was_read_is_begun_again(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b"\n".join(jsonl_lines(texts)))
    progress = run(find_inputs([str(path)], out), out, Settings())
    for _ in range(2):
        next(progress)
    # Another file of this name: the run reads on in the old one.
    (tmp_path / "new").write_text('{"text": "Log in"}\n' * 2)
    (tmp_path / "new").replace(path)
    next(progress)
    progress.close()
    assert clean(path, resume=True).records == 2


def test_an_input_that_is_gone_when_it_is_read_costs_no_other(
    tmp_path: Path, small_chunks: None
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text('{"text": "Log in"}\n')
    found = find_inputs([str(tmp_path)], tmp_path / "out")
    (tmp_path / "a.jsonl").unlink()
    *_, last = run(found, tmp_path / "out", Settings())
    assert (last.totals.records, last.totals.rejected) == (1, 1)


@pytest.mark.parametrize(("content", "seconds"), [(b"bad", 2), (b"good", 1)])
def test_size_and_date_each_tell_that_a_file_changed(
    tmp_path: Path, content: bytes, seconds: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    os.utime(path, (1, 1))
    before = outputs.fingerprint(path)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))
    assert outputs.fingerprint(path) != before


def test_parquet_is_begun_again(tmp_path: Path, pages: Path, small_chunks: None) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    begin(pages / "d.parquet", tmp_path / "out")
    found = find_inputs([str(pages / "d.parquet")], tmp_path / "out")
    *_, last = run(found, tmp_path / "out", Settings(), resume=True)
    assert last.records_before == 0


@pytest.mark.parametrize("ending", ["part", "rejects"])
def test_an_output_shorter_than_noted_is_begun_again(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None, ending: str
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b"\n".join([b"bad", *jsonl_lines(texts)]))
    begin(path, out)
    (out / f".a.jsonl.{ending}").write_bytes(b"")
    *_, last = run(find_inputs([str(path)], out), out, Settings(), resume=True)
    assert (last.totals.records, last.records_before) == (len(texts), 0)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b"{}", b'{"sizes": [1]}'])
def test_an_output_with_a_damaged_note_is_begun_again(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None, note: bytes
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b"\n".join(jsonl_lines(texts)))
    clean(path)
    expected = contents(out)
    (out / "a.jsonl").rename(out / ".a.jsonl.part")
    (out / ".a.jsonl.state").write_bytes(note)
    clean(path, resume=True)
    assert contents(out) == expected


def test_an_output_that_a_former_release_left_unfinished_is_begun_again(
    tmp_path: Path, clean: Clean, texts: list[str], small_chunks: None
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b"\n".join(jsonl_lines(texts)))
    begin(path, out)
    state = json.loads((out / ".a.jsonl.state").read_bytes())
    del state["totals"]["left_out"]
    state["totals"]["records"] += 1
    (out / ".a.jsonl.state").write_text(json.dumps(state))
    assert clean(path, resume=True).records == len(texts)


@pytest.mark.parametrize("note", ["", "{", "[]"])
def test_damaged_notes_of_the_options_are_named(tmp_path: Path, clean: Clean, note: str) -> None:
    (tmp_path / "a.txt").write_text("Log in")
    clean(tmp_path / "a.txt")
    (tmp_path / "out/.paywallstrip.json").write_text(note)
    with pytest.raises(BulkError, match=r"\.paywallstrip\.json is damaged: .* remove it"):
        clean(tmp_path / "a.txt", resume=True)


@pytest.mark.parametrize("line", ["bad", "[]", "{}", '{"reason": "", "records": "a"}'])
def test_a_damaged_reject_file_is_named(tmp_path: Path, clean: Clean, line: str) -> None:
    (tmp_path / "a.jsonl").write_text("bad")
    clean(tmp_path / "a.jsonl")
    (tmp_path / "out/a.jsonl.rejects.jsonl").write_text(f'{{"reason": ""}}\n{line}\n')
    with pytest.raises(BulkError, match=r"rejects\.jsonl: line 2 is no reject; remove the file"):
        clean(tmp_path / "a.jsonl", resume=True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_fails_closes_what_it_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_text('{"text": "Log in"}\n')
    opened: list[outputs.Sink] = []
    made = outputs.Sink.__init__

    def make(sink: outputs.Sink, *arguments: Any) -> None:
        made(sink, *arguments)
        opened.append(sink)

    def fail(sink: outputs.Sink, *arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.Sink, "__init__", make)
    monkeypatch.setattr(outputs.Sink, "write", fail)
    out = tmp_path / "out"
    with pytest.raises(OSError, match="No space left on device; once that is mended, --resume"):
        list(run(find_inputs([str(tmp_path)], out), out, Settings(), jobs=jobs))
    assert len(opened) == (1 if jobs == 1 else 3)
    assert all(sink._stream.closed and sink._rejects.closed for sink in opened)


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path, pages: Path) -> None:
    process = start(pages, tmp_path / "out", 2, "new")
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not list a process's children in /proc")
    workers = children.read_text().split()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 60
    while alive := [each for each in workers if Path(f"/proc/{each}").exists()]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)
    assert workers
