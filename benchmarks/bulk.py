"""Measure `paywallstrip run`: speed, kills, damaged records, memory.

    python -m benchmarks.bulk speed --corpus ../shared/corpus
    python -m benchmarks.bulk turns --corpus ../shared/corpus
    python -m benchmarks.bulk kills --corpus ../shared/corpus
    python -m benchmarks.bulk damage --corpus ../shared/corpus
    python -m benchmarks.bulk memory

Each prints a table in Markdown with the date and the machine. Speed is processor time, user and
system, of the library and of the command in turn: it says the same on a machine with other work.
It drifts by a twentieth from one process and minute to the next; "turns" has both in one process,
chunk by chunk.
Needs the extra [cli], pyarrow, fastwarc and zstandard.
"""

import argparse
import gzip
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from fastwarc.warc import ArchiveIterator

from benchmarks.machine import cpu_seconds, describe_run
from paywallstrip import Classifier
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.run import run as run_files
from paywallstrip.bulk.settings import Settings
from paywallstrip.training.corpus import read_labelled
from paywallstrip.training.views import LABELLED

COMMAND = (sys.executable, "-m", "paywallstrip", "run")
KILLS = 10
SHARE = 100
"""One record in so many is damaged."""
CHARACTERS = 500
FEW, MANY = 10_000, 1_000_000


def main() -> None:
    """Measure what is asked for, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "turns", "kills", "damage", "memory"])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3, help="of speed")
    arguments = parser.parse_args()
    if arguments.what != "memory" and arguments.corpus is None:
        parser.error("--corpus is needed")
    print(f"{describe_run()}, {arguments.what}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.what == "memory":
            memory(Path(folder))
        else:
            texts = read_texts(arguments.corpus, arguments.records)
            if arguments.what == "speed":
                speed(Path(folder), texts, arguments.rounds)
            else:
                what = {"turns": turns, "kills": kills, "damage": damage}[arguments.what]
                what(Path(folder), texts)


def read_texts(corpus: Path, records: int) -> list[str]:
    """Return the corpus's pages as dumps, again and again."""
    pages = ["\n".join(page.lines) for page in read_labelled(corpus / LABELLED)]
    return list(islice(cycle(pages), records))


def speed(folder: Path, texts: list[str], rounds: int) -> None:
    """Compare the command with the library, format by format."""
    paths = write_all(folder / "in", texts)
    short = folder / "short.jsonl"
    short.write_bytes(json_lines(["Log in"])[0])
    start = statistics.median(run(short, folder / f"start{i}")[0] for i in range(3))
    classifier = Classifier.load()
    own: list[float] = []
    found: dict[str, list[float]] = {name: [] for name in paths}
    for number in range(rounds):
        for name, path in paths.items():
            own.append(cpu_seconds(classifier.clean_many(texts)))
            found[name].append(run(path, folder / f"out{number}")[0])
    library = statistics.median(own)
    characters = sum(map(len, texts))
    print(f"{len(texts):,} dumps of {characters // len(texts):,} characters; ", end="")
    print(
        f"the command's start, {start:.2f} s with the model, is in the first column and not in the others\n"
    )
    print("| | processor seconds | records a second | times the library's |")
    print("|---|---:|---:|---:|")
    print(f"| the library | {library:.2f} | {len(texts) / library:,.0f} | 1.00 |")
    for name, times in found.items():
        took = statistics.median(times)
        print(f"| {name} | {took:.2f} | {len(texts) / (took - start):,.0f} ", end="")
        print(f"| {(took - start) / library:.2f} |")


def turns(folder: Path, texts: list[str]) -> None:
    """Compare a run's work with the library's on the same records, chunk by chunk in turn."""
    print(f"{len(texts):,} dumps; the first chunk of each, with the start, is left out\n")
    print("| | milliseconds a record | the library's, in turn | times |")
    print("|---|---:|---:|---:|")
    for name, path in write_all(folder / "in", texts).items():
        # A run tells of itself once before it begins; then comes the first chunk.
        chunks = list(_in_turn(path, folder / "out", texts))[2:]
        records, took, own = (sum(column) for column in zip(*chunks, strict=True))
        print(f"| {name} | {took / records * 1e3:.3f} | {own / records * 1e3:.3f} ", end="")
        print(f"| {took / own:.2f} |", flush=True)


def _in_turn(path: Path, out: Path, texts: list[str]) -> Iterator[tuple[int, float, float]]:
    """Yield the records of each chunk, and the seconds that a run and the library took."""
    classifier = Classifier.load()
    done, begin = 0, time.process_time()
    for progress in run_files(find_inputs([str(path)], out), out, Settings()):
        took = time.process_time() - begin
        before, done = done, progress.totals.records
        yield done - before, took, cpu_seconds(classifier.clean_many(texts[before:done]))
        begin = time.process_time()


def kills(folder: Path, texts: list[str]) -> None:
    """Kill a run at random moments, go on with it, and compare with one that ran through."""
    paths = write_all(folder / "in", texts)
    begin = time.monotonic()
    run(folder / "in", folder / "whole", "--jobs", "2")
    took = time.monotonic() - begin
    chance = random.Random()
    killed = 0
    while killed < KILLS:
        process = subprocess.Popen(
            [*COMMAND, str(folder / "in"), "--out", str(folder / "out"), "--jobs", "2", "--resume"],
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(chance.uniform(0.2, 0.5) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        else:
            # It came to its end: more to kill is needed.
            print(f"finished after {killed} kills; begun anew")
            subprocess.run(["rm", "-r", folder / "out"], check=True)
    run(folder / "in", folder / "out", "--jobs", "2", "--resume")
    print(f"| killed {killed} times, then gone on with | records | same bytes as in one run |")
    print("|---|---:|---|")
    for name, path in paths.items():
        one, other = (folder / out / path.name for out in ("whole", "out"))
        same = one.read_bytes() == other.read_bytes()
        print(f"| {name} | {len(read_bodies(other)):,} | {'yes' if same else 'NO'} |")
    left = [path for path in (folder / "out").iterdir() if path.name.endswith(".part")]
    print(f"\nfiles left over: {len(left)}")


def damage(folder: Path, texts: list[str]) -> None:
    """Damage one record in a hundred; all others must come through, each bad one be named."""
    bad = set(random.Random(1).sample(range(len(texts)), len(texts) // SHARE))
    (folder / "in").mkdir()
    lines = json_lines(texts)
    records = list(map(gzip.compress, wet_records(texts)))
    for place in bad:
        lines[place] = lines[place][: len(lines[place]) // 2]
        middle = len(records[place]) // 2
        records[place] = records[place][:middle] + b"\0damaged\0" + records[place][middle + 9 :]
    raw = [text.encode() + b"\xff" * (i in bad) for i, text in enumerate(texts)]
    paths = {
        "JSONL, lines cut off": folder / "in/a.jsonl",
        "WET in gzip, bytes overwritten": folder / "in/a.wet.gz",
        "Parquet, not UTF-8": folder / "in/a.parquet",
    }
    jsonl, wet, parquet = paths.values()
    jsonl.write_bytes(b"\n".join(lines))
    wet.write_bytes(b"".join(records))
    column = pa.array(raw, pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": column}), parquet)
    _, _, code = run(folder / "in", folder / "out")
    texts_good = [text for i, text in enumerate(texts) if i not in bad]
    good = list(Classifier.load().clean_many(texts_good))
    print(f"exit code {code}\n\n| | damaged | in the reject file | others | as the library's |")
    print("|---|---:|---:|---:|---|")
    for name, path in paths.items():
        bodies = read_bodies(folder / "out" / path.name)
        rejects = (folder / "out" / f"{path.name}.rejects.jsonl").read_bytes().count(b"\n")
        same = "yes" if bodies == good else "NO"
        print(f"| {name} | {len(bad)} | {rejects} | {len(bodies):,} | {same} |")


def memory(folder: Path) -> None:
    """Compare the most memory held over few and over many records."""
    words = ["the", "bridge", "over", "river", "closes", "on", "Monday", "council", "said"]
    chance = random.Random(1)
    print(f"| records of {CHARACTERS} characters | most memory, MB | processor seconds |")
    print("|---:|---:|---:|")
    for records in (FEW, MANY):
        path = folder / f"{records}.jsonl"
        with path.open("wb") as stream:
            for _ in range(records // 1000):
                texts = [line_text(chance, words) for _ in range(1000)]
                stream.write(b"\n".join(json_lines(texts)) + b"\n")
        took, most, _ = run(path, folder / "out")
        print(f"| {records:,} | {most / 1024:.0f} | {took:.0f} |", flush=True)


def line_text(chance: random.Random, words: list[str]) -> str:
    """Make a text of a few lines."""
    text = " ".join(chance.choices(words, k=120))[:CHARACTERS]
    return "\n".join(text[i : i + 100] for i in range(0, CHARACTERS, 100))


def run(path: Path, out: Path, *options: str) -> tuple[float, int, int]:
    """Run the command; return its processor time, its most memory in kB, its exit code."""
    process = subprocess.Popen(
        [*COMMAND, str(path), "--out", str(out), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        raise SystemExit(said.decode())
    return used.ru_utime + used.ru_stime, used.ru_maxrss, code


def write_all(folder: Path, texts: list[str]) -> dict[str, Path]:
    """Write the texts in every format."""
    folder.mkdir()
    names = {
        "JSONL": "a.jsonl",
        "JSONL in gzip": "b.jsonl.gz",
        "JSONL in zstd": "c.jsonl.zst",
        "Parquet in zstd": "d.parquet",
        "WET in gzip": "e.warc.wet.gz",
    }
    paths = {what: folder / name for what, name in names.items()}
    lines = b"\n".join(json_lines(texts)) + b"\n"
    paths["JSONL"].write_bytes(lines)
    paths["JSONL in gzip"].write_bytes(gzip.compress(lines, 6))
    paths["JSONL in zstd"].write_bytes(zstandard.compress(lines))
    pq.write_table(pa.table({"text": texts}), paths["Parquet in zstd"], compression="zstd")
    paths["WET in gzip"].write_bytes(b"".join(map(gzip.compress, wet_records(texts))))
    return paths


def json_lines(texts: list[str]) -> list[bytes]:
    """Write an object a text."""
    return [json.dumps({"text": text}, ensure_ascii=False).encode() for text in texts]


def wet_records(texts: list[str]) -> Iterator[bytes]:
    """Write a record a text, as Common Crawl does."""
    for number, text in enumerate(texts):
        block = text.encode()
        header = (
            "WARC/1.0\r\nWARC-Type: conversion\r\n"
            f"WARC-Target-URI: http://site.example/{number}\r\n"
            "WARC-Date: 2026-11-01T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012d}>\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        yield header.encode() + block + b"\r\n\r\n"


def read_bodies(path: Path) -> list[str]:
    """Read the bodies of an output, in order."""
    if path.suffix == ".parquet":
        bodies: list[str] = pq.read_table(path).column("body").to_pylist()
        return bodies
    if ".wet" in path.name:
        return [record.reader.read().decode() for record in ArchiveIterator(str(path))]
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        data = reader.read()
    return [json.loads(line)["body"] for line in data.splitlines()]


if __name__ == "__main__":
    main()
