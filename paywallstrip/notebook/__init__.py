"""Labelling pages in a notebook; needs the extra `[notebook]`, and the core never imports it."""

from paywallstrip.notebook.widget import Labeller

__all__ = ["Labeller"]
