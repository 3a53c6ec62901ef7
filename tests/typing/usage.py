"""Typical code of users. It is checked by `make types`, strictly, and never run."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, assert_type

import paywallstrip
from paywallstrip import Classifier, Explanation, Label, Line, Page, PaywallstripError


def one_text(text: str) -> str:
    body = paywallstrip.clean(text)
    assert_type(body, str)
    assert_type(paywallstrip.clean(text, drop=("paywall",), strictness=0.2), str)
    assert_type(paywallstrip.clean(text, drop=[Label.PAYWALL, "navigation"]), str)
    assert_type(paywallstrip.clean(text, drop={"paywall"}), str)
    assert_type(paywallstrip.clean(text, drop=frozenset(Label)), str)
    assert_type(paywallstrip.clean(text, drop=(), strictness=1), str)
    return body


def one_html_page(html: str, data: bytes) -> str:
    body = paywallstrip.clean_html(html)
    assert_type(body, str)
    assert_type(paywallstrip.clean_html(data, drop=("paywall",), strictness=0.2), str)
    page = paywallstrip.classify_html(data)
    assert_type(page, Page)
    assert_type(page.lines[0].tag, str | None)
    assert_type(page.lines[0].link_share, float | None)
    assert_type(paywallstrip.clean_html_many([html, data], n_jobs=2), Iterator[str])
    assert_type(paywallstrip.classify_html_many(iter([data])), Iterator[Page])
    return body


def look_at_lines(text: str) -> list[str]:
    page = paywallstrip.classify(text)
    assert_type(page, Page)
    assert_type(page.lines, tuple[Line, ...])
    assert_type(page.removed, tuple[Line, ...])
    assert_type(page.body, str)
    assert_type(page.counts, Mapping[Label, int])
    assert_type(page.to_dict(), dict[str, Any])
    found = []
    for line in page.lines:
        assert_type(line.label, Label)
        assert_type(line.probabilities, Mapping[Label, float])
        assert_type(line.confidence, float)
        assert_type(line.kept, bool)
        if line.label is Label.PAYWALL and line.probabilities[Label.PAYWALL] > 0.9:
            found.append(text[line.start : line.end])
        if line.label == "related-links":
            found.append(line.label.value.upper())
    return found


def stream(paths: Iterable[Path]) -> Iterator[str]:
    texts = (path.read_text(encoding="utf-8") for path in paths)
    bodies = paywallstrip.clean_many(texts, n_jobs=2)
    assert_type(bodies, Iterator[str])
    yield from bodies


def stream_pages(texts: set[str]) -> dict[str, int]:
    counts = dict.fromkeys((label.value for label in Label), 0)
    for page in paywallstrip.classify_many(texts, drop=[Label.NAVIGATION]):
        assert_type(page, Page)
        for label, count in page.counts.items():
            counts[label] += count
    return counts


def another_model(folder: str | Path | None) -> str:
    try:
        classifier = Classifier.load(folder)
    except PaywallstripError as error:
        return str(error)
    except FileNotFoundError:
        return "no such folder"
    assert_type(classifier, Classifier)
    return json.dumps([page.to_dict() for page in classifier.classify_many(["A text"])])


def reasons(text: str) -> list[tuple[str, float]]:
    explanation = Classifier.load().explain(text, 0)
    assert_type(explanation, Explanation)
    assert_type(explanation.line, Line)
    assert_type(explanation.scores, Mapping[Label, float])
    assert_type(explanation.to_dict(), dict[str, Any])
    found = explanation.top("paywall", 3) + explanation.for_label(Label.CONTENT)
    return [(c.feature, c.weights[Label.PAYWALL]) for c in found if c.stage == "first"]


class MyClassifier(Classifier):
    """A subclass loads as itself."""

    def first_line(self, text: str) -> Line | None:
        lines = self.classify(text).lines
        return lines[0] if lines else None


def subclass() -> Line | None:
    return MyClassifier.load().first_line("A text")
