"""Labelled pages as labelling tools and spreadsheets write them.

`spans` turns their spans into lines, each format has a module, `convert` picks one by name.
"""
