"""data-juicer: a mapper that leaves the body in a sample's text.

In a recipe, where `operators.py` holds `import paywallstrip.integrations.data_juicer`:

    custom_operator_paths: [operators.py]
    process:
      - paywallstrip_mapper:
          strictness: 0.5
"""

from collections.abc import Collection
from typing import Any

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, beside_missing, missing

try:
    from data_juicer.ops.base_op import OPERATORS, Mapper
except ModuleNotFoundError as error:
    raise missing(error, "py-data-juicer aiohttp") from error

NAME = "paywallstrip_mapper"


@OPERATORS.register_module(NAME)
class PaywallstripMapper(Mapper):
    """Keeps the body of a page's text, line by line, and drops everything around it.

    A sample of which no line is part of the body goes on with an empty text; data-juicer's
    `text_length_filter` drops it.

    Args:
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that this process and every worker can read; None for the
            shipped model.
        args: what every mapper takes.
        kwargs: what every mapper takes, such as `text_key`.

    Raises:
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
        ModelError: if the model is missing, damaged, or no model for text.
    """

    _batched_op = True

    def __init__(
        self,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
        model: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.settings = Settings(drop, strictness, model)
        # By default data-juicer's command logs what a batch raises, and goes on without the batch.
        self.settings.load()

    def process_batched(self, samples: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Clean the texts of a batch of samples; a missing one stays missing."""
        texts = samples[self.text_key]
        samples[self.text_key] = beside_missing(texts, self.settings.clean_many)
        return samples
