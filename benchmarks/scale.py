"""Clean WET files with the command line, Spark and Ray, and compare what comes out.

    python -m benchmarks.scale --corpus ../shared/corpus --pages 10000

The corpus's pages, as dumps, are repeated until there are enough and written as WET files:
real WARC records, each a gzip member of its own, as Common Crawl writes them. Each engine reads
the files itself, with two workers, and its bodies are compared with the library's, page by page.
Prints a table in Markdown. Processor time is that of the engine's whole process tree, its start
and end included.

Needs the extra [cli], fastwarc, pyspark (with Java), "ray[data]" and pyarrow.
"""

import argparse
import gzip
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from fastwarc.warc import ArchiveIterator

from benchmarks.bulk import COMMAND, read_texts, wet_records
from benchmarks.integrations import SCHEMA, tree_seconds
from benchmarks.machine import describe_run
from paywallstrip import Classifier

WORKERS = 2
FILES = 8
BATCH = 500
ENGINES = ("command line", "Spark", "Ray")


def main() -> None:
    """Run every engine and print the table; with `--engine` be one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--engine", choices=ENGINES[1:], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        {"Spark": spark, "Ray": ray}[given.engine](given.folder)
        return
    if given.corpus is None:
        parser.error("--corpus is needed: the folder of the corpora")
    with tempfile.TemporaryDirectory() as name:
        report(Path(name), given.corpus, given.pages)


def report(folder: Path, corpus: Path, count: int) -> None:
    """Write the files, run the engines, print what they took and whether they agree."""
    texts = read_texts(corpus, count)
    size = write_wet(folder / "wet", texts)
    characters = sum(map(len, texts))
    begin = time.process_time()
    expected = list(Classifier.load().clean_many(texts))
    alone = time.process_time() - begin
    print(f"{describe_run()}, {count:,} pages of", end=" ")
    print(f"{characters // count:,} characters, {size / 1e6:.0f} MB in {FILES} WET files\n")
    print("| | same bodies, line for line | processor ms a page | times the library's |")
    print("|---|---|---:|---:|")
    print(f"| `clean_many` alone | | {alone / count * 1000:.2f} | 1.00 |")
    for engine in ENGINES:
        out = folder / engine
        if engine == "command line":
            command = [*COMMAND, str(folder / "wet"), "--out", str(out), "--jobs", str(WORKERS)]
        else:
            command = [
                sys.executable,
                "-m",
                "benchmarks.scale",
                "--engine",
                engine,
                "--folder",
                str(folder),
            ]
        took = tree_seconds(command)
        same = compare(out, expected)
        print(f"| {engine} | {same} | {took / count * 1000:.2f} | {took / alone:.2f} |", flush=True)


def write_wet(folder: Path, texts: list[str]) -> int:
    """Write the pages to several files, in turn; return their bytes."""
    folder.mkdir()
    streams = [(folder / f"{part}.warc.wet.gz").open("wb") for part in range(FILES)]
    for number, record in enumerate(wet_records(texts)):
        streams[number % FILES].write(gzip.compress(record))
    for stream in streams:
        stream.close()
    return sum(path.stat().st_size for path in folder.iterdir())


def read_wet(path: str) -> Iterator[pa.RecordBatch]:
    """Yield the pages of a file, some at a time: what Spark and Ray have no reader for."""
    rows: list[dict[str, object]] = []
    for record in ArchiveIterator(path):
        uri = record.headers["WARC-Target-URI"]
        text = record.reader.read().decode()
        rows.append({"id": int(uri.rpartition("/")[2]), "text": text})
        if len(rows) == BATCH:
            yield pa.RecordBatch.from_pylist(rows, SCHEMA)
            rows = []
    if rows:
        yield pa.RecordBatch.from_pylist(rows, SCHEMA)


def read_paths(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read the files that record batches name; for Spark's `mapInArrow`."""
    for batch in batches:
        for path in batch.column("path").to_pylist():
            yield from read_wet(path)


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
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )
    paths = [(str(path),) for path in sorted((folder / "wet").iterdir())]
    frame = session.createDataFrame(paths, "path string").repartition(FILES)
    pages = frame.mapInArrow(read_paths, "id long, text string")
    cleaned = clean_frame(pages, kept_share=None, labels=None)
    cleaned.select("id", "body").write.parquet(str(folder / "Spark"))
    session.stop()


def ray(folder: Path) -> None:
    """Clean with Ray Data: tasks read, actors clean."""
    # At the priority that Ray gives them its workers hardly move beside other work.
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
    import ray
    import ray.data

    from paywallstrip.integrations.ray import PageCleaner

    ray.init(num_cpus=2 * WORKERS, include_dashboard=False, log_to_driver=False)
    paths = [{"path": str(path)} for path in sorted((folder / "wet").iterdir())]
    ray.data.from_items(paths, override_num_blocks=FILES).map_batches(
        lambda table: (pa.Table.from_batches([batch]) for batch in read_paths([table])),
        batch_format="pyarrow",
        batch_size=1,
    ).map_batches(
        PageCleaner,
        fn_constructor_kwargs={"kept_share": None, "labels": None},
        batch_format="pyarrow",
        # As they are read: a size would gather all the names into one task.
        batch_size=None,
        compute=ray.data.ActorPoolStrategy(size=WORKERS),
    ).select_columns(["id", "body"]).write_parquet(str(folder / "Ray"))
    ray.shutdown()


def bodies(out: Path) -> Iterator[tuple[int, str]]:
    """Yield number and body of every page that an engine wrote."""
    for path in out.glob("*.parquet"):
        yield from zip(
            *pq.read_table(path, columns=["id", "body"]).to_pydict().values(), strict=True
        )
    for path in out.glob("*.wet.gz"):
        yield from (
            (
                int(record.headers["WARC-Target-URI"].rpartition("/")[2]),
                record.reader.read().decode(),
            )
            for record in ArchiveIterator(str(path))
        )


def compare(out: Path, expected: list[str]) -> str:
    """Say whether each page is there once, with the library's body."""
    seen = bytearray(len(expected))
    for number, body in bodies(out):
        if body != expected[number]:
            return f"no: page {number} differs"
        seen[number] += 1
    return (
        "yes" if seen == b"\x01" * len(seen) else f"no: {len(seen) - seen.count(1)} lost or twice"
    )


if __name__ == "__main__":
    main()
