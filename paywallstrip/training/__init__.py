"""Training and evaluation: corpora, views, fitting, figures; the core never imports it.

`train` needs the extra `[train]`; importing this package does not.
"""

from paywallstrip.training.api import LabelledText, evaluate, train

__all__ = ["LabelledText", "evaluate", "train"]
