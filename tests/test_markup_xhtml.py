"""Pages of XML: what HTML parsers would take for the start of all the rest."""

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.markup.lines import read_markup
from paywallstrip.markup.xhtml import as_html

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
BEGINNINGS = (
    DECLARED + "<html>",
    '\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html>',
    '<html lang="en" xmlns="http://www.w3.org/1999/xhtml">',
    '<!doctype html><html xmlns="http://www.w3.org/1999/xhtml">',
)
EMPTY = (
    *('script src="a.js"', "title", "style", 'iframe src="x"', "template", "textarea", "noscript"),
    *("xmp", "noembed", "noframes", 'video src="a.mp4"', "audio", "progress", "meter", "datalist"),
    *("rp", 'script onload="a=>b()"', "script data-a='>/'", 'iframe title="/>"'),
    *("script title='\"'", 'script don"t'),
)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_page_of_xml_begins_like_this(beginning: str) -> None:
    assert read_markup(beginning + "<title/><p>Rain").text == "Rain"


@pytest.mark.parametrize("element", EMPTY)
def test_an_empty_element_does_not_swallow_the_page(element: str) -> None:
    assert read_markup(f"{DECLARED}<{element}/><p>Rain</p>").text == "Rain"


def test_marked_text_is_text() -> None:
    assert read_markup(DECLARED + "<p><![CDATA[One < two]]> three</p>").text == "One < two three"


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><title/><p>HTML",
        DECLARED + "<script src='a.js'/> code </script><p>a",
        DECLARED + "<script>write('<script/><script/><![CDATA[<]]>')</script><p>a",
        DECLARED + "<!-- <title/> <![CDATA[<]]> --><p>a",
        DECLARED + "<p>a<br/>b<titles/>",
        DECLARED + "<video src='a.mp4'/> none </video><p>a",
        DECLARED + "<script title='/>'>code</script><p>a",
    ],
)
def test_what_html_parsers_read_aright_is_left_alone(page: str) -> None:
    assert as_html(page) == page


@pytest.mark.parametrize("part", ["<![CDATA[<", "<!-- <title/>", "<script><title/>"])
def test_what_does_not_end_ends_with_the_page(part: str) -> None:
    assert as_html(DECLARED + "<title/>" + part).startswith(DECLARED + "<title></title>")
