"""How often numpy goes over the arrays of a batch, counted and not timed.

    python -m benchmarks.passes FOLDER

prints JSON. The library's modules are compiled anew, in this process alone, with a counter
around every expression that may make an array.
"""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.machinery
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

PACKAGE = "paywallstrip"
_SEEN, _WRITTEN = "__count_new__", "__count_written__"


class Counter:
    """Counts the arrays that are filled.

    Attributes:
        entries: how many entries each had.
        bytes: what they held together.
    """

    def __init__(self) -> None:
        self.on = False
        self.entries: list[int] = []
        self.bytes = 0
        # Held, so that no other array gets the same id.
        self._held: dict[int, Any] = {}

    def new(self, value: Any) -> Any:
        """Count an array that owns its data, the first time it is seen; pass it on."""
        fresh = self.on and type(value) is np.ndarray and value.base is None
        if fresh and id(value) not in self._held:
            self._held[id(value)] = value
            self._add(value)
        return value

    def written(self, value: Any) -> Any:
        """Count an array, or a part of one, that was written to; pass it on."""
        if self.on and isinstance(value, np.ndarray):
            self._held.setdefault(id(value), value)
            self._add(value)
        return value

    def _add(self, value: Any) -> None:
        self.entries.append(value.size)
        self.bytes += value.nbytes


class _Marker(ast.NodeTransformer):
    """Puts a call of the counter around what may make an array or write to one."""

    def _mark(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._call(_SEEN, node)

    visit_BinOp = visit_UnaryOp = visit_Compare = _mark  # noqa: N815 - named by ast

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        out = any(each.arg == "out" for each in node.keywords)
        return self._call(_WRITTEN if out else _SEEN, node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        return self._call(_SEEN, node) if isinstance(node.ctx, ast.Load) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        return [node, self._written(node, node.target)]

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        into = [each for each in node.targets if isinstance(each, ast.Subscript)]
        return [node, *(self._written(node, each) for each in into)]

    def _written(self, node: ast.stmt, target: ast.expr) -> ast.stmt:
        target = ast.parse(ast.unparse(target), mode="eval").body
        return ast.copy_location(ast.Expr(self._call(_WRITTEN, target)), node)

    @staticmethod
    def _call(name: str, value: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(name, ast.Load()), [value], [])


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Neither reads the cache of compiled modules nor writes to it.
        path = self.get_filename(fullname)
        tree = _Marker().visit(ast.parse(self.get_data(path)))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname.partition(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def install(counter: Counter) -> None:
    """Let every module of the library that is imported from now on report to a counter.

    Args:
        counter: the counter.

    Raises:
        RuntimeError: if the library is imported already.
    """
    if PACKAGE in sys.modules:
        raise RuntimeError(f"{PACKAGE} is imported already: count in a fresh process")
    setattr(builtins, _SEEN, counter.new)
    setattr(builtins, _WRITTEN, counter.written)
    sys.meta_path.insert(0, _Finder())


def count_passes(texts: Sequence[str], counter: Counter) -> dict[str, Any]:
    """Count what one batch fills.

    Args:
        texts: the batch.
        counter: an installed counter.

    Returns:
        What the batch holds, how many arrays are filled by how large they are, and how many
        bytes that is for each character.
    """
    from paywallstrip import Classifier

    classifier = Classifier.load()
    # What is made once of the model is not part of a batch.
    list(classifier.clean_many(texts))
    words = int(classifier.model.extractor.read(texts).tokens.bounds[-1])
    counter.on = True
    list(classifier.clean_many(texts))
    counter.on = False
    characters = sum(map(len, texts))
    lines = sum(1 for text in texts for line in text.split("\n") if line.strip())
    return {
        "characters": characters,
        "words": words,
        "lines": lines,
        "passes": _by_size(counter.entries, characters, words, lines),
        "bytes a character": counter.bytes / characters,
    }


def _by_size(entries: Sequence[int], characters: int, words: int, lines: int) -> dict[str, int]:
    found = {"characters": 0, "words": 0, "lines": 0, "fewer": 0}
    for size in entries:
        if size >= characters:
            found["characters"] += 1
        elif size >= words:
            found["words"] += 1
        elif size >= lines:
            found["lines"] += 1
        else:
            found["fewer"] += 1
    return found


def main() -> None:
    """Count and print."""
    counter = Counter()
    install(counter)
    # These import the library, too: only now.
    from benchmarks.inputs import Inputs
    from paywallstrip.pool import BATCH_CHARACTERS

    batch: list[str] = []
    held = 0
    for text in Inputs.read(Path(sys.argv[1])).texts:
        if batch and held + len(text) >= BATCH_CHARACTERS:
            break
        batch.append(text)
        held += len(text)
    print(json.dumps(count_passes(batch, counter)))


if __name__ == "__main__":
    main()
