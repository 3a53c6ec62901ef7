"""Training, adapting and evaluating on pages of one's own."""

import json
import os
import subprocess
import sys
import warnings
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from paywallstrip import Classifier
from paywallstrip.errors import DataError
from paywallstrip.training import DataWarning, LabelledText, adapt, evaluate, train
from paywallstrip.training.api import save_folder
from paywallstrip.training.records import make_page
from tests.toy import toy
from tests.written import INDEX, read_page

NAMES = [entry["name"] for entry in INDEX[:8]]


def text_of(name: str) -> LabelledText:
    written = read_page(name)
    lines = [line for line in written.text.split("\n") if line.strip()]
    return LabelledText(lines, [label.value for label in written.labels], domain=name)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classifier, Path]:
    """A classifier trained on some written pages, and its folder."""
    for name in ("sklearn", "joblib", "scipy"):
        pytest.importorskip(name, reason="needs the extra [train]")
    out = tmp_path_factory.mktemp("api") / "model"
    with pytest.warns(DataWarning, match="8 labelled pages are few"):
        return train(map(text_of, NAMES), out=out, cross_validate=True), out


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classifier, Path]:
    """The shipped classifier adapted to some written pages, and its folder."""
    for name in ("sklearn", "joblib", "scipy"):
        pytest.importorskip(name, reason="needs the extra [train]")
    out = tmp_path_factory.mktemp("api") / "adapted"
    return adapt(map(text_of, NAMES), out=out, cross_validate=True), out


def info_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
    return found


def test_a_trained_classifier_knows_what_it_was_trained_on(trained) -> None:
    classifier, _ = trained
    assert evaluate(classifier, map(text_of, NAMES)).macro_f1 > 0.9


def test_the_folder_holds_the_same_model(trained) -> None:
    classifier, out = trained
    text = read_page(NAMES[0]).text
    assert Classifier.load(out).classify(text) == classifier.classify(text)


@pytest.mark.slow
def test_the_same_pages_give_the_same_files(trained, tmp_path: Path) -> None:
    _, out = trained
    again = tmp_path / out.name
    with pytest.warns(DataWarning):
        train(map(text_of, NAMES), out=again, cross_validate=True)
    for name in ("weights.npz", "model.json", "README.md"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_the_card_says_what_a_model_was_made_of(trained) -> None:
    _, out = trained
    card = (out / "README.md").read_text("utf-8")
    assert "Trained from scratch on the pages named under Data." in card
    assert "8 pages of 8 sites" in card
    assert "Pages, folds of sites" in card


def test_the_card_says_how_many_pages_name_no_site(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    page = text_of(NAMES[0])
    adapt([page, LabelledText(page.lines, page.labels)], out=tmp_path)
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "2 pages of 2 sites (pages that name no site, counted as one each: 1)" in card


def test_the_card_says_that_pages_of_one_site_judged_each_other(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    lines = ["The ferry runs again.", "Home"]
    pages = [
        LabelledText([*lines, name], ["content", "navigation", "navigation"], domain="a.example")
        for name in ("Sport", "Weather")
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        adapt(pages, out=tmp_path, cross_validate=True)
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "Pages of one site that judged each other, each taken for a site, folds of" in card


def test_figures_are_of_models_that_have_not_seen_the_sites(trained) -> None:
    classifier, out = trained
    seen = evaluate(classifier, map(text_of, NAMES)).macro_f1
    assert info_of(out)["folds"]["pages"]["macro_f1"] < seen


def test_adapting_helps_on_the_pages_themselves(adapted) -> None:
    classifier, _ = adapted
    before = evaluate(Classifier.load(), map(text_of, NAMES)).macro_f1
    assert evaluate(classifier, map(text_of, NAMES)).macro_f1 > before


def test_adapting_leaves_the_base_as_it_is(adapted) -> None:
    base = Classifier.load()
    text = read_page(NAMES[1]).text
    before = base.classify(text)
    adapt(map(text_of, NAMES[:3]), base=base)
    assert base.classify(text) == before


def test_an_adapted_model_loads_and_says_the_same(adapted) -> None:
    classifier, out = adapted
    text = read_page(NAMES[0]).text
    assert Classifier.load(out).classify(text) == classifier.classify(text)


def test_an_adapted_model_names_its_base(adapted) -> None:
    _, out = adapted
    base = Classifier.load().model.info
    assert info_of(out)["base"] == {k: base[k] for k in ("name", "weights_sha256")}
    assert "Adapted from the model text-v1" in (out / "README.md").read_text("utf-8")


def test_an_adapted_model_keeps_the_figures_from_before(adapted) -> None:
    _, out = adapted
    assert set(info_of(out)["folds"]) == {"pages", "pages, before the adaptation"}


def test_adapting_twice_gives_the_same_files(adapted, tmp_path: Path) -> None:
    _, out = adapted
    again = tmp_path / out.name
    adapt(map(text_of, NAMES), out=again, cross_validate=True)
    for name in ("weights.npz", "model.json", "README.md"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_steps_are_told(adapted) -> None:
    steps: list[str] = []
    adapt(map(text_of, NAMES[:2]), progress=steps.append)
    assert steps[0].startswith("reading 2 pages")


@pytest.mark.parametrize("make", [train, adapt])
def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_fitted(
    make: Any, tmp_path: Path
) -> None:
    for name in ("sklearn", "joblib", "scipy"):
        pytest.importorskip(name, reason="needs the extra [train]")
    taken = tmp_path / "taken"
    taken.touch()
    steps: list[str] = []
    pages = [text_of(name) for name in NAMES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        with pytest.raises(FileExistsError):
            make(pages, out=taken, progress=steps.append)
    assert steps == []


@pytest.mark.parametrize("make", [train, adapt])
def test_another_readme_is_not_replaced_by_a_card(make: Any, tmp_path: Path) -> None:
    for name in ("sklearn", "joblib", "scipy"):
        pytest.importorskip(name, reason="needs the extra [train]")
    (tmp_path / "README.md").write_text("# Ferry\n", "utf-8")
    steps: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        with pytest.raises(FileExistsError, match="is no model's card"):
            make(map(text_of, NAMES), out=tmp_path, progress=steps.append)
    assert (steps, [path.name for path in tmp_path.iterdir()]) == ([], ["README.md"])


@pytest.mark.parametrize("name", ["README.md", "model.json", "weights.npz"])
def test_a_write_protected_model_is_refused_before_the_long_part(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    save_folder(toy(), tmp_path)
    (tmp_path / name).chmod(0o444)
    steps: list[str] = []
    with pytest.raises(PermissionError, match="is write-protected"):
        adapt(map(text_of, NAMES[:2]), out=tmp_path, progress=steps.append)
    assert steps == []


def test_a_model_with_a_write_protected_card_is_left_whole(tmp_path: Path) -> None:
    save_folder(toy(), tmp_path)
    (tmp_path / "README.md").chmod(0o444)
    before = (tmp_path / "model.json").stat().st_mtime_ns
    with pytest.raises(PermissionError):
        save_folder(toy(), tmp_path)
    assert (tmp_path / "model.json").stat().st_mtime_ns == before


def test_an_empty_path_is_not_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="out is an empty path"):
        adapt(map(text_of, NAMES[:2]), out="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("out", "error"), [("", ValueError), (3, TypeError)])
def test_a_model_is_saved_to_a_path(out: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="out "):
        save_folder(toy(), out)


def test_a_folder_whose_name_is_no_utf8_holds_a_model(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    save_folder(toy(), folder)
    assert Classifier.load(folder).model.info["name"] == r"\udcff"


@pytest.mark.parametrize("left", ["model.json", "weights.npz"])
def test_the_card_of_a_model_is_replaced(left: str, tmp_path: Path) -> None:
    for name in ("README.md", left):
        (tmp_path / name).touch()
    save_folder(toy(), tmp_path)
    assert (tmp_path / "README.md").read_text("utf-8").startswith("# Model card: ")


@pytest.mark.parametrize(("jobs", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_jobs_are_one_or_more(jobs: Any, error: type[Exception]) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    with pytest.raises(error, match="jobs must be"):
        train(map(text_of, NAMES), jobs=jobs)


def test_two_labels_are_told_apart() -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    menu, story = ["Home", "Sport", "Weather"], ["It rained on the coast all day, and it was cold."]
    pages = [
        LabelledText(menu + story, ["navigation"] * 3 + ["content"], domain=f"town{i}.example")
        for i in range(8)
    ]
    with pytest.warns(DataWarning):
        found = train(pages).classify("\n".join(menu + story))
    assert [str(line.label) for line in found.lines] == ["navigation"] * 3 + ["content"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": 0}, "weights must be a number above 0"),
        ({"weights": float("nan")}, "weights must be a number above 0"),
        ({"bias": -1}, "bias must be a number above 0"),
        ({"balance": 1.5}, "balance must lie from 0 to 1"),
    ],
)
def test_strengths_out_of_range_are_refused(given: dict[str, float], message: str) -> None:
    shift = pytest.importorskip("paywallstrip.training.shift", reason="needs the extra [train]")
    with pytest.raises(ValueError, match=message):
        shift.Strengths(**given)


def test_a_fit_that_fails_leaves_no_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = pytest.importorskip("paywallstrip.training.shift", reason="needs the extra [train]")
    monkeypatch.setattr(shift, "shift_model", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        adapt(map(text_of, NAMES[:2]), out=tmp_path / "models" / "mine")
    assert list(tmp_path.iterdir()) == []


def test_scores_count_the_lines_of_each_label() -> None:
    page = LabelledText(["One line.", "Home", "Buy now"], ["content", "navigation", None])
    assert evaluate(toy(), [page]).support.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([], "there is no page"),
        ([LabelledText(["a"], [])], "page 0 has 1 lines, but 0 labels"),
        ([LabelledText(["a"], ["menu"])], "page 0: unknown label 'menu': one of content"),
        ([LabelledText([" "], ["content"])], "page 0: ' ' is not one non-blank line"),
        ([LabelledText(["a\rb"], ["content"])], "is not one non-blank line"),
    ],
)
def test_pages_that_cannot_be_used_are_refused(pages: list[LabelledText], message: str) -> None:
    with pytest.raises(DataError, match=message):
        train(pages)
    with pytest.raises(DataError, match=message):
        adapt(pages)
    with pytest.raises(DataError, match=message):
        evaluate(toy(), pages)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (make_page("a", "Home\nNews"), r"page 0 must be a LabelledText, .* from_record\(page\)"),
        ("Home", r"page 0 must be a LabelledText, got str; label its lines first"),
        (LabelledText("a", ["content"]), "page 0: lines must be a sequence of lines"),
        (LabelledText(b"a", ["content"]), "page 0: lines must be .*, got bytes"),  # type: ignore[arg-type]
        (LabelledText(None, ["content"]), "page 0: lines must be .*, got NoneType"),  # type: ignore[arg-type]
        (LabelledText(["a"], None), "page 0: labels must be .*, got NoneType"),  # type: ignore[arg-type]
        (LabelledText({"a"}, ["content"]), "page 0: lines must be .*, got set"),  # type: ignore[arg-type]
        (LabelledText(["a"], {"content": 1}), "page 0: labels must be .*, got dict"),  # type: ignore[arg-type]
        (LabelledText(np.array([["a"]]), ["content"]), "page 0: lines must be .*, got ndarray"),  # type: ignore[arg-type]
        (LabelledText(["a"], "content"), "page 0: labels must be .*, got a single str"),
        (LabelledText(["a"], ["content"], domain=None), "page 0: domain must be a str"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_labelled_page_is_refused(page: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        evaluate(toy(), [page])


@pytest.mark.parametrize("name", ["lines", "labels"])
def test_an_array_of_pyarrow_is_refused_with_what_to_pass(name: str) -> None:
    array = pytest.importorskip("pyarrow", reason="pyarrow is not installed").array
    page = replace(LabelledText(["a"], ["content"]), **{name: array(["content"])})
    with pytest.raises(
        TypeError, match=f"page 0: {name} must be str, got StringArray; pass its to"
    ):
        evaluate(toy(), [page])


@pytest.mark.parametrize("make", [tuple, np.array, deque])
def test_lines_and_labels_may_be_any_sequence(make: Any) -> None:
    page = LabelledText(make(["One line.", "Home"]), make(["content", "navigation"]))
    assert evaluate(toy(), [page]).support.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("path", ["pages.jsonl", Path("pages.jsonl")], ids=["str", "Path"])
def test_a_path_in_place_of_pages_is_refused(path: Any) -> None:
    with pytest.raises(TypeError, match=r"map\(from_record, .*read_pages\(path\)\)"):
        evaluate(toy(), path)


@pytest.mark.parametrize(
    ("pages", "message"),
    [(LabelledText(["a"], ["content"]), "got LabelledText; pass a list"), (None, "got NoneType")],
)
def test_what_holds_no_pages_is_refused(pages: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"pages must be an iterable of LabelledText, {message}"):
        evaluate(toy(), pages)


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (train, {"settings": {"first_c": 1}}, "settings must be a Settings, got dict"),
        (adapt, {"strengths": 3}, "strengths must be a Strengths, got int"),
        (adapt, {"base": 0}, "base must be a Classifier, got int"),
        (train, {"progress": True}, "progress must be a function that takes a str, got bool"),
        (adapt, {"progress": True}, "progress must be a function that takes a str, got bool"),
    ],
)
def test_an_option_of_another_type_is_refused(make: Any, options: Any, message: str) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    with pytest.raises(TypeError, match=message):
        make([], **options)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"first_c": -1}, "settings: first_c must be above 0 and finite, got -1"),
        ({"second_scale": -1}, "settings: second_scale must be 0 or above 0 and finite, got -1"),
        ({"tolerance": float("nan")}, "settings: tolerance must be above 0 and finite, got nan"),
        ({"folds": 1}, "settings: folds must be 2 or more, got 1"),
    ],
)
def test_settings_out_of_range_are_refused_before_a_page_is_read(
    setting: dict[str, Any], message: str
) -> None:
    fit = pytest.importorskip("paywallstrip.training.fit", reason="needs the extra [train]")
    pages = iter([text_of(NAMES[0])])
    with pytest.raises(ValueError, match=message):
        train(pages, settings=fit.Settings(**setting))
    assert len(list(pages)) == 1


def test_a_path_in_place_of_a_classifier_is_refused() -> None:
    path: Any = "models/text-v1"
    with pytest.raises(TypeError, match=r"must be a Classifier, got str; use Classifier\.load"):
        evaluate(path, [LabelledText(["a"], ["content"])])


def test_lines_that_are_all_open_judge_nothing() -> None:
    with pytest.raises(DataError, match="no line has a label"):
        evaluate(toy(), [LabelledText(["a", "b"], [None, None])])


def test_one_label_alone_cannot_be_trained() -> None:
    with pytest.raises(DataError, match="at least two labels"):
        train([LabelledText(["a", "b"], ["content", None])])


def test_doubts_are_told_where_the_caller_stands() -> None:
    with pytest.warns(DataWarning) as caught, pytest.raises(RuntimeError):
        adapt([LabelledText(["a", "b"], ["content", "navigation"])] * 2, progress=_stop)
    assert {Path(one.filename).name for one in caught} == {Path(__file__).name}


def _stop(_: str) -> None:
    """End before the long part: what must come before it has come."""
    raise RuntimeError


def test_importing_the_package_imports_no_extra() -> None:
    code = (
        "import paywallstrip.training, sys; print({'sklearn', 'scipy', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_names_are_functions_whatever_else_is_imported() -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    code = (
        "import pkgutil, importlib, paywallstrip.training as t\n"
        "for m in pkgutil.iter_modules(t.__path__):\n"
        "    importlib.import_module(f'{t.__name__}.{m.name}')\n"
        "print(callable(t.train), callable(t.adapt), callable(t.evaluate))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True True\n"
