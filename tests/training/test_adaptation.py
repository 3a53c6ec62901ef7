"""The measurement of adaptation, on a tiny corpus, and its report."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from paywallstrip.model_formats import save_model
from paywallstrip.training.adaptation import GROUPS, Group, measure
from paywallstrip.training.adaptation_report import Result, SiteResult, write_report
from paywallstrip.training.shift import Strengths
from tests.tiny import write_tiny
from tests.toy import full_cues

pytestmark = pytest.mark.slow

HOLDS = {group.name: group.holds for group in GROUPS}
DRAWS = ((0.75, 0.80, 0.79, 0.788), (0.75, 0.78, 0.79, 0.788))
CONFUSION = np.diag([8, 2, 5, 3])


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("English", '<html lang="en-GB">'),
        ("German", "<html lang=de>"),
        ("WordPress", '<link href="/wp-content/themes/paper/style.css">'),
        ("WordPress", '<meta name="generator" content="WordPress 6.5">'),
        ("Drupal", '<img src="/sites/default/files/bridge.jpg">'),
        ("TYPO3", "<meta name='generator' content='TYPO3 CMS'>"),
    ],
)
def test_a_group_is_told_from_the_html(name: str, html: str) -> None:
    assert HOLDS[name](html)


def test_a_link_to_wordpress_makes_no_page_of_it() -> None:
    assert not HOLDS["WordPress"]('<a href="https://wordpress.org/">WordPress</a>')


def test_groups_and_single_sites_are_measured(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path)
    group = Group("English", "declared", HOLDS["English"], "base")
    # The base is there already; it is not fitted.
    save_model(full_cues().model, tmp_path / "bases" / "base")
    results, sites = measure(
        tiny.corpus,
        tmp_path / "bases",
        groups=[group],
        least=3,
        sizes=(1, 2),
        draws=2,
        progress=lambda _: None,
    )
    assert [(r.group, r.size, len(r.draws)) for r in results] == [
        ("English", 1, 2),
        ("English", 2, 2),
    ]
    assert sites.before.sum() == sites.after.sum()


def test_a_group_with_too_few_pages_is_left_out(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path)
    group = Group("English", "declared", HOLDS["English"], "base")
    results, _ = measure(tiny.corpus, tmp_path / "none", groups=[group], progress=lambda _: None)
    assert results == []


def test_the_report_has_gain_and_change_elsewhere() -> None:
    results = [Result("German", "declared", 303, 277, size, DRAWS) for size in (3, 10)]
    text = write_report(results, SiteResult(2, 7, CONFUSION, CONFUSION), Strengths())
    assert "| German | 10 | 0.750 | 0.790 | +0.040 ± 0.010 | -0.0020 |" in text
    assert "| German | declared | 303 | 277 |" in text
    assert "at least 0.02 (reached)" in text
    assert "2 sites with three pages or more, 7 pages together" in text


def test_the_report_says_what_was_not_reached() -> None:
    results = [Result("German", "declared", 303, 277, 10, ((0.75, 0.76, 0.79, 0.78),))]
    text = write_report(results, SiteResult.none(), Strengths())
    assert "at least 0.02 (not reached)" in text
    assert "at most 0.003 lost elsewhere (not kept)" in text
    assert "Pages of one site" not in text


def test_results_of_sites_are_pooled() -> None:
    one = SiteResult(2, 7, CONFUSION, CONFUSION)
    assert ((one + one).sites, int((one + one).after.sum())) == (4, 36)
