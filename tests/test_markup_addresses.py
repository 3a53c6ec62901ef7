"""What is told of an address, against a plain reading of it, character by character."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.characters import CharacterClass, table
from paywallstrip.markup.addresses import KINDS, Addresses, read_addresses
from paywallstrip.markup.words import read_joined

BUILD = re.compile(r"(?:(?P<scheme>[^/:?#]*):)?(?://(?P<host>[^/?#]*))?(?P<path>[^?#]*)", re.DOTALL)
ADDRESSES = st.text(st.sampled_from("ab7/-_:?#. é٣\ud800"), max_size=20)


def read(*addresses: str) -> Addresses:
    return read_addresses(read_joined("\0".join([*addresses, ""])), np.arange(len(addresses)))


def plain(address: str) -> tuple[str, int, int, int]:
    """Kind, depth, digits and parts of an address."""
    match = BUILD.match(address)
    assert match is not None
    scheme, host, path = match["scheme"], match["host"], match["path"]
    if not address:
        return "none", 0, 0, 0
    if host is not None:
        kind = "web"
    elif scheme is not None:
        kind, path = "other", ""
    else:
        kind = "path"
    if address.startswith("#"):
        kind = "fragment"
    digit = [table().classes[min(ord(c), 0x10FFFF)] == CharacterClass.DIGIT for c in path]
    last = path.removesuffix("/").rpartition("/")[2]
    parts = last.count("-") + last.count("_") + 1 if last else 0
    return kind, path.count("/"), sum(digit), parts


@given(st.lists(ADDRESSES, max_size=4))
def test_an_address_is_taken_apart_as_by_hand(addresses: list[str]) -> None:
    found = read(*addresses)
    names = [KINDS[kind] for kind in found.kinds]
    rows = zip(names, found.depths, found.digits, found.parts, strict=True)
    assert list(rows) == [plain(address) for address in addresses]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "http://a.example/y/z"),
        ("//a.example", "https://A.example?q"),
        ("mailto:a@b.example", "mailto:c"),
        ("/a", "#b"),
    ],
)
def test_these_name_the_same_site(one: str, other: str) -> None:
    hosts = read(one, other).hosts
    assert hosts[0] == hosts[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "/x"),
        ("mailto:a", "tel:1"),
    ],
)
def test_these_name_different_sites(one: str, other: str) -> None:
    hosts = read(one, other).hosts
    assert hosts[0] != hosts[1]


def test_no_address_names_no_site() -> None:
    assert read("", "/a").hosts.tolist() == [0, 0]


def test_counts_stop_at_what_a_byte_holds() -> None:
    assert read("/" * 300 + "7" * 300).digits.tolist() == [255]
