"""Write what may be kept of the corpora: labels by line hash, and hashes of the bodies.

python tools/build_labels.py CORPUS

It writes models/labels/corpus.jsonl.xz and models/labels/bodies.jsonl; no text goes into either.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from paywallstrip.training.corpus import LabelledPage, read_bodies, read_labelled
from paywallstrip.training.files import open_write
from paywallstrip.training.further import line_hash
from paywallstrip.training.labelling_rules import rules_version
from paywallstrip.training.rebuild import BODY_HASHES, LABELS, KeptBody, body_hash
from paywallstrip.training.views import BODIES, LABELLED


def kept(page: LabelledPage, rules: str) -> dict[str, Any]:
    """Give a labelled page without its text, in the form of `models/labels/further.jsonl`."""
    runs = [[label, len(list(run))] for label, run in groupby(page.labels)]
    return {
        "id": page.id,
        "domain": page.domain,
        "converter": page.converter,
        "rules": rules,
        "labelled_by": "reading",
        # Folded as the rebuilt lines are; a few lines of the corpus hold narrow spaces.
        "hashes": [line_hash(" ".join(line.split())) for line in page.lines],
        "labels": runs,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Args:
        arguments: the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="the folder of the two corpora")
    corpus = parser.parse_args(arguments).corpus
    rules = rules_version()
    with open_write(LABELS) as file:
        for page in read_labelled(corpus / LABELLED):
            file.write(json.dumps(kept(page, rules), separators=(",", ":")) + "\n")
    with open_write(BODY_HASHES) as file:
        for body in read_bodies(corpus / BODIES):
            entry = KeptBody(body.id, body.domain, body.page_type, body_hash(body.body))
            file.write(json.dumps(asdict(entry), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
