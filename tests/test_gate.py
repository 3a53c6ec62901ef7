"""The gate itself, with made-up scores, and the shipped model before it."""

import json
import math
from pathlib import Path

import pytest

from paywallstrip.errors import ModelDamagedError
from paywallstrip.training.gate import (
    GateError,
    Measured,
    find_problems,
    main,
    make_record,
    measure_shipped,
    run_gate,
)

SCORES = {"macro-F1": 0.85, "paywall F1": 0.7}
NOWHERE = Path("nowhere")


def measured(
    changed: dict[str, float] | None = None, corpus: str = "c" * 64, weights: str = "w" * 64
) -> Measured:
    return Measured(corpus, "text-v1", weights, SCORES | (changed or {}))


def scorer(result: Measured):
    return lambda corpus: result


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The floors recorded for `SCORES`."""
    path = tmp_path / "gate.json"
    run_gate(NOWHERE, path, measure=scorer(measured()), update=True)
    return path


def check(record: Path, result: Measured) -> str:
    return run_gate(NOWHERE, record, measure=scorer(result))


def update(record: Path, result: Measured, *, allow_lower: bool = False) -> None:
    run_gate(NOWHERE, record, measure=scorer(result), update=True, allow_lower=allow_lower)


def floor_of(record: Path, name: str):
    return json.loads(record.read_text())["floors"][name]["floor"]


def test_the_recorded_scores_pass(record) -> None:
    assert "0.8500  floor 0.8450  macro-F1" in check(record, measured())


@pytest.mark.parametrize("score", [0.69, 0.68])
def test_a_score_within_the_margin_passes(record, score) -> None:
    assert check(record, measured({"paywall F1": score}))


def test_a_missed_floor_shuts_the_gate(record) -> None:
    with pytest.raises(GateError, match=r"paywall F1 is 0\.6700, its floor 0\.6800"):
        check(record, measured({"paywall F1": 0.67}))


def test_every_missed_floor_is_named(record) -> None:
    scores = measured({"macro-F1": 0.1, "paywall F1": 0.1})
    with pytest.raises(GateError) as caught:
        check(record, scores)
    assert len(caught.value.problems) == 2


def test_a_score_that_is_not_defined_shuts_the_gate(record) -> None:
    with pytest.raises(GateError, match="paywall F1 is nan"):
        check(record, measured({"paywall F1": math.nan}))


def test_another_corpus_shuts_the_gate(record) -> None:
    with pytest.raises(GateError, match="belong to the corpus cccccccccccc, this is dddddddddddd"):
        check(record, measured(corpus="d" * 64))


def test_a_missing_file_shuts_the_gate(tmp_path) -> None:
    with pytest.raises(GateError, match=r"gate\.json is missing"):
        check(tmp_path / "gate.json", measured())


def test_a_missing_file_is_told_before_anything_is_scored(tmp_path) -> None:
    def fail(corpus: Path) -> Measured:
        raise AssertionError("scored")

    with pytest.raises(GateError, match="is missing"):
        run_gate(NOWHERE, tmp_path / "gate.json", measure=fail)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"floors": {"macro-F1": 1}, "corpus": "c"}',
        '{"floors": {"macro-F1": {"floor": 0.8}}, "corpus": "c"}',
    ],
)
def test_a_damaged_file_shuts_the_gate(record, text) -> None:
    record.write_text(text)
    with pytest.raises(GateError, match="no record of floors"):
        check(record, measured())


def test_a_score_without_a_floor_shuts_the_gate(record) -> None:
    with pytest.raises(GateError, match="content F1 has no floor"):
        check(record, measured({"content F1": 0.9}))


def test_a_floor_without_a_score_shuts_the_gate() -> None:
    fewer = Measured("c", "text-v1", "w", {})
    problems = find_problems(fewer, make_record(Measured("c", "text-v1", "w", {"a": 1.0})))
    assert problems == ["a was not measured"]


def test_other_weights_pass_with_a_note(record) -> None:
    assert "recorded for other weights" in check(record, measured(weights="v" * 64))


def test_the_record_holds_name_and_digest_of_the_model(record) -> None:
    model = json.loads(record.read_text())["model"]
    assert model == {"name": "text-v1", "weights": "w" * 64}


def test_an_update_raises_a_floor_to_the_score_less_its_margin(record) -> None:
    update(record, measured({"paywall F1": 0.8}))
    assert floor_of(record, "paywall F1") == 0.78


@pytest.mark.parametrize("score", [0.69, 0.68])
def test_a_score_within_the_margin_leaves_the_floor_where_it_is(record, score) -> None:
    update(record, measured({"paywall F1": score}))
    assert floor_of(record, "paywall F1") == 0.68


def test_an_update_refuses_to_lower_a_floor(record) -> None:
    with pytest.raises(GateError, match=r"paywall F1 is 0\.6000"):
        update(record, measured({"paywall F1": 0.6}))


def test_an_update_refuses_to_drop_a_floor(record) -> None:
    with pytest.raises(GateError, match="paywall F1 was not measured"):
        update(record, Measured("c", "text-v1", "w", {"macro-F1": 0.9}))


def test_a_refused_update_leaves_the_file_as_it_is(record) -> None:
    before = record.read_text()
    with pytest.raises(GateError):
        update(record, measured({"macro-F1": 0.9, "paywall F1": 0.6}))
    assert record.read_text() == before


def test_an_update_lowers_a_floor_when_told_to(record) -> None:
    update(record, measured({"paywall F1": 0.6}), allow_lower=True)
    assert floor_of(record, "paywall F1") == 0.58


def test_an_update_takes_a_new_corpus_if_no_floor_is_lowered(record) -> None:
    update(record, measured(corpus="d" * 64))
    assert check(record, measured(corpus="d" * 64))


def test_an_update_refuses_a_score_that_is_not_defined(record) -> None:
    with pytest.raises(GateError):
        update(record, measured({"paywall F1": math.nan}), allow_lower=True)


def test_a_floor_is_never_above_the_score_it_comes_from(tmp_path) -> None:
    floors = make_record(measured({"paywall F1": 0.70999}))["floors"]["paywall F1"]
    assert (floors["score"], floors["floor"]) == (0.7099, 0.6899)


def arguments(record: Path, *more: str) -> list[str]:
    return ["--corpus", "nowhere", "--record", str(record), *more]


def test_the_command_exits_0_when_the_gate_is_open(record) -> None:
    assert main(arguments(record), scorer(measured())) == 0


def test_the_command_exits_1_when_a_floor_is_missed(record) -> None:
    assert main(arguments(record), scorer(measured({"paywall F1": 0.1}))) == 1


def test_the_command_says_on_standard_error_which_floor_is_missed(record, capsys) -> None:
    main(arguments(record), scorer(measured({"paywall F1": 0.1})))
    assert capsys.readouterr().err == "gate: paywall F1 is 0.1000, its floor 0.6800\n"


@pytest.mark.parametrize("error", [FileNotFoundError, ModelDamagedError, ImportError])
def test_the_command_exits_2_without_what_it_measures_with(record, error) -> None:
    def missing(corpus: Path) -> Measured:
        raise error("nowhere")

    assert main(arguments(record), missing) == 2


def test_the_command_updates(record) -> None:
    main(arguments(record, "--update"), scorer(measured({"paywall F1": 0.9})))
    assert floor_of(record, "paywall F1") == 0.88


def test_the_command_lowers_a_floor_when_told_to(record) -> None:
    main(arguments(record, "--update", "--allow-lower"), scorer(measured({"paywall F1": 0.6})))
    assert floor_of(record, "paywall F1") == 0.58


def test_allow_lower_without_update_is_refused(record) -> None:
    with pytest.raises(SystemExit):
        main(arguments(record, "--allow-lower"), scorer(measured()))


@pytest.mark.gate
def test_the_shipped_model_passes_the_gate(corpus) -> None:
    pytest.importorskip("html_text", reason="the gate's dumps need html-text")
    print(run_gate(corpus, measure=measure_shipped))
