"""Labelled pages of one's own: what is refused, what is warned of, folds of sites."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.errors import DataError
from paywallstrip.training.own_checks import DataWarning, check_training
from paywallstrip.training.own_pages import (
    LabelledText,
    fingerprint,
    from_record,
    judge_each_other,
    site_folds,
)
from paywallstrip.training.records import make_page

MENU, BODY = "navigation", "content"


def test_what_was_not_read_from_a_file_is_no_record() -> None:
    with pytest.raises(
        TypeError, match="must be a PageRecord, as read_pages yields them, got dict"
    ):
        from_record({})  # type: ignore[arg-type]


def page(*labels: str | None, domain: str = "", lines: list[str] | None = None) -> LabelledText:
    named = lines or [f"line {number}" for number in range(len(labels))]
    return LabelledText(named, labels, domain=domain)


def many(count: int = 30) -> list[LabelledText]:
    """Return pages that leave nothing to doubt."""
    labels = (MENU, BODY, "paywall", "related-links")
    texts = ["Home", "It rained.", "Subscribe", "Also read"]
    return [
        page(*labels, domain=f"town{i}.example", lines=[f"{text} {i}" for text in texts])
        for i in range(count)
    ]


def messages(pages: list[LabelledText], **options: bool) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_training(pages, site_folds(pages, 5), **{"adapted": False, **options})
    assert all(one.category is DataWarning for one in caught)
    return [str(one.message) for one in caught]


def test_good_pages_raise_no_warning() -> None:
    assert messages(many()) == []


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page(None), page(None)], "lines with a label, found none"),
        ([page(BODY), page(BODY)], "at least two labels, found content"),
        ([page(BODY, MENU)], "at least two pages with a label, found 1"),
        ([page(BODY, MENU), page(BODY)], "all lines but those of a few pages have one label"),
    ],
)
def test_too_little_to_train_on_is_refused(pages: list[LabelledText], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_training(pages, site_folds(pages, 5), adapted=False)


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page(BODY, MENU)] * 2, "all pages have the same lines"),
        (
            [page(BODY, MENU, domain=site, lines=["It rained.", "Home"]) for site in ("a", "b")],
            "all pages have the same lines",
        ),
        (
            [page(BODY, MENU, lines=["It rained.", name]) for name in ("Home", "Sport")],
            "no line is left without two of the folds",
        ),
        (
            [page(BODY, MENU), page(MENU, lines=["Home"]), page(BODY, lines=["It rained."])],
            "have one label, .*, or do without cross_validate",
        ),
    ],
)
def test_too_little_to_cross_validate_is_refused(pages: list[LabelledText], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_training(pages, site_folds(pages, 5), adapted=False, cross_validate=True)


@pytest.mark.parametrize("domain", ["", "town.example"])
def test_a_page_labelled_twice_is_in_one_fold(domain: str) -> None:
    pages = [page(BODY, MENU, domain=domain, lines=[f"line {i % 3}", "Home"]) for i in range(6)]
    folds = site_folds(pages, 3)
    assert folds[:3] == folds[3:]
    assert len(set(folds)) == 3


def test_one_label_is_enough_to_adapt() -> None:
    assert len(messages([page(BODY), page(BODY)], adapted=True)) == 1


def test_few_pages_are_warned_of_from_scratch_alone() -> None:
    (message,) = messages(many(5))
    assert message.startswith("5 labelled pages are few")
    assert messages(many(5), adapted=True) == []


def test_twenty_pages_are_not_few() -> None:
    assert messages(many(20)) == []


def test_a_label_that_no_line_has_moves_little() -> None:
    pages = [page(MENU, BODY, "paywall"), page(MENU, BODY, "paywall", lines=["a", "b", "c"])]
    assert messages(pages, adapted=True) == [
        "no line is labelled related-links: the model will move less towards it"
    ]


def test_a_label_that_no_line_has_is_named() -> None:
    pages = [page(MENU, BODY, domain=f"town{i}.example") for i in range(30)]
    assert messages(pages) == [
        "no line is labelled paywall or related-links: the model will never give it"
    ]


def test_pages_of_one_site_are_warned_of() -> None:
    pages = [LabelledText(p.lines, p.labels, domain="town.example") for p in many()]
    assert messages(pages)[0].startswith("all pages are of one site, town.example")


@pytest.mark.parametrize(
    ("without", "start"), [(1, "1 of 30 pages names no site"), (30, "30 of 30 pages name no site")]
)
def test_pages_without_a_site_are_warned_of_where_figures_are_asked_for(
    without: int, start: str
) -> None:
    pages = [LabelledText(p.lines, p.labels, domain=" ") for p in many(without)]
    pages += many(30 - without)
    assert messages(pages) == []
    (message,) = messages(pages, cross_validate=True)
    assert message.startswith(f"{start} (domain): figures on folds of sites count each as a site")


def test_case_and_white_space_make_no_other_site() -> None:
    names = ("straße.example", " STRASSE.Example", "a", "b")
    pages = [page(BODY, domain=name, lines=[f"Day {i}"]) for i, name in enumerate(names)]
    folds = site_folds(pages, 3)
    assert folds[0] == folds[1]


@pytest.mark.parametrize("domain", ["town.example", ""])
def test_a_page_labelled_twice_and_differently_is_warned_of(domain: str) -> None:
    lines = ["Subscribe", "The ferry runs again."]
    both = [page(label, BODY, domain=domain, lines=lines) for label in (MENU, "paywall")]
    (message,) = messages([*many(), *both])
    assert message.startswith("1 line has different labels")
    assert "'Subscribe' (paywall and navigation)" in message


def test_pages_without_a_site_are_not_of_one() -> None:
    pages = [
        page(label, MENU, BODY, lines=["Offers", "News", text])
        for label, text in ((MENU, "The ferry runs again."), ("paywall", "A mayor opened it."))
    ]
    assert messages([*many(), *pages]) == []


def test_a_line_in_other_company_may_have_another_label() -> None:
    first = page(MENU, BODY, domain="town.example", lines=["Sport", "The ferry runs again."])
    second = page(BODY, BODY, domain="town.example", lines=["Sport", "A cup tie ended early."])
    assert messages([*many(), first, second]) == []


def test_folds_have_about_as_many_lines_each() -> None:
    sizes = {"a": 1, "b": 1, "c": 2}
    pages = [
        page(*[BODY] * size, domain=site, lines=[f"{site} {i}" for i in range(size)])
        for site, size in sizes.items()
    ]
    folds = site_folds(pages, 2)
    assert folds[0] == folds[1] != folds[2]


def test_folds_do_not_depend_on_the_order_of_pages() -> None:
    pages = [page(BODY, domain=site, lines=[f"Day {site}"]) for site in "abcd"]
    assert site_folds(pages[::-1], 3) == site_folds(pages, 3)[::-1]


def test_a_line_that_reads_like_a_site_makes_no_page_of_that_site() -> None:
    assert not judge_each_other([page(BODY, domain="a"), page(BODY, lines=["a"])])


def test_pages_of_one_site_share_a_fold() -> None:
    pages = [
        page(BODY, MENU, domain=site, lines=[f"Day {i}", "Home"]) for i, site in enumerate("abacb")
    ]
    folds = site_folds(pages, 2)
    assert (folds[0], folds[1]) == (folds[2], folds[4])


def test_sites_that_share_a_page_share_a_fold() -> None:
    names = [("a", 0), ("b", 1), ("c", 2), ("d", 3), ("", 3), ("d", 4), ("a", 4)]
    pages = [page(BODY, domain=site, lines=[f"Day {number}"]) for site, number in names]
    folds = site_folds(pages, 4)
    assert folds[0] == folds[3] == folds[4] == folds[6]
    assert len(set(folds)) == 3


def sharing(own: int, shared: int) -> list[LabelledText]:
    """Return three sites of so many pages of their own, and so many that all of them have."""
    texts = [(site, f"Day {i} at {site}") for site in "abc" for i in range(own)]
    texts += [(site, f"Access denied ({i})") for site in "abc" for i in range(shared)]
    return [page(BODY, domain=site, lines=[text]) for site, text in texts]


def test_a_page_that_all_sites_share_splits_no_site() -> None:
    pages = sharing(4, 1)
    split = set(zip([page.site for page in pages], site_folds(pages, 3), strict=True))
    assert sorted(split) == [("a", 0), ("b", 1), ("c", 2)]


def test_sites_kept_apart_do_not_judge_themselves() -> None:
    assert not judge_each_other(sharing(4, 1))


def test_copies_between_sites_kept_apart_are_warned_of() -> None:
    found = messages(sharing(4, 1), adapted=True, cross_validate=True)
    assert found[-1].startswith("3 of 15 pages have copies on other sites")


def test_copies_between_two_sites_of_many_are_warned_of() -> None:
    shared = [("a", "One"), ("b", "One"), ("b", "Two"), ("c", "Two")]
    own = [(site, f"Day {i} at {site}") for site in "abc" for i in range(4)]
    pages = [page(BODY, domain=site, lines=[text]) for site, text in shared + own]
    found = messages(pages, adapted=True, cross_validate=True)
    assert found[-1].startswith("4 of 16 pages have copies on other sites")


def test_sites_that_share_most_pages_are_one() -> None:
    pages = sharing(1, 4)
    folds = site_folds(pages, 3)
    assert len(set(zip([page.lines[0] for page in pages], folds, strict=True))) == 7


def test_a_copy_without_a_domain_is_of_the_site_that_has_it() -> None:
    pages = [page(BODY, domain="a", lines=[f"Day {i}"]) for i in range(5)]
    assert judge_each_other([*pages, page(BODY, lines=["Day 0"])])


def test_figures_on_a_single_site_are_warned_of() -> None:
    pages = [page(BODY, domain="a", lines=[f"Day {number}"]) for number in range(4)]
    found = messages(pages, adapted=True, cross_validate=True)
    assert found[-1].startswith("pages of one site, or of sites that share pages, are judged by")


def test_pages_of_a_single_site_are_folds_of_their_own() -> None:
    assert len(set(site_folds([page(BODY, domain="a")] * 4, 3))) == 3


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=2, max_size=20), st.integers(2, 6))
def test_every_fold_has_a_page(domains: list[str], folds: int) -> None:
    found = site_folds([page(BODY, domain=domain) for domain in domains], folds)
    assert set(found) == set(range(len(set(found))))
    assert 2 <= len(set(found)) <= folds


def test_a_record_of_a_file_becomes_a_page() -> None:
    record = make_page("a", "News\n\nFerry runs.", [MENU, None], domain="town.example")
    assert from_record(record) == LabelledText(
        ("News", "Ferry runs."), (MENU, None), domain="town.example"
    )


def test_the_fingerprint_changes_with_a_label() -> None:
    assert fingerprint([page(BODY, MENU)]) != fingerprint([page(BODY, BODY)])


def test_the_fingerprint_of_plain_pages_stays_as_it_was() -> None:
    pages = [page(BODY, None, domain="town.example"), page(MENU)]
    assert fingerprint(pages).startswith("0391a84f271d9f5f")


def test_the_fingerprint_does_not_change_with_the_type_of_lines() -> None:
    plain = page(BODY, MENU, domain="town.example")
    lines, labels = np.array(plain.lines), np.array(plain.labels)
    other = LabelledText(lines, labels, domain=np.str_("town.example"))  # type: ignore[arg-type]
    assert fingerprint([other]) == fingerprint([plain])


def test_the_fingerprint_does_not_change_with_how_a_domain_is_written() -> None:
    pages = [page(BODY, domain=name) for name in ("town.example", " Town.Example")]
    assert fingerprint(pages[:1]) == fingerprint(pages[1:])
