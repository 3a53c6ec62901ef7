"""The library's pipeline once more, slow and plain: loops over characters, words and lines.

It shares the committed character table, the names and edges of the measures and the
weights of a model with the library; everything between them is written anew, from what
the documentation of each step says. Nothing here knows arrays, hashing tables or batches.
"""
