"""Texts given to a stream that may fail in the midst of them, to be given again."""

from collections import deque
from collections.abc import Iterable, Iterator


class Returnable(Iterator[str]):
    """An iterator over texts that remembers those of which nothing has come back yet.

    Args:
        texts: the texts; read no further ahead than they are asked for.

    Attributes:
        failed: whether the memory did not suffice for reading them: they end there, too soon.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.failed = False
        self._texts = iter(texts)
        self._again: deque[str] = deque()
        self._out: deque[str] = deque()

    def __next__(self) -> str:
        try:
            text = self._again.popleft() if self._again else next(self._texts)
        except MemoryError:
            self.failed = True
            raise
        self._out.append(text)
        return text

    def taken(self) -> bool:
        """Forget the first text that is out; tell whether there was one."""
        if self._out:
            self._out.popleft()
            return True
        return False

    def give_back(self) -> None:
        """Let the texts that are out be given once more, in order."""
        self._again.extendleft(reversed(self._out))
        self._out.clear()
