"""The fast path against its slow twin in tests/reference: the same columns, the same labels."""

from pathlib import Path

import numpy as np
import pytest

from paywallstrip import Classifier, Label
from paywallstrip.cues import CueTable, compile_cues, match_cues, read_cue_lists
from paywallstrip.features import Reading
from paywallstrip.lines import split_lines
from paywallstrip.measures import Measure
from paywallstrip.sequence import second_measures, second_values
from paywallstrip.stages import first_scores, second_scores, shares
from paywallstrip.tokens import split_tokens
from tests.reference.cues import Cues
from tests.reference.hashes import pair_hashes, word_hash
from tests.reference.lines import cut, fold
from tests.reference.model import Answer, Twin
from tests.toy import CUES, full_cues, toy, toy_model

PAGES = sorted((Path(__file__).parent / "pages").glob("*.tsv"))
ODD = {
    "empty": "",
    "blank": " \n\u2028\n",
    "one line": "Share",
    "two lines": "Share\nAlso read: the ferry is late again",
    "separators": "Rain\u2028fell on\x0bthe\x0charbour\x85all night.\r\rShare\r\nAlso read",
    "surrogates": "\ud83d Premium \udc00\nShare\n\udfff",
    "NUL": "\x00\nSha\x00re\nPremium\x00",
    "marks": "e\u0301te\u0301 \u0301\u0301 a\u0308\n\u0301\nShare",
    "right to left": "شارك\nهطل المطر طوال الليل على الميناء القديم، وبقيت القوارب.\nשתפו",
    "no spaces": "会員\n港に一晩中雨が降った。船は港に残った。" * 3 + "\n続きを読む\nABC会員12",
    "beyond the table": "𠀀𠀁 word 𠀂\n\U0010ffff\U000e0001a\n𝔖𝔥𝔞𝔯𝔢 𝟙𝟚",
    "odd digits": "٠١٢ 3 ४५ ½ ² Ⅷ\n0 a month\n7 a month",
    "growing letters": "İstanbul ẞ ŉ ǅ\nSHARE\nTeilen",
    "closing quotes": '("He said it.")\n»Er sagte es.«)\n"""\n)\n\'a\'',
    "bullets": "• Share\n• Teilen\n• Share\n12 Share\n• Share",
    "punctuation": "|\n…\n***\n—",
    "phrases": "cancel anytime and keep\ncancel anytime and\ncancel\nanytime\nSubscription premium",
    "long line": "Rain fell on the harbour, and the boats stayed in. " * 60,
    "many words": " ".join(f"word{i}" for i in range(4500)),
    "many lines": "\n".join(
        f"Line {i} of the list"
        if i % 7
        else "Rain fell on the old harbour all night, and the "
        f"{i} boats that came in late had to wait for the ferry. It was cold."
        for i in range(130)
    ),
}
TEXTS = {
    **{
        path.stem: "\n".join(
            line.partition("\t")[2] for line in path.read_text("utf-8").split("\n")
        )
        for path in PAGES
    },
    **ODD,
}
# On each further Python every tenth page of those written: no page takes another way there.
MANY_TEXTS = [
    pytest.param(text, id=name, marks=() if name in ODD or at % 10 == 0 else pytest.mark.slow)
    for at, (name, text) in enumerate(TEXTS.items())
]

DROPS: tuple[tuple[Label, ...], ...] = (
    (),
    (Label.PAYWALL, Label.NAVIGATION, Label.RELATED_LINKS),
    (Label.NAVIGATION,),
    tuple(Label),
)


class Both:
    """One text through the fast path and through the twin."""

    def __init__(self, text: str) -> None:
        model = toy_model()
        self.text = text
        self.twin: Answer = Twin(model, CUES).read(text)
        self.fast: Reading = model.extractor.read([text])
        self.scores = first_scores(self.fast, model.first)
        self.later = second_scores(self.fast, self.scores, model.second)


@pytest.fixture(scope="module", params=MANY_TEXTS)
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


def by_family(columns: np.ndarray, measures: tuple[Measure, ...]) -> list[dict[str, list[int]]]:
    """Cut rows of columns into families."""
    bounds = np.cumsum([0, *(len(m.members) for m in measures)])
    return [
        {m.name: row[bounds[i] : bounds[i + 1]].tolist() for i, m in enumerate(measures)}
        for row in columns
    ]


def test_lines_are_cut_alike(both: Both) -> None:
    lines = both.fast.lines
    assert [[line.start, line.end] for line in both.twin.page.lines] == np.stack(
        [lines.starts, lines.ends], axis=1
    ).tolist()


def test_words_are_found_alike(both: Both) -> None:
    tokens = both.fast.tokens
    # Of a page in Markdown other offsets than those of the page.
    (joined,) = both.fast.texts
    fast = [fold(joined[a:b]) for a, b in zip(tokens.starts, tokens.ends, strict=True)]
    assert fast == [word for line in both.twin.page.lines for word in line.words]


def test_words_belong_to_the_same_lines(both: Both) -> None:
    counts = np.diff(both.fast.tokens.bounds).tolist()
    assert counts == [len(line.tokens) for line in both.twin.page.lines]


def test_words_hash_alike(both: Both) -> None:
    expected = [word_hash(word) for line in both.twin.page.lines for word in line.words]
    assert both.fast.tokens.hashes.tolist() == expected


def test_shapes_are_measured_alike(both: Both) -> None:
    shape = both.fast.shape
    assert [
        (s.size, s.words, s.capitals, s.cased, s.first, s.last, s.closing, s.prose)
        for s in both.twin.page.shapes
    ] == list(
        zip(
            shape.size.tolist(),
            shape.words.tolist(),
            shape.capitals.tolist(),
            shape.cased.tolist(),
            shape.first.tolist(),
            shape.last.tolist(),
            shape.closing.tolist(),
            shape.prose.tolist(),
            strict=True,
        )
    )


def test_context_columns_are_alike(both: Both) -> None:
    extractor = toy_model().extractor
    assert by_family(both.fast.features.context, extractor.context) == both.twin.context


def test_own_columns_are_alike(both: Both) -> None:
    extractor = toy_model().extractor
    assert by_family(both.fast.features.own, extractor.own) == both.twin.own


def test_hashed_columns_are_alike(both: Both) -> None:
    features = both.fast.features
    expected_wide = [column for line in both.twin.hashed for column in line.wide]
    assert features.wide.tolist() == expected_wide
    assert features.wide_lines.tolist() == [line.wide_line for line in both.twin.hashed]
    narrow = [
        [c for hashed in features.narrow for c in hashed[a:b].tolist()]
        for a, b in zip(features.bounds[:-1], features.bounds[1:], strict=True)
    ]
    assert narrow == [line.narrow for line in both.twin.hashed]
    assert np.stack(features.narrow_lines, axis=1).tolist() == [
        line.narrow_line for line in both.twin.hashed
    ]


def test_first_scores_are_alike(both: Both) -> None:
    assert both.scores.tolist() == both.twin.first_scores


def test_shares_are_alike(both: Both) -> None:
    assert shares(both.scores).tolist() == both.twin.shares


def test_second_columns_are_alike(both: Both) -> None:
    measures = second_measures()
    values = second_values(both.fast, shares(both.scores))
    for m in measures:
        value = values[m.name]
        members = np.atleast_2d(value).T
        expected = [
            [row] if isinstance(row, int) else list(row) for row in both.twin.second[m.name]
        ]
        assert members.tolist() == expected, m.name


def test_second_scores_are_alike(both: Both) -> None:
    assert both.later.tolist() == both.twin.second_scores


def test_labels_are_alike(both: Both) -> None:
    assert [line.label for line in toy().classify(both.text).lines] == both.twin.labels


def test_the_same_lines_are_kept(both: Both) -> None:
    for drop in DROPS:
        for strictness in (0, 0.3, 0.5, 0.8, 1):
            lines = toy().classify(both.text, drop=drop, strictness=strictness).lines
            expected = both.twin.kept(drop, strictness)
            assert [line.kept for line in lines] == expected


@pytest.mark.slow
def test_a_batch_of_all_texts_is_labelled_as_the_twin_labels_each() -> None:
    twin = Twin(toy_model(), CUES)
    texts = list(TEXTS.values())[::-1]
    pages = toy().classify_many(texts)
    assert [[line.label for line in page.lines] for page in pages] == [
        twin.read(text).labels for text in texts
    ]


# With the package's own cue lists


@pytest.fixture(scope="module")
def lists() -> dict[str, list[str]]:
    return read_cue_lists()


@pytest.fixture(scope="module")
def table(lists: dict[str, list[str]]) -> CueTable:
    return compile_cues(lists)


@pytest.fixture(scope="module")
def written(lists: dict[str, list[str]]) -> Cues:
    return Cues(lists)


@pytest.mark.parametrize("text", MANY_TEXTS)
def test_the_packages_cues_are_found_alike(text: str, table: CueTable, written: Cues) -> None:
    at, lengths, numbers = match_cues(split_tokens(split_lines([text])), table)
    names = [table.categories[number] for number in numbers]
    expected, passed = [], 0
    for line in cut(text):
        expected += [(at + passed, length, c) for at, length, c in written.hits(line)]
        passed += len(line.tokens)
    assert sorted(zip(at.tolist(), lengths.tolist(), names, strict=True)) == sorted(expected)


def test_every_entry_of_the_cue_lists_is_found_in_its_own_line(
    lists: dict[str, list[str]], table: CueTable
) -> None:
    for category, entries in lists.items():
        tokens = split_tokens(split_lines([entry.replace("*", "xyz") for entry in entries]))
        at, _, numbers = match_cues(tokens, table)
        own = at[numbers == table.categories.index(category)]
        missed = set(range(len(entries))) - set(tokens.lines[own].tolist())
        assert [entries[i] for i in missed] == [], category


def test_the_shipped_model_has_the_packages_cue_lists(table: CueTable) -> None:
    cues = Classifier.load().model.extractor.cues
    assert cues.categories == table.categories
    assert cues.keys.tolist() == table.keys.tolist()
    assert cues.groups.tolist() == table.groups.tolist()
    assert cues.members.tolist() == table.members.tolist()


@pytest.mark.slow
def test_labels_are_alike_with_the_packages_cues(lists: dict[str, list[str]]) -> None:
    twin = Twin(full_cues().model, lists)
    for text in list(TEXTS.values())[::4]:
        found = [line.label for line in full_cues().classify(text).lines]
        assert found == twin.read(text).labels


@pytest.mark.slow
def test_the_shipped_model_labels_as_its_twin(lists: dict[str, list[str]]) -> None:
    shipped = Classifier.load()
    twin = Twin(shipped.model, lists)
    for text in list(TEXTS.values())[1::4]:
        found = [line.label for line in shipped.classify(text).lines]
        assert found == twin.read(text).labels


def test_the_last_word_of_a_line_pairs_with_nothing() -> None:
    one, two = (pair_hashes(line) for line in cut("Rain\nRain fell"))
    assert one[0] != two[0]
