"""Attributes that are made when first asked for, without a lock that a fork would take along."""

import pickle
import threading

import pytest

from paywallstrip import classify, cues
from paywallstrip.cues import compile_cues
from paywallstrip.lines import Ints
from paywallstrip.once import made_once
from paywallstrip.tokens import Hashes
from tests.toy import CUES


class Counted:
    def __init__(self) -> None:
        self.calls = 0

    @made_once
    def value(self) -> list[int]:
        """What is counted."""
        self.calls += 1
        return [self.calls]


def test_it_is_made_once() -> None:
    counted = Counted()
    assert counted.value is counted.value
    assert counted.calls == 1


class Overtaken:
    """Its value is made once more before it is there, as by another thread."""

    @made_once
    def value(self) -> object:
        if not hasattr(self, "begun"):
            self.begun = True
            self.first = self.value
        return object()


def test_two_that_make_it_at_once_are_given_the_same() -> None:
    overtaken = Overtaken()
    assert overtaken.value is overtaken.first


def test_each_object_has_its_own() -> None:
    assert Counted().value is not Counted().value


def test_it_is_described_as_its_method_is() -> None:
    assert Counted.value.__doc__ == "What is counted."


def test_a_page_pickles_without_what_was_made_of_it() -> None:
    page = classify("Log in")
    assert page.removed
    assert list(pickle.loads(pickle.dumps(page)).__dict__) == ["lines", "body"]


def test_a_sieve_is_made_while_another_thread_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # A lock between the two would be taken along by a worker that is forked meanwhile.
    other = threading.Thread(target=lambda: compile_cues(CUES).sieve, daemon=True)
    real = cues._sieve_cells
    waits: list[bool] = []

    def cells(hashes: Hashes) -> Ints:
        if threading.current_thread() is not other and not waits:
            other.start()
            other.join(5)
            waits.append(other.is_alive())
        return real(hashes)

    monkeypatch.setattr(cues, "_sieve_cells", cells)
    assert compile_cues(CUES).sieve.any()
    assert waits == [False]
