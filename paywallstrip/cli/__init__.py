"""The command line, `paywallstrip`; needs the extra `[cli]`."""
