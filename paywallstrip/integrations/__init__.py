"""Adapters for the frameworks people scrape and build corpora with; the core imports none.

Each module belongs to one framework, which it imports and which the user installs. What
all of them share stands in `settings`, and in `arrow` for those that pass record batches.
"""
