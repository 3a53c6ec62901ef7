"""Cleaning whole files: what `paywallstrip run` does.

In the order in which data flows: `inputs` finds the files, `checks` looks at them before anything
is written, `compression` opens them, the modules of the formats (`text`, `jsonl`, `parquet`,
`warc`) cut them into chunks and clean a chunk, `jobs` spreads the chunks over processes, `outputs`
writes what comes back, `notes` keeps of what and how, `run` ties them together. `records` holds
what is passed between them, `settings` what the user chose, `returnable` texts that may have to be
cleaned once more, when one among them is too large for the memory.
"""
