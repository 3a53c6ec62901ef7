"""`python -m paywallstrip`: the command line without its console script."""

from paywallstrip.cli.entry import main

if __name__ == "__main__":
    main()
