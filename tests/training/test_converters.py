"""The converters, each on a small page; skipped where an extractor is not installed."""

import builtins
import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest

from paywallstrip.training import converters
from paywallstrip.training.converters import CONVERTERS, DUMPS, LEFTOVERS, Converter, load_all

PARAGRAPHS = (
    "The morning ferry left the quay at six with forty passengers on board, and the captain said"
    " that it was the best crossing of the year so far.",
    "Repairs to the engine had taken eleven weeks, twice as long as was planned in the spring,"
    " because a part had to be cast anew in a foundry on the mainland"
    " and then to be brought over by the same mail boat that carried the people.",
    "People on the islands had to take the mail boat in the meantime, which has only twelve seats"
    " and does not leave the harbour when the wind is strong.",
    "The council will now ask for a second ship, so that the schools and the clinic can be reached"
    " on every day of the winter, whatever the weather is like.",
)
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Ferry runs again</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/harbour">Harbour</a></li></ul></nav>
<article><h1>Ferry runs again</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</article>
<footer><a href="/imprint">Imprint</a></footer></body></html>"""

each = pytest.mark.parametrize("name", CONVERTERS)


def installed(name: str) -> Converter:
    converter = CONVERTERS[name]
    try:
        converter.load()
    except ImportError as error:
        pytest.skip(str(error))
    return converter


@each
def test_the_article_is_in_the_text(name: str) -> None:
    assert PARAGRAPHS[1] in " ".join(installed(name)(PAGE).split())


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_holds_the_menu(name: str) -> None:
    assert "Harbour" in installed(name)(PAGE)


@pytest.mark.parametrize("name", LEFTOVERS)
def test_a_leftover_does_not_hold_the_footer(name: str) -> None:
    assert "Imprint" not in installed(name)(PAGE)


@each
def test_a_page_gives_the_same_text_again(name: str) -> None:
    converter = installed(name)
    assert converter(PAGE) == converter(PAGE)


@each
@pytest.mark.parametrize(
    "page", ["", " ", "<", "<html></html>", "\0", "\ud800", "<p>" * 3000, "</a></p>" * 50]
)
def test_a_broken_page_raises_nothing(
    name: str, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    # One of them logs the page, and half a surrogate pair goes into no report of a test.
    caplog.set_level(logging.CRITICAL)
    assert isinstance(installed(name)(page), str)


@each
def test_an_empty_page_gives_no_text(name: str) -> None:
    assert installed(name)("").strip() == ""


@each
def test_no_network_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def refuse(*call: object, **_: object) -> None:
        calls.append(call)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    image = '<img src="http://host.example/a.jpg" width="900" height="600">'
    installed(name)(PAGE.replace("<h1>", image + "<h1>"))
    assert calls == []


def failing(convert: Callable[[str], str | None]) -> Converter:
    return Converter("odd", "dump", "odd-package", lambda: convert)


def raise_index_error(_html: str) -> str:
    raise IndexError("pop from empty list")


def test_a_failure_gives_no_text() -> None:
    assert failing(raise_index_error)(PAGE) == ""


def test_a_failure_is_logged_at_debug_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger=converters.__name__)
    failing(raise_index_error)(PAGE)
    assert caplog.messages == ["odd failed on a page: IndexError('pop from empty list')"]


def test_nothing_found_gives_no_text() -> None:
    assert failing(lambda _: None)(PAGE) == ""


def test_a_missing_extractor_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def no_goose(name: str, *rest: Any, **options: Any) -> Any:
        if name.startswith("goose3"):
            raise ImportError(name)
        return real_import(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", no_goose)
    converters._goose.cache_clear()
    with pytest.raises(ImportError, match="pip install goose3"):
        CONVERTERS["goose3"](PAGE)


def test_every_converter_is_a_dump_or_a_leftover() -> None:
    assert (*DUMPS, *LEFTOVERS) == tuple(CONVERTERS)


def test_stop_words_are_those_of_the_language() -> None:
    pytest.importorskip("justext", reason="jusText is not installed")
    assert "und" not in converters._stop_words("en")


def test_stop_words_of_an_unknown_language_are_those_of_all() -> None:
    pytest.importorskip("justext", reason="jusText is not installed")
    assert {"und", "the"} <= converters._stop_words("und")


def test_every_stop_list_exists() -> None:
    justext = pytest.importorskip("justext", reason="jusText is not installed")
    assert set(converters._STOP_LISTS.values()) <= justext.get_stoplists()


def test_all_missing_extractors_are_named_in_one_pip_line() -> None:
    def fail() -> Callable[[str], str]:
        raise ImportError("no module")

    missing = [Converter(name, "dump", f"{name} lxml", fail) for name in ("one", "two")]
    with pytest.raises(ImportError, match=r"pip install one lxml two$"):
        load_all([*missing, Converter("there", "dump", "there", lambda: str.upper)])
