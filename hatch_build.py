"""Build hook: the shipped models and the labelling rules go inside the wheel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ModelsHook(BuildHookInterface[Any]):
    """Puts what lies beside the package into the wheel's package.

    Every `models/<name>` of the checkout becomes `paywallstrip/_models/<name>`, and
    `docs/LABELS.md` becomes `paywallstrip/_docs/LABELS.md`.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the model folders and the rules to what the wheel takes in.

        Args:
            version: what is built, "standard" or "editable".
            build_data: the build's settings, changed in place.

        Raises:
            FileNotFoundError: there is no model; a wheel without one would install, then fail.
        """
        # An editable install reads models/ where it lies; a copy beside it would go stale,
        # and training the first model needs an install before there is one.
        if self.target_name != "wheel" or version == "editable":
            return
        models = Path(self.root, "models")
        folders = sorted(path.parent for path in models.glob("*/*.npz"))
        if not folders:
            raise FileNotFoundError(f"no model in {models}: train one before building a wheel")
        for folder in folders:
            build_data["force_include"][str(folder)] = f"paywallstrip/_models/{folder.name}"
        rules = Path(self.root, "docs", "LABELS.md")
        build_data["force_include"][str(rules)] = f"paywallstrip/_docs/{rules.name}"
