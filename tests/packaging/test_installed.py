"""What an installation does: from the wheel, with and without `[cli]`, and editable."""

from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Environment

pytestmark = pytest.mark.wheel

PAGE = """\
Home | News | Sport | Subscribe
Harbour bridge closes for repairs
The old harbour bridge closes on Monday for six weeks, the town council said on Friday.
Engineers found cracks in two of its four bearings during the spring inspection.
Subscribe to continue reading
"""
CLEAN = "import paywallstrip, sys; sys.stdout.write(paywallstrip.clean(sys.stdin.read()))"
WHERE = "import paywallstrip; print(paywallstrip.__file__)"
# What the extras and the development groups bring, by the names they are imported under.
EXTRAS = {"sklearn", "joblib", "scipy", "click", "rich", "turbohtml", "html_text", "lxml"}
EXTRAS |= {"ipykernel", "nbclient", "matplotlib", "pytest", "anywidget", "traitlets"}
EXTRAS |= {"markdown_it"}


@pytest.fixture(params=["installed", "with_cli", "editable"])
def environment(request: pytest.FixtureRequest) -> Environment:
    """Each kind of installation in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Environment)
    return found


def test_clean_finds_the_model(environment: Environment) -> None:
    body = environment.python(CLEAN, text=PAGE)
    assert "The old harbour bridge closes on Monday" in body
    assert "Subscribe to continue reading" not in body


def test_every_installation_gives_the_same_body(
    environment: Environment, editable: Environment
) -> None:
    assert environment.python(CLEAN, text=PAGE) == editable.python(CLEAN, text=PAGE)


def test_wheel_is_used_without_the_sources(installed: Environment) -> None:
    assert Path(installed.python(WHERE).strip()).is_relative_to(installed.folder)


def test_editable_install_is_the_checkout(editable: Environment) -> None:
    assert Path(editable.python(WHERE).strip()) == ROOT / "paywallstrip" / "__init__.py"


def test_base_install_brings_numpy_alone(installed: Environment) -> None:
    listed = installed.run("python", "-m", "pip", "list", "--format=freeze").stdout
    names = {line.partition("==")[0].lower() for line in listed.splitlines()}
    # Older Pythons put setuptools into every new environment.
    assert names - {"pip", "setuptools"} == {"paywallstrip", "numpy"}


def test_clean_imports_no_extra(environment: Environment) -> None:
    code = f"{CLEAN}; sys.stdout.write(repr({EXTRAS!r} & set(sys.modules)))"
    assert environment.python(code, text=PAGE).endswith("set()")


def test_the_widget_without_the_extra_gives_the_pip_line(installed: Environment) -> None:
    code = "try:\n    import paywallstrip.notebook\nexcept ImportError as error:\n    print(error)"
    assert 'pip install "paywallstrip[notebook]"' in installed.python(code)


def test_the_labelling_rules_are_found(environment: Environment) -> None:
    code = "from paywallstrip.training.labelling_rules import rules_text; print(rules_text()[:1])"
    assert environment.python(code) == "#\n"


def test_version_is_the_distribution_s(installed: Environment) -> None:
    code = (
        "import importlib.metadata, paywallstrip; "
        "print(importlib.metadata.version('paywallstrip') == paywallstrip.__version__)"
    )
    assert installed.python(code) == "True\n"


def test_console_script_without_the_extra_gives_the_pip_line_and_2(
    installed: Environment,
) -> None:
    done = installed.run("paywallstrip", "clean", text=PAGE, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "paywallstrip[cli]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_module_without_the_extra_gives_the_pip_line_and_2(installed: Environment) -> None:
    done = installed.run("python", "-m", "paywallstrip", check=False)
    assert done.returncode == 2
    assert 'pip install "paywallstrip[cli]"' in done.stderr


def test_console_script_cleans_with_the_extra(with_cli: Environment) -> None:
    output = with_cli.run("paywallstrip", "clean", text=PAGE).stdout
    assert output == with_cli.python(CLEAN, text=PAGE)
