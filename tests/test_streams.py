"""What the `_many` verbs promise: lazily, in order, errors with their index, any processes."""

import errno
import itertools
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Classifier, PaywallstripError
from paywallstrip.decisions import DROP, STRICTNESS, Decision, Options
from paywallstrip.errors import TextError
from paywallstrip.pool import BATCH_CHARACTERS, Medium, stream
from tests.toy import toy
from tests.written import INDEX, read_page

ROOT = Path(__file__).resolve().parent.parent
# joblib adds its own, which are known to processes that import it alone.
METHODS = sorted(
    {"fork", "forkserver", "spawn"}.intersection(multiprocessing.get_all_start_methods())
)
TEXT = "Share\nRain fell on the harbour all night.\n\nAlso read\nPremium\n"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    "bad", [None, b"Share", ["Share"], 7], ids=["None", "bytes", "list", "int"]
)
def test_an_error_in_a_stream_names_the_index(jobs: int, bad: Any) -> None:
    with pytest.raises(TextError, match=r"text 2: text must be a str, got"):
        list(toy().clean_many([TEXT, TEXT, bad, TEXT], n_jobs=jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_stream_has_the_index(jobs: int) -> None:
    texts: list[Any] = [TEXT, TEXT, None]
    with pytest.raises(TextError) as caught:
        list(toy().clean_many(texts, n_jobs=jobs))
    assert caught.value.index == 2


def test_an_error_in_a_stream_keeps_its_index_when_it_is_pickled() -> None:
    error = pickle.loads(pickle.dumps(TextError("text 2: no text", 2)))
    assert (str(error), error.index) == ("text 2: no text", 2)


def test_a_list_in_a_stream_is_not_told_to_use_the_verb_it_came_by() -> None:
    texts: list[Any] = [[TEXT]]
    with pytest.raises(TextError, match="got list; each element is one page: pass a flat list"):
        list(toy().clean_many(texts))


def test_an_error_in_a_stream_is_a_type_error_of_the_package() -> None:
    assert issubclass(TextError, TypeError)
    assert issubclass(TextError, PaywallstripError)


def drain(results: Iterator[Any]) -> tuple[list[Any], Exception | None]:
    """Take what a stream yields until it ends or fails."""
    taken = []
    try:
        for result in results:
            taken.append(result)  # noqa: PERF402 - what came before the error counts
    except Exception as error:
        return taken, error
    return taken, None


def as_it_is(text: str, index: int) -> str:
    return text


def decide_or_fail(classifier: Classifier, texts: list[str], options: Options) -> list[Decision]:
    if "too large" in texts:
        raise MemoryError
    return classifier.decide(texts, options)


Decide = Callable[[Classifier, list[str], Options], list[Decision]]


def streamed(decide: Decide, texts: list[str], jobs: int = 1) -> Iterator[str]:
    """Return a stream of texts that are decided in a way of its own."""
    options = Options.check(DROP, STRICTNESS)
    medium = Medium(as_it_is, 1, decide)
    return stream(toy(), texts, options, jobs, attrgetter("text"), medium)


def failing(jobs: int) -> Iterator[str]:
    """Return a stream of which the third text is too large for the memory."""
    return streamed(decide_or_fail, ["Rain", "Wind", "too large", "Sun"], jobs)


def decide_alone(classifier: Classifier, texts: list[str], options: Options) -> list[Decision]:
    if len(texts) > 1:
        raise IndexError
    return classifier.decide(texts, options)


def test_an_error_in_a_worker_tells_where_it_was() -> None:
    _, error = drain(failing(2))
    assert "decide_or_fail" in "".join(getattr(error, "__notes__", ()))


def test_an_error_of_a_batch_alone_comes_through() -> None:
    taken, error = drain(streamed(decide_alone, ["Rain"] * 3))
    assert (taken, type(error)) == ([], IndexError)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_while_deciding_names_the_index(jobs: int) -> None:
    _, error = drain(failing(jobs))
    assert isinstance(error, MemoryError)
    assert error.__notes__[0] == "while deciding element 2 of the stream"


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_later_batch_names_the_index_in_the_stream(
    jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is the third text of a batch that stands amid those of a task.
    monkeypatch.setattr("paywallstrip.pool.BATCH_CHARACTERS", 1000)
    texts = [*["Rain"] * 39, "too large", *["Rain"] * 10]
    _, error = drain(streamed(decide_or_fail, texts, jobs))
    assert getattr(error, "__notes__", [""])[0] == "while deciding element 39 of the stream"


def test_an_error_of_a_batch_alone_names_its_elements() -> None:
    _, error = drain(streamed(decide_alone, ["Rain"] * 3))
    assert getattr(error, "__notes__", ()) == ["while deciding elements 0 to 2 of the stream"]


def decide_in_little_memory(
    classifier: Classifier, texts: list[str], options: Options
) -> list[Decision]:
    if len(texts) > 1:
        raise MemoryError
    return classifier.decide(texts, options)


@pytest.mark.parametrize("jobs", [1, 2])
def test_texts_that_are_too_large_for_the_memory_only_together_are_decided_alone(
    jobs: int,
) -> None:
    texts = ["Rain", "Wind", "Sun"]
    assert drain(streamed(decide_in_little_memory, texts, jobs)) == (texts, None)


def decide_or_die(classifier: Classifier, texts: list[str], options: Options) -> list[Decision]:
    if "deadly" in texts:
        os._exit(1)
    return classifier.decide(texts, options)


def test_the_error_of_a_killed_worker_tells_where_it_was() -> None:
    _, error = drain(streamed(decide_or_die, ["deadly"], 2))
    assert "from element 0 on" in "".join(getattr(error, "__notes__", ()))


def test_a_text_that_fails_alone_in_its_batch_is_not_decided_again() -> None:
    calls: list[list[str]] = []

    def decide(classifier: Classifier, texts: list[str], options: Options) -> list[Decision]:
        calls.append(texts)
        return decide_or_fail(classifier, texts, options)

    drain(streamed(decide, ["too large"]))
    assert calls == [["too large"]]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_came_before_an_error_while_deciding_is_yielded(jobs: int) -> None:
    taken, _ = drain(failing(jobs))
    assert taken == ["Rain", "Wind"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_came_before_an_error_is_yielded(jobs: int) -> None:
    texts: list[Any] = [TEXT, "", "Rain", None, TEXT]
    taken, _ = drain(toy().clean_many(texts, n_jobs=jobs))
    assert taken == [toy().clean(text) for text in texts[:3]]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_came_before_an_error_is_yielded_over_many_batches(jobs: int) -> None:
    texts: list[Any] = [*(read_page(entry["name"]).text for entry in INDEX * 10), None]
    taken, _ = drain(toy().clean_many(texts, n_jobs=jobs))
    assert len(taken) == len(texts) - 1


def broken(count: int) -> Iterator[str]:
    yield from ["Rain fell"] * count
    raise LookupError("the reader broke")


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_came_before_the_failure_of_the_callers_iterator_is_yielded(jobs: int) -> None:
    taken, _ = drain(toy().clean_many(broken(5), n_jobs=jobs))
    assert len(taken) == 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_failure_of_the_callers_iterator_comes_through(jobs: int) -> None:
    _, error = drain(toy().clean_many(broken(5), n_jobs=jobs))
    assert isinstance(error, LookupError)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stream_ends_after_its_error(jobs: int) -> None:
    texts: list[Any] = [None, TEXT]
    results = toy().clean_many(texts, n_jobs=jobs)
    drain(results)
    assert list(results) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_empty_stream_yields_nothing(jobs: int) -> None:
    assert list(toy().clean_many([], n_jobs=jobs)) == []


def keys_of(texts: list[str]) -> Any:
    return dict.fromkeys(texts).keys()


@pytest.mark.parametrize("make", [list, tuple, iter, set, keys_of], ids=lambda f: f.__name__)
def test_any_iterable_of_texts_is_taken(make: Callable[[list[str]], Any]) -> None:
    assert list(toy().clean_many(make([TEXT]))) == [toy().clean(TEXT)]


def test_nothing_is_read_before_the_first_result_is_asked_for() -> None:
    read: list[int] = []
    toy().clean_many(read.append(i) or TEXT for i in range(3))  # type: ignore[func-returns-value]
    assert read == []


def counted(text: str, read: list[int]) -> Iterator[str]:
    """Yield a text for ever and note how often."""
    for i in itertools.count():
        read.append(i)
        yield text


@pytest.mark.parametrize(("jobs", "ahead"), [(1, 200_000), (2, 6_000_000)])
def test_a_stream_reads_a_bounded_number_of_characters_ahead(jobs: int, ahead: int) -> None:
    text = TEXT * 150
    read: list[int] = []
    results = toy().clean_many(counted(text, read), n_jobs=jobs)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(read) * len(text) < ahead


def workers_of(texts: list[str], jobs: int) -> int:
    """Return how many processes a stream over so many has started by its first result."""
    before = len(multiprocessing.active_children())
    results = toy().clean_many(texts, n_jobs=jobs)
    next(results)
    started = len(multiprocessing.active_children()) - before
    results.close()  # type: ignore[attr-defined]
    return started


LONG = TEXT * (BATCH_CHARACTERS // len(TEXT) + 1)


@pytest.mark.parametrize(("texts", "workers"), [([TEXT] * 3, 1), ([LONG] * 2, 2), ([LONG] * 9, 3)])
def test_no_more_processes_are_started_than_there_are_tasks(texts: list[str], workers: int) -> None:
    assert workers_of(texts, 3) == workers


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_endless_stream_works(jobs: int) -> None:
    text = TEXT * 50
    results = toy().clean_many(itertools.repeat(text), n_jobs=jobs)
    taken = list(itertools.islice(results, 100))
    results.close()  # type: ignore[attr-defined]
    assert taken == [toy().clean(text)] * 100


def test_an_endless_stream_of_empty_texts_works() -> None:
    results = toy().clean_many(itertools.repeat(""))
    assert list(itertools.islice(results, 100)) == [""] * 100


def test_a_stream_is_not_read_further_than_what_is_asked_for() -> None:
    text = TEXT * 150
    read: list[int] = []
    results = toy().clean_many(counted(text, read))
    for _ in range(100):
        next(results)
    assert len(read) * len(text) < 100 * len(text) + 200_000


SCRIPT = """
import itertools, multiprocessing, sys
from tests.toy import toy

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    if sys.argv[2] == "endless":
        for _ in toy().clean_many(itertools.repeat("Share\\nRain fell\\n" * 500), n_jobs=2):
            print("begun", flush=True)
    print(*toy().clean_many(["Share\\nRain fell"] * 50, drop=(), n_jobs=2), sep="\\n")
"""


def start_script(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the script above, warnings as errors, in a group of processes of its own."""
    (folder / "script.py").write_text(SCRIPT, "utf-8")
    return subprocess.Popen(
        [sys.executable, "-W", "error", folder / "script.py", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("method", METHODS)
def test_processes_may_be_started_in_any_way(tmp_path: Path, method: str) -> None:
    out, errors = start_script(tmp_path, method, "few").communicate(timeout=120)
    assert (out, errors) == ("Share\nRain fell\n" * 50, "")


def test_an_interrupt_ends_all_processes(tmp_path: Path) -> None:
    process = start_script(tmp_path, "spawn", "endless")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    # The workers held the same pipes: that they are closed says that all have ended.
    assert process.returncode != 0


@pytest.mark.parametrize("method", METHODS)
def test_no_process_outlives_a_parent_that_is_killed(tmp_path: Path, method: str) -> None:
    process = start_script(tmp_path, method, "endless")
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    # Whoever is left would hold the pipes open.
    process.communicate(timeout=60)


def test_an_interrupt_shows_one_traceback(tmp_path: Path) -> None:
    process = start_script(tmp_path, "spawn", "endless")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors.count("Traceback") == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_no_worker_stays_behind_where_the_next_one_cannot_be_forked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = partial(ProcessPoolExecutor, mp_context=multiprocessing.get_context("fork"))
    fork, left = os.fork, [2]

    def fork_two() -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOMEM, "no memory for another process")
        return fork()

    before = set(multiprocessing.active_children())
    monkeypatch.setattr("paywallstrip.pool.ProcessPoolExecutor", pool)
    monkeypatch.setattr(os, "fork", fork_two)
    drain(toy().clean_many([LONG] * 9, n_jobs=3))
    behind = set(multiprocessing.active_children()) - before
    for worker in behind:
        # Python would wait for it when the tests end.
        worker.kill()
    assert not behind


def jobs_refused(jobs: int) -> str:
    """Return what a stream over so many processes is refused with here, or nothing."""
    try:
        toy().clean_many([TEXT], n_jobs=jobs)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("jobs", "refusal"), [(1, "^$"), (2, "pass n_jobs=1 here")])
def test_a_worker_of_a_pool_is_told_that_it_may_start_no_process(jobs: int, refusal: str) -> None:
    with multiprocessing.Pool(1) as pool:
        assert re.search(refusal, pool.apply(jobs_refused, (jobs,)))
