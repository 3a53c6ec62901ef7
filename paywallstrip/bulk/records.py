"""What is passed between the stages: chunks, what became of them, and places in an input."""

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

from paywallstrip.labels import LABELS
from paywallstrip.outcome import Outcome

CHUNK_BYTES = 8 << 20
"""What is read for one task: large, as the first and the last batch of each are small."""
CHUNK_RECORDS = 1 << 12
"""Records of one task, however short: each costs memory beside its text. JSON lines are counted
once a piece of the file is read, and may be some thousand more."""
PAGE_BYTES = 100_000_000
"""What a record may hold, uncompressed: a few bytes can become more than the memory holds."""
TOO_LARGE = f"more than {PAGE_BYTES:,} bytes, the most that a page may have"
NO_MEMORY = "too large for the memory there is"


class BulkError(Exception):
    """A run that cannot start or go on; the message says why and what to do."""


class DamagedError(ValueError):
    """An input that cannot be read from some place on, though it was opened."""


def reason_of(error: Exception) -> str:
    """Say why a record could not be read: want of memory has no message, or one for experts."""
    return NO_MEMORY if isinstance(error, MemoryError) else str(error) or type(error).__name__


class Mark(NamedTuple):
    """A place in an input from which reading can go on.

    Attributes:
        offset: bytes of the input before it, uncompressed; 0 where a format does not use it.
        number: lines, rows or records before it.
    """

    offset: int = 0
    number: int = 0


class Reject(NamedTuple):
    """A record, or a stretch of the input, that could not be processed.

    Attributes:
        unit: what `number` counts: "line" (from 1), "row" (from 0) or "byte" (from 0).
        number: where it is.
        reason: why, for people.
        records: how many records it stands for.
    """

    unit: str
    number: int
    reason: str
    records: int = 1


def unreadable(error: OSError | ValueError | MemoryError, byte: int = 0) -> Reject:
    """Say that an input cannot be read from some byte on."""
    reason = (isinstance(error, OSError) and error.strerror) or reason_of(error)
    return Reject("byte", byte, f"cannot be read: {reason}")


class Chunk(NamedTuple):
    """A piece of an input, small enough to be sent to a worker.

    Attributes:
        payload: what the format's `clean` takes; None if there is nothing to clean.
        first: the number of its first line, row or record.
        after: where reading goes on behind it.
        consumed: bytes of the file read until its end, as they stand on the disk.
        rejects: what could not even be read.
        left_out: how many records of no type wanted were passed over.
    """

    payload: Any
    first: int
    after: Mark
    consumed: int
    rejects: tuple[Reject, ...] = ()
    left_out: int = 0


@dataclass
class Totals:
    """Counts over records; they add up.

    Attributes:
        records: records cleaned, those without text included.
        rejected: records that could not be.
        left_out: records that are no pages, of archives.
        emptied: records with lines of which none stays.
        characters: characters in lines.
        kept: characters in lines that stay.
        lines: lines of each label, in the order of `LABELS`.
    """

    records: int = 0
    rejected: int = 0
    left_out: int = 0
    emptied: int = 0
    characters: int = 0
    kept: int = 0
    lines: list[int] = field(default_factory=lambda: [0] * len(LABELS))

    def count(self, outcome: Outcome | None) -> None:
        """Count one record; None for one without text."""
        self.records += 1
        if outcome is None:
            return
        self.emptied += outcome.emptied
        self.characters += outcome.characters
        self.kept += outcome.kept_characters
        counts = outcome.counts
        self.lines = [old + counts[label] for old, label in zip(self.lines, LABELS, strict=True)]

    def reject(self, rejects: "tuple[Reject, ...] | list[Reject]") -> None:
        """Count what was rejected."""
        self.rejected += sum(reject.records for reject in rejects)

    def add(self, other: Self) -> None:
        """Add other counts to these."""
        for name in ("records", "rejected", "left_out", "emptied", "characters", "kept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lines = [a + b for a, b in zip(self.lines, other.lines, strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; `Totals(**record)` reads them."""
        return asdict(self)


class Cleaned(NamedTuple):
    """What became of a chunk.

    Attributes:
        output: what the format's sink takes; None if nothing is to be written.
        rejects: records that could not be cleaned.
        totals: what was counted, the rejects included.
    """

    output: Any
    rejects: list[Reject]
    totals: Totals
