"""Whether corpora are those that the shipped models were trained on, and what a model is named."""

from pathlib import Path
from typing import Any

from paywallstrip.training.corpus import read_bodies, read_labelled
from paywallstrip.training.files import folder_name
from paywallstrip.training.further import read_further
from paywallstrip.training.rebuild import BODY_HASHES, LABELS, read_kept_bodies
from paywallstrip.training.views import BODIES, LABELLED

SHARE = 0.9
"""The share of the shipped models' pages that corpora must have to pass for theirs."""


def identify(corpus: Path, out: Path, shipped: str) -> dict[str, Any]:
    """Name a model, and say whether it is of the shipped models' corpora.

    Args:
        corpus: the folder of the corpora.
        out: the model's folder.
        shipped: the name of the shipped model.

    Returns:
        That name and `corpora`, for which the card lists sources; a model of other corpora is
        named after its folder.
    """
    if are_shipped(corpus):
        return {"name": shipped, "corpora": True}
    return {"name": folder_name(out)}


def are_shipped(corpus: Path) -> bool:
    """Tell the shipped models' corpora from others, by the ids of the pages.

    Args:
        corpus: the folder of the corpora; some pages may be missing, as when they were rebuilt.

    Returns:
        Whether they are; False where the labels that a checkout has are missing.
    """
    if not (LABELS.exists() and BODY_HASHES.exists()):
        return False
    known = {page.id for page in read_further(LABELS)}
    known |= {page.id for page in read_kept_bodies(BODY_HASHES)}
    found = {page.id for page in read_labelled(corpus / LABELLED)}
    found |= {page.id for page in read_bodies(corpus / BODIES)}
    return found <= known and len(found) >= SHARE * len(known)
