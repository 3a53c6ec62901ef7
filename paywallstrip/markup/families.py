"""The families of markup features: what is measured of a line's place in the HTML."""

from paywallstrip.families import BROAD, OPENERS, SHARE_EDGES
from paywallstrip.labels import LABELS
from paywallstrip.markup.addresses import KINDS as ADDRESSES
from paywallstrip.markup.elements import LANDMARKS, TAGS
from paywallstrip.measures import COARSE, Measure
from paywallstrip.sequence import ROUGH

GROUPS = 5
"""So many of the elements around a line are looked at, each with more lines than the last."""
CLIMBS = (1, 25, 50, 80)
"""Percent of the page's running text that an element around a line may hold."""
KINDS = ("tag", "path", "classes")
"""What makes two lines of a page of one kind: tag, tags of all ancestors, nearest classes."""
INSIDE = (*LANDMARKS, "hidden")
PROFILE = (
    "linked",
    "p",
    "li",
    "heading",
    "path",
    "classes",
    "edge",
    "body",
    "slug",
    "foreign",
    "repeat",
    "named",
)
"""What the lines around are averaged over."""
HEADINGS = ("any", "h1", "h2", "h3")

PLACES = ("none", "text", "link", "control", "edge", "edge link")
"""Where a line stands that holds a cue: a control is a button or a form, an edge the page's."""

LINKED_FROM = 50
"""Percent of a line's characters that links must hold for the line to be one."""
PERCENT = (1, 10, 25, 40, 60, 75, 90, 99)
COUNTS = (2, 3, 4, 6, 9, 14, 22, 40, 80)
MASSES = (1, 5, 15, 30, 50, 70, 90, 98)
STEPS = (1, 2, 3, 4, 6, 9, 14, 25, 50)
CLIMB_STEPS = (1, 2, 3, 4, 5, 6, 8, 11, 15)
PARTS = (1, 2, 3, 4, 6, 9)
NAMED = (34, 67)
DIGITS = (1, 5, 7)
"""An address with five digits or more has a number or a date in it."""
TITLE_EDGES = (1, 25, 50, 75, 95)
BODY_EDGES = (1, 50, 85)
GRADES = len(ROUGH) + 1
SIDE_EDGES = (10, 40, 100, 160, 220)
SURE_EDGES = (1, 2, 3, 5, 9, 17)
LINK_EDGES = (1, 25, 50, 80, 100)


def _upto(levels: int) -> tuple[int, ...]:
    return tuple(range(1, levels))


def context_measures() -> tuple[Measure, ...]:
    """Return the families that a line lends to its neighbours as well."""
    return (
        Measure("tag", _upto(len(TAGS))),
        Measure("linked", SHARE_EDGES),
        Measure("links", (1, 2, 3, 5), sparse=True),
        Measure("inside", (1,), INSIDE, sparse=True),
        Measure("path-count", COUNTS),
        Measure("classes-count", COUNTS),
        Measure("opened", (1, 2, 3, 4, 5, 7, 10)),
        Measure("strong", (1, 50, 100)),
    )


def own_measures() -> tuple[Measure, ...]:
    """Return the families that count for the line alone."""
    spans = tuple(f"{low}..{high}" for low, high in BROAD)
    groups = tuple(map(str, range(1, GROUPS + 1)))
    return (
        Measure("tag-sized", _upto(len(TAGS)), crossed=True),
        Measure("linked-sized", SHARE_EDGES, crossed=True),
        Measure("inside-sized", (1,), INSIDE, crossed=True, sparse=True),
        Measure("depth", (3, 5, 7, 9, 11, 13, 15, 18, 22, 27)),
        Measure("near", PERCENT, tuple(f"{p}@{span}" for span in spans for p in PROFILE)),
        Measure("group-lines", COUNTS, groups, crossed=True),
        Measure("group-linked", PERCENT, groups, crossed=True),
        Measure("group-prose", PERCENT, groups, crossed=True),
        Measure("group-mass", MASSES, groups, crossed=True),
        Measure("group-alike", PERCENT, groups, crossed=True),
        Measure("climb", CLIMB_STEPS, tuple(map(str, CLIMBS)), crossed=True),
        Measure("main", (1, 2, 3), crossed=True),
        Measure("main-depth", (1, 2, 3, 4, 5, 7, 10)),
        Measure("kind-count", COUNTS, KINDS, crossed=True),
        Measure("kind-mass", MASSES, KINDS, crossed=True),
        Measure("kind-linked", PERCENT, KINDS, crossed=True),
        Measure("parent-count", COUNTS, crossed=True),
        Measure("parent-linked", PERCENT, crossed=True),
        Measure("heading-before", STEPS, HEADINGS, crossed=True),
        Measure("heading-after", STEPS, HEADINGS, crossed=True),
        Measure("heading-level", _upto(13), crossed=True),
        Measure("heading-cue", (1, 2), OPENERS, crossed=True, sparse=True),
        Measure("cue-placed", _upto(len(PLACES)), OPENERS, crossed=True, sparse=True),
        Measure("title", TITLE_EDGES, ("of-line", "of-title"), crossed=True),
        Measure("title-pair", _upto((len(TITLE_EDGES) + 1) ** 2)),
        Measure("headline-before", STEPS, crossed=True),
        Measure("headline-after", STEPS, crossed=True),
        Measure("headline-climb", CLIMB_STEPS, crossed=True),
        Measure("target-kind", _upto(len(ADDRESSES) + 1), crossed=True),
        Measure("target-parts", (1, 2, 3, 4, 5, 6, 8, 11), crossed=True),
        Measure("target-depth", _upto(7), crossed=True),
        Measure("target-digits", (1, 2, 4, 5, 6, 7, 8, 10), crossed=True),
        Measure("target-shape", _upto(len(ADDRESSES) * (len(PARTS) + 1) * (len(DIGITS) + 1))),
        Measure("target-repeats", (1, 2, 3, 4, 6), crossed=True),
        Measure("target-longest", _upto(COARSE + 1), crossed=True),
        Measure("target-host", PERCENT, crossed=True),
        Measure("target-overlap", SHARE_EDGES, ("of-line", "of-target"), crossed=True),
        Measure("target-named", _upto((len(PARTS) + 1) * (len(NAMED) + 2)), crossed=True),
        Measure("claimed-body", _upto(len(BODY_EDGES) + 2), crossed=True),
        Measure("claimed-free", (1, 2), crossed=True),
    )


NAMES = tuple(label.value for label in LABELS)
PEERS = ("path", "classes", "parent", "target", "pattern")
"""Lines of the same path, the same classes, the same element, the same address or its build."""


def around_measures() -> tuple[Measure, ...]:
    """Return the families of what the text says of the lines around a line in the markup."""
    peers = tuple(f"{name}@{peer}" for peer in PEERS for name in NAMES)
    groups = [f"{name}@{k}" for k in range(1, GROUPS + 1) for name in NAMES]
    paired = tuple(groups[: 3 * len(NAMES)])
    return (
        Measure("p-peers", ROUGH, peers, crossed=True),
        Measure("p-peers-paired", _upto(GRADES**2), peers),
        Measure("p-group", ROUGH, tuple(groups), crossed=True),
        Measure("p-group-paired", _upto(GRADES**2), paired),
        Measure(
            "p-inside",
            _upto(GRADES + 1),
            tuple(f"{name}@{mark}" for name in NAMES for mark in INSIDE),
            sparse=True,
        ),
        Measure("best-tag", _upto(len(LABELS) * len(TAGS))),
        Measure("p-linked", _upto(GRADES * (len(LINK_EDGES) + 1)), NAMES),
        Measure("p-heading", _upto(GRADES + 1), NAMES, crossed=True, sparse=True),
        Measure("p-heading-around", _upto(GRADES + 1), NAMES, crossed=True, sparse=True),
        Measure("p-mass", MASSES, tuple(map(str, range(1, GROUPS + 1))), crossed=True),
        Measure("p-climb", CLIMB_STEPS, tuple(map(str, CLIMBS)), crossed=True),
        Measure("p-main", (1, 2, 3), crossed=True),
        Measure(
            "p-sides",
            _upto((len(SIDE_EDGES) + 1) ** 2),
            tuple(f"{name}@{k}" for k in (1, 2) for name in NAMES),
        ),
        Measure("sure", SURE_EDGES, tuple(groups), crossed=True),
    )


ADDED = ("sure",)
"""Families of `around_measures` that models of formats 1 to 3 have no weights for."""
