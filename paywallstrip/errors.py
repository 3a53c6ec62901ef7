"""The exceptions of the package.

PaywallstripError
├── ModelError            a model folder that cannot be used
│   ├── ModelNotFoundError    missing, or a file of it is
│   ├── ModelFormatError      another format version, or not a model at all
│   ├── ModelSchemaError      made for other features than this version's
│   ├── ModelDamagedError     cut off, of wrong shapes or types, or too large
│   └── ModelKindError        asked for the verbs of the other kind, text or html
├── TextError             a text in a batch that cannot be taken
├── PageError             an HTML page that grows out of bounds when it is parsed
└── DataError             training data that cannot be used
"""


class PaywallstripError(Exception):
    """Base of the errors in this module.

    Wrong arguments raise a plain TypeError, ValueError or IndexError instead.
    """


class ModelError(PaywallstripError):
    """A model folder that cannot be used."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """The model folder, or a file that must be in it, is missing."""


class ModelFormatError(ModelError, ValueError):
    """The folder is no model, or of a format version this release cannot read."""


class ModelSchemaError(ModelError, ValueError):
    """The model was trained on other features than this release computes."""


class ModelDamagedError(ModelError, ValueError):
    """The model's arrays are cut off, of wrong shapes or types, or too large."""


class ModelKindError(ModelError, TypeError):
    """The model is of one kind, text or html, and was asked for the verbs of the other."""


class TextError(PaywallstripError, TypeError):
    """A text in a batch that cannot be taken; the message names its index.

    Attributes:
        index: the element's place in the batch, from 0; None where it is not known.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class PageError(PaywallstripError, ValueError):
    """An HTML page whose markup grows out of bounds when it is parsed."""


class DataError(PaywallstripError, ValueError):
    """Training data that cannot be used; the message names file and line where known."""
