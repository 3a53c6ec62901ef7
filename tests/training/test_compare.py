"""The comparison on a small corpus of made-up pages, with a rule in the model's place."""

import json
import lzma
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from paywallstrip.errors import ModelKindError, ModelNotFoundError
from paywallstrip.labels import ByLabel, Label
from paywallstrip.model_folder import DEFAULT_HTML_NAME, default_path
from paywallstrip.page import Line, Page
from paywallstrip.scoring import word_f1
from paywallstrip.training import compare
from paywallstrip.training.cases import (
    Origin,
    corpus_fingerprint,
    load_bodies,
    load_labelled,
)
from paywallstrip.training.compare import evaluate
from paywallstrip.training.converters import CONVERTERS
from paywallstrip.training.corpus import fold_of, is_final
from paywallstrip.training.gate import body_scores, labelled_scores
from paywallstrip.training.predictions import load_predict, model_folders, predict_lines
from paywallstrip.training.views import read_views

Folders = tuple[Path, Path]

SITES = [f"site{number}.example" for number in range(40)]
TRAINING = [site for site in SITES if not is_final(site)][:6]
FINAL = [site for site in SITES if is_final(site)][:2]
HEADLINE = "Ferry to the islands runs again"
BODY = (
    "The morning ferry left the quay at six with forty passengers on board.",
    "Repairs to the engine had taken eleven weeks, twice as long as planned.",
)
LINES = ("Home", HEADLINE, *BODY, "Subscribe for 3 euros a month", "More stories")
LABELS = ("navigation", "content", "content", "content", "paywall", "related-links")
HTML = "<html lang='en'><body>" + "".join(f"<p>{line}</p>" for line in LINES) + "</body></html>"


def write(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def page(site: str, **more: object) -> dict[str, object]:
    return {"id": site, "source": "wcxb-dev", "domain": site, "html": HTML, **more}


@pytest.fixture
def corpora(tmp_path: Path) -> Folders:
    """Folders of both corpora and of their views; dumps have all lines, extractors the body."""
    folders = tmp_path / "corpus", tmp_path / "views"
    for folder in folders:
        folder.mkdir()
    sites = TRAINING + FINAL
    labelled = [
        page(site, converter="html-text 0.7.1", lines=LINES, labels=LABELS) for site in sites
    ]
    bodies = [
        page(site, title=HEADLINE, body="\n".join((HEADLINE, *BODY)), page_type="article")
        for site in sites
    ]
    bodies[1]["source"] = bodies[-1]["source"] = "fundus"
    bodies[2]["page_type"] = "forum"
    labelled_views, body_views = [], []
    for site in sites:
        for name, converter in CONVERTERS.items():
            chosen = range(6) if converter.kind == "dump" else range(2, 5)
            view = {"id": site, "view": name, "lines": [LINES[i] for i in chosen]}
            body_views.append(view)
            labelled_views.append(view | {"labels": [LABELS[i] for i in chosen]})
    write(folders[0] / "labelled.jsonl.xz", labelled)
    write(folders[0] / "bodies.jsonl.xz", bodies)
    write(folders[1] / "labelled.jsonl.xz", labelled_views)
    write(folders[1] / "bodies.jsonl.xz", body_views)
    (folders[1] / "versions.json").write_text('{"jusText": "3.0.2"}')
    return folders


def long_lines(
    fold: int | None, texts: Sequence[str], *, strictness: float = 0.5
) -> Iterator[Page]:
    """Keep lines of 80 characters times the strictness or more."""
    chances = dict.fromkeys(Label, 0.1)
    for text in texts:
        lines, at = [], 0
        for line in text.split("\n"):
            kept = len(line) >= 80 * strictness
            label = Label.CONTENT if kept else Label.NAVIGATION
            probabilities = ByLabel(chances | {label: 0.7})
            lines.append(Line(line, at, at + len(line), label, probabilities, kept))
            at += len(line) + 1
        yield Page(tuple(lines), "")


def figures_of(corpora: Folders) -> dict[tuple[str, str, str, str], float]:
    labelled, bodies = load_labelled(*corpora, "folds"), load_bodies(*corpora, "folds")
    result = evaluate(labelled, bodies, long_lines, levels=(0.0, 0.5))
    return {(f.table, f.group, f.system, f.measure): f.value for f in result.figures}


def test_a_part_holds_its_sites_only(corpora: Folders) -> None:
    cases = load_labelled(*corpora, "final")
    assert [case.origin.id for case in cases] == FINAL


def test_a_page_of_the_training_part_knows_its_fold(corpora: Folders) -> None:
    origins = [case.origin for case in load_bodies(*corpora, "folds")]
    assert [one.fold for one in origins] == [fold_of(site) for site in TRAINING]


def test_a_labelled_page_without_a_body_has_no_type(corpora: Folders) -> None:
    write(corpora[0] / "bodies.jsonl.xz", [])
    assert load_labelled(*corpora, "folds")[0].origin.page_type == "unknown"


def test_a_page_without_views_is_refused(corpora: Folders) -> None:
    write(corpora[1] / "bodies.jsonl.xz", [])
    with pytest.raises(ValueError, match="has no views"):
        load_bodies(*corpora, "folds")


def test_a_page_without_one_of_its_views_is_refused(corpora: Folders) -> None:
    body_views = list(read_views(corpora[1] / "bodies.jsonl.xz"))
    kept = [asdict(view) for view in body_views if view.view != "goose3"]
    write(corpora[1] / "bodies.jsonl.xz", kept)
    with pytest.raises(ValueError, match="has no view by goose3"):
        load_bodies(*corpora, "folds")


def test_a_view_scores_as_its_kept_lines_do(corpora: Folders) -> None:
    case = load_bodies(*corpora, "folds")[0]
    kept = np.array([True, False, True, False, True, False])
    text = "\n".join(line for line, is_kept in zip(LINES, kept, strict=True) if is_kept)
    expected = word_f1(text, "\n".join(BODY))
    assert case.views["html-text"].score(case.counts, kept) == pytest.approx(expected)


def test_the_headline_is_left_out_on_both_sides(corpora: Folders) -> None:
    case = load_bodies(*corpora, "folds")[0]
    kept = np.array([False, True, True, True, False, False])
    assert case.views["html-text"].score(case.counts, kept) == 1


def test_nothing_kept_of_no_body_scores_one(corpora: Folders) -> None:
    view = load_bodies(*corpora, "folds")[0].views["html-text"]
    assert view.score(np.zeros(0, np.int64), np.zeros(6, bool)) == 1


def test_each_page_goes_to_the_model_of_its_fold() -> None:
    asked: list[tuple[int | None, str]] = []

    def predict(fold: int | None, texts: Sequence[str], *, strictness: float = 0.5):
        asked.extend((fold, text) for text in texts)
        return long_lines(fold, texts)

    origins = [
        Origin(name, "s", fold, "en", "article")
        for name, fold in zip("abc", (2, 0, 2), strict=True)
    ]
    predict_lines(predict, origins, [["a"], ["b"], ["c"]])
    assert asked == [(2, "a"), (2, "c"), (0, "b")]


def test_predictions_come_back_in_the_order_of_the_pages() -> None:
    origins = [
        Origin(name, "s", fold, "en", "article")
        for name, fold in zip("abc", (2, 0, 2), strict=True)
    ]
    found = predict_lines(long_lines, origins, [["a"], ["b"] * 2, ["c"] * 3])
    assert [len(one.kept) for one in found] == [1, 2, 3]


def test_other_lines_than_were_given_are_refused() -> None:
    def predict(fold: int | None, texts: Sequence[str], *, strictness: float = 0.5):
        return [Page((), "") for _ in texts]

    with pytest.raises(ValueError, match="page a: 1 lines went in, 0 came out"):
        predict_lines(predict, [Origin("a", "s", 0, "en", "article")], [["a"]])


def test_the_folds_need_a_model_each() -> None:
    with pytest.raises(ValueError, match="fold0 to fold4"):
        load_predict(None, "folds")


def test_the_models_of_the_folds_lie_beside_each_other(tmp_path) -> None:
    folders = model_folders(tmp_path, "folds")
    assert folders == {fold: tmp_path / f"fold{fold}" for fold in range(5)}


def test_labels_are_scored_on_the_labelled_lines(corpora: Folders) -> None:
    figures = figures_of(corpora)
    # Of 3 content lines 2 are long, all long lines are content.
    assert figures["labels", "all", "labelled lines", "content F1"] == pytest.approx(4 / 5)


def test_content_is_scored_by_characters(corpora: Folders) -> None:
    figures = figures_of(corpora)
    long = sum(map(len, BODY))
    expected = long / (long + len(HEADLINE))
    found = figures["content", "all", "paywallstrip", "recall (characters)"]
    assert found == pytest.approx(expected)


def test_an_extractor_is_scored_by_the_labelled_lines_it_keeps(corpora: Folders) -> None:
    figures = figures_of(corpora)
    # Body and paywall of an extractor: 2 of 3 content lines, and one other.
    assert figures["content", "all", "goose3", "F1 (lines)"] == pytest.approx(4 / 6)


def test_dumps_are_scored_by_the_labelled_lines_left_of_them(corpora: Folders) -> None:
    figures = figures_of(corpora)
    name = "paywallstrip on html-text"
    assert figures["content", "all", name, "F1 (lines)"] == pytest.approx(4 / 5)


def test_the_oracle_has_no_wrong_line(corpora: Folders) -> None:
    figures = figures_of(corpora)
    assert figures["content", "all", "oracle on html-text", "F1 (lines)"] == 1


def test_a_cleaned_leftover_is_compared_with_the_one_as_it_is(corpora: Folders) -> None:
    figures = figures_of(corpora)
    found = figures["leftovers, labelled", "all", "goose3", "difference"]
    assert found == pytest.approx(4 / 5 - 4 / 6)


def test_the_mean_over_leftovers_is_that_of_equal_extractors(corpora: Folders) -> None:
    figures = figures_of(corpora)
    found = figures["leftovers, bodies", "articles: WCXB", "mean", "cleaned"]
    assert found == pytest.approx(1)


def test_true_bodies_are_scored_by_words(corpora: Folders) -> None:
    figures = figures_of(corpora)
    expected = word_f1("\n".join(LINES[:1] + LINES[2:]), "\n".join(BODY))
    found = figures["bodies", "articles: Fundus", "raw input on html-text", "word F1"]
    assert found == pytest.approx(expected)


def test_pages_that_are_no_articles_have_a_group_of_their_own(corpora: Folders) -> None:
    assert ("bodies", "page type: forum", "goose3", "word F1") in figures_of(corpora)


def test_strictness_0_keeps_everything(corpora: Folders) -> None:
    figures = figures_of(corpora)
    assert figures["strictness", "labelled lines", "0.0", "recall (lines)"] == 1


def test_a_body_fed_alone_is_kept(corpora: Folders) -> None:
    figures = figures_of(corpora)
    assert figures["body alone", "articles: WCXB", "paywallstrip", "characters kept"] == 1


def test_calibration_error_is_the_mean_of_the_labels(corpora: Folders) -> None:
    figures = figures_of(corpora)
    each = [figures["calibration", "all", "labelled lines", label] for label in Label]
    mean = figures["calibration", "all", "labelled lines", "mean"]
    assert mean == pytest.approx(np.mean(each))


@pytest.fixture
def report(corpora: Folders, tmp_path: Path, monkeypatch) -> Path:
    """The folder of a report written by the command."""
    pytest.importorskip("click", reason="the extra [cli] is not installed")
    from paywallstrip.cli.training import evaluate as command

    monkeypatch.setattr(compare, "load_predict", lambda model, part: long_lines)
    monkeypatch.setattr(compare, "describe_models", lambda model, part: {"rule": "0" * 64})
    out = tmp_path / "out"
    folders = ["--corpus", str(corpora[0]), "--views", str(corpora[1]), "--out", str(out)]
    command.main([*folders, "--part", "final"], standalone_mode=False)
    return out


def test_the_command_prints_the_report_it_writes(capsys, report) -> None:
    assert capsys.readouterr().out.strip() == (report / "evaluation.md").read_text().strip()


def test_the_report_has_every_section(report) -> None:
    text = (report / "evaluation.md").read_text()
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert [head.split()[1].rstrip(",:") for head in heads] == [
        "Labels",
        "Content",
        "True",
        "Leftovers",
        "Strictness",
        "Calibration",
    ]


def test_the_json_names_corpus_model_and_versions(report: Path, corpora: Folders) -> None:
    record = json.loads((report / "evaluation.json").read_text())
    assert record["corpus"] == corpus_fingerprint(corpora[0])
    assert record["model"] == {"rule": "0" * 64}
    assert record["versions"]["jusText"] == "3.0.2"


def test_the_json_has_the_confusion_matrix(report) -> None:
    record = json.loads((report / "evaluation.json").read_text())
    assert record["confusion"][0] == [4, 0, 2, 0]


@pytest.fixture
def unconverted(corpora: Folders, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus without views, of which no page may be converted."""
    monkeypatch.setattr(compare, "build_views", Mock(side_effect=AssertionError("too late")))
    return corpora[0]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": Path("nowhere")}, ModelNotFoundError),
        ({"model": default_path(DEFAULT_HTML_NAME)}, ModelKindError),
        ({"html_model": Path("nowhere")}, ModelNotFoundError),
        ({"html_model": default_path()}, ModelKindError),
        ({"out": Path(__file__)}, FileExistsError),
    ],
)
def test_what_cannot_be_used_is_refused_before_a_page_is_converted(
    unconverted: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    given = {"model": None, "out": None, **options}
    with pytest.raises(error):
        compare.compare(unconverted, None, part="final", **given)


def test_a_folder_that_may_not_be_written_to_is_refused_before_a_page_is_converted(
    unconverted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not by its mode, since root may write everywhere.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        compare.compare(unconverted, None, None, "final", tmp_path)


def test_plots_without_matplotlib_are_refused_before_a_page_is_converted(
    unconverted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="plots need matplotlib"):
        compare.compare(unconverted, None, None, "final", tmp_path, plots=True)


def test_a_corpus_without_bodies_is_refused_before_a_page_is_converted(unconverted: Path) -> None:
    (unconverted / "bodies.jsonl.xz").unlink()
    with pytest.raises(FileNotFoundError, match=r"bodies\.jsonl\.xz"):
        compare.compare(unconverted, None, None, "final", None)


def test_figures_on_folds_are_not_recorded(
    unconverted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "load_predict", lambda model, part: long_lines)
    with pytest.raises(ValueError, match="only figures on the final part"):
        compare.compare(unconverted, None, None, "folds", None, record=True)


def test_a_missing_corpus_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(compare, "load_predict", lambda model, part: long_lines)
    with pytest.raises(FileNotFoundError, match=r"\.jsonl\.xz"):
        compare.compare(tmp_path, tmp_path, None, "final", tmp_path)


def test_the_fingerprint_changes_with_the_corpus(corpora: Folders) -> None:
    before = corpus_fingerprint(corpora[0])
    write(corpora[0] / "bodies.jsonl.xz", [])
    assert corpus_fingerprint(corpora[0]) != before


def classify(texts: Sequence[str]) -> Iterator[Page]:
    return long_lines(None, texts)


def test_the_gate_scores_labels_as_the_comparison_does(corpora: Folders) -> None:
    scores = labelled_scores(classify, corpora[0])
    assert scores["content F1"] == pytest.approx(4 / 5)


def test_the_gate_scores_content_by_characters(corpora: Folders) -> None:
    scores = labelled_scores(classify, corpora[0])
    assert scores["content precision (characters)"] == 1


def test_the_gate_scores_bodies_of_each_source(corpora: Folders) -> None:
    pytest.importorskip("html_text", reason="the gate's dumps need html-text")
    scores = body_scores(classify, corpora[0])
    assert scores == {"word F1, WCXB articles": 1.0, "word F1, Fundus articles": 1.0}
