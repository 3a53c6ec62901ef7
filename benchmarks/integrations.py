"""Clean many pages with the library, Spark, Ray and datatrove, and compare what comes out.

    .venv-integrations/corpora/bin/python -m benchmarks.integrations --corpus DIR --pages 10000

Needs the environment that `make integrations-test ENV=corpora` makes. The pages of the
corpus are repeated until there are enough, and written as Parquet (as JSON lines for
datatrove) into a temporary folder. Every engine reads them there and writes bodies, with
two workers, in a process tree of its own. Prints a table in Markdown:

- whether the bodies are those of `clean_many`, line for line;
- processor time a page over all processes of the tree, start and end of the engine, reading
  and writing included, and how many times that of `clean_many` alone it is. Processor time,
  unlike time on the clock, bears other work on the machine;
- how long a new worker takes until its first page is done, and what a used step pickles to.
"""

import argparse
import gzip
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.machine import cpu_seconds, describe_run
from paywallstrip import clean_many
from paywallstrip.integrations.arrow import ArrowStep, Columns
from paywallstrip.training.corpus import read_labelled
from paywallstrip.training.views import LABELLED

WORKERS = 2
PARTS = 8
"""Files that the pages are written to."""
BATCH = 1000
"""Rows of a file that are read at once."""
ENGINES = ("library", "Spark", "Ray", "datatrove")


def main() -> None:
    """Run every engine and print the table; with `--engine` be one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        {"library": library, "Spark": spark, "Ray": ray, "datatrove": datatrove}[given.engine](
            given.folder
        )
        return
    if given.corpus is None:
        parser.error("--corpus is needed: the folder of the corpora")
    with tempfile.TemporaryDirectory() as name:
        report(Path(name), given.corpus, given.pages)


def report(folder: Path, corpus: Path, count: int) -> None:
    """Write the pages, run the engines, and print what they took."""
    texts = ["\n".join(page.lines) + "\n" for page in read_labelled(corpus / LABELLED)]
    size = write_pages(folder, texts, count)
    alone = clean_many_seconds(texts[:300]) / min(300, len(texts))
    mean = sum(map(len, texts)) // len(texts)
    print(f"{describe_run()}, {count:,} pages of {mean:,} characters,")
    print(f"{size / 1e6:.0f} MB in {PARTS} files of Parquet, {WORKERS} workers\n")
    print("| | same bodies, line for line | processor ms a page | times `clean_many` alone |")
    print("|---|---|---:|---:|")
    print(f"| `clean_many` alone, 300 pages | | {alone * 1000:.2f} | 1.00 |")
    for engine in ENGINES:
        try:
            took = tree_seconds(
                [
                    sys.executable,
                    "-m",
                    "benchmarks.integrations",
                    "--engine",
                    engine,
                    "--folder",
                    str(folder),
                ]
            )
        except RuntimeError as error:
            # The other engines are still worth their rows.
            print(error, file=sys.stderr)
            print(f"| {engine} | it failed | | |", flush=True)
            continue
        same = compare(folder, engine, texts, count)
        each = took / count
        print(f"| {engine} | {same} | {each * 1000:.2f} | {each / alone:.2f} |", flush=True)
    print("\n| a new worker, a used step | measured | at most |\n|---|---:|---:|")
    print(f"| import, model, first page: processor time | {ready_seconds():.2f} s | 0.5 s |")
    for name, size in step_sizes():
        print(f"| {name}, pickled | {size:,} bytes | 10,000 bytes |")


def write_pages(folder: Path, texts: list[str], count: int) -> int:
    """Write the pages, numbered, to Parquet and JSON lines; return the bytes of Parquet."""
    (folder / "pages").mkdir()
    (folder / "lines").mkdir()
    for part in range(PARTS):
        numbers = range(part, count, PARTS)
        with (
            gzip.open(folder / "lines" / f"{part}.jsonl.gz", "wt", 1, encoding="utf-8") as lines,
            pq.ParquetWriter(folder / "pages" / f"{part}.parquet", SCHEMA) as writer,
        ):
            for start in range(0, len(numbers), BATCH):
                ids = list(numbers[start : start + BATCH])
                rows = [texts[i % len(texts)] for i in ids]
                writer.write_table(pa.table({"id": ids, "text": rows}, SCHEMA))
                lines.writelines(
                    json.dumps({"id": str(i), "text": text}) + "\n"
                    for i, text in zip(ids, rows, strict=True)
                )
    return sum(path.stat().st_size for path in (folder / "pages").iterdir())


SCHEMA = pa.schema([("id", pa.int64()), ("text", pa.string())])
COLUMNS = Columns(kept_share=None, labels=None)


def library(folder: Path) -> None:
    """Clean with the library alone: one process, batch after batch."""
    step = ArrowStep(COLUMNS)
    (folder / "library").mkdir()
    for path in sorted((folder / "pages").iterdir()):
        found = (step(batch) for batch in pq.ParquetFile(path).iter_batches(BATCH))
        first = next(found)
        with pq.ParquetWriter(folder / "library" / path.name, first.schema) as writer:
            writer.write_batch(first)
            for batch in found:
                writer.write_batch(batch)


def spark(folder: Path) -> None:
    """Clean with Spark in local mode."""
    from pyspark.sql import SparkSession

    from paywallstrip.integrations.spark import clean_frame

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(f"local[{WORKERS}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "4g")
        .config("spark.log.level", "OFF")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH)
        .getOrCreate()
    )
    frame = session.read.parquet(str(folder / "pages"))
    clean_frame(frame, kept_share=None, labels=None).write.parquet(str(folder / "Spark"))
    session.stop()


def ray(folder: Path) -> None:
    """Clean with Ray Data, its actors beside readers and writers."""
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
    import ray
    import ray.data

    from paywallstrip.integrations.ray import PageCleaner

    ray.init(num_cpus=2 * WORKERS, include_dashboard=False, log_to_driver=False)
    # Without a number of blocks Ray puts this little into one, for one actor.
    pages = ray.data.read_parquet(str(folder / "pages"), override_num_blocks=PARTS)
    pages.map_batches(
        PageCleaner,
        fn_constructor_kwargs={"kept_share": None, "labels": None},
        batch_format="pyarrow",
        batch_size=BATCH,
        compute=ray.data.ActorPoolStrategy(size=WORKERS),
    ).write_parquet(str(folder / "Ray"))
    ray.shutdown()


def datatrove(folder: Path) -> None:
    """Clean with datatrove, from JSON lines to JSON lines."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from paywallstrip.integrations.datatrove import BodyFilter

    steps = [
        JsonlReader(str(folder / "lines")),
        BodyFilter(emptied="keep"),
        JsonlWriter(str(folder / "datatrove")),
    ]
    logs = str(folder / "logs")
    LocalPipelineExecutor(steps, tasks=PARTS, workers=WORKERS, logging_dir=logs).run()


def bodies(folder: Path, engine: str) -> Iterator[tuple[int, str]]:
    """Yield number and body of every page that an engine wrote, file by file."""
    if engine == "datatrove":
        for path in (folder / engine).glob("*.jsonl.gz"):
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    row = json.loads(line)
                    # The writer leaves out a text that is empty.
                    yield int(row["id"]), row.get("text", "")
        return
    for path in (folder / engine).glob("*.parquet"):
        for batch in pq.ParquetFile(path).iter_batches(BATCH, columns=["id", "body"]):
            yield from zip(*batch.to_pydict().values(), strict=True)


def compare(folder: Path, engine: str, texts: list[str], count: int) -> str:
    """Say whether an engine wrote the library's body for every page, and each page once."""
    expected = list(clean_many(texts))
    seen = bytearray(count)
    for number, body in bodies(folder, engine):
        if body.split("\n") != expected[number % len(expected)].split("\n"):
            return f"no: page {number} differs"
        seen[number] += 1
    return "yes" if seen == b"\x01" * count else f"no: {count - seen.count(1)} lost or doubled"


def clean_many_seconds(texts: list[str]) -> float:
    """Return the least processor time of three runs of `clean_many`."""
    return min([cpu_seconds(clean_many(texts)) for _ in range(4)][1:])


def tree_seconds(command: list[str]) -> float:
    """Run a command and return the processor time of all the processes it started.

    Of those that were waited for the system knows it; the others are looked at now and then.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    spent: dict[int, float] = {process.pid: 0.0}
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(spent, done))
    watcher.start()
    _, errors = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(errors.decode("utf-8", "replace"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    waited = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return max(sum(spent.values()), waited)


def watch(spent: dict[int, float], done: threading.Event) -> None:
    """Note the processor time of a process and of what descends from it, until told to stop."""
    tick = os.sysconf("SC_CLK_TCK")
    while not done.wait(0.2):
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            found[int(path.parent.name)] = (
                int(fields[1]),
                (int(fields[11]) + int(fields[12])) / tick,
            )
        # A process may come before its parent in the list.
        while new := [pid for pid, (up, _) in found.items() if up in spent and pid not in spent]:
            spent.update(dict.fromkeys(new, 0.0))
        for pid in spent.keys() & found.keys():
            spent[pid] = max(spent[pid], found[pid][1])


READY = """
import time
begin = time.process_time()
from paywallstrip.integrations.settings import Settings
Settings().clean("The council met on Friday.")
print(time.process_time() - begin)
"""


def ready_seconds() -> float:
    """Return the median processor time from a started Python to the first cleaned page."""
    times = [
        float(subprocess.run([sys.executable, "-c", READY], check=True, capture_output=True).stdout)
        for _ in range(11)
    ]
    return sorted(times)[5]


def step_sizes() -> Iterator[tuple[str, int]]:
    """Yield each step with the bytes that it pickles to once it was used."""
    from datatrove.data import Document
    from pyspark import cloudpickle

    from paywallstrip.integrations.datatrove import BodyFilter
    from paywallstrip.integrations.ray import PageCleaner
    from paywallstrip.integrations.spark import MapInArrow

    table = pa.table({"text": ["Log in"]})
    mapper, cleaner, body_filter = MapInArrow(), PageCleaner(), BodyFilter()
    mapper.step(table)
    cleaner(table)
    body_filter.filter(Document(text="Log in", id="a"))
    yield "Spark's function", len(cloudpickle.dumps(mapper))
    yield "Ray's callable", len(cloudpickle.dumps(cleaner))
    yield "datatrove's filter", len(pickle.dumps(body_filter))


if __name__ == "__main__":
    main()
