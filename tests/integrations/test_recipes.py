"""The recipes in docs/recipes.md, run as they stand there."""

import gzip
import html
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import clean
from tests.written import read_page

RECIPES = Path(__file__).parents[2] / "docs" / "recipes.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGE = read_page("sample-metered-en")
CONTENT = "The coat is still there."
WALL = "Already a subscriber?"


def read_recipes() -> dict[str, list[str]]:
    """Return the code blocks of each recipe, by its heading."""
    parts = re.split(r"^### (.+)\n", RECIPES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    found = zip(parts[0::2], parts[1::2], strict=True)
    return {name: [code for _, code in BLOCK.findall(text)] for name, text in found}


def page_html() -> str:
    """Return the written page as HTML: its kinds of line in elements that suit them."""
    tags = {"content": "p", "paywall": "p", "navigation": "div", "related-links": "li"}
    texts = (line for line in PAGE.text.splitlines() if line)
    lines = [
        f"<{tags[label]}>{html.escape(text)}</{tags[label]}>"
        for label, text in zip(PAGE.labels, texts, strict=True)
    ]
    body = "\n".join(lines)
    return f'<html lang="en"><head><title>A mill</title></head><body><article>{body}</article></body></html>'


# What each recipe imports, and what to run after it to write the body to body.txt.
EXTRACTORS = {
    "trafilatura": "trafilatura",
    "newspaper4k": "newspaper",
    "readability-lxml": "readability",
    "goose3": "goose3",
    "jusText": "justext",
    "BeautifulSoup": "bs4",
    "Markdown": "markdownify",
    "news-please": "newsplease",
}
OTHERS: dict[str, tuple[str, str]] = {
    "pandas": ("pandas", "body = frame.body[0]"),
    "LangChain": ("langchain_core", "body = documents[0].page_content"),
    "LlamaIndex": ("llama_index", "body = nodes[0].text"),
    "Spark": ("pyspark", "body = spark.read.parquet('bodies').collect()[0].body"),
    "Ray": ("ray", "body = ray.data.read_parquet('bodies').take_all()[0]['body']"),
    "datatrove": ("datatrove", "body = next(iter(JsonlReader('bodies')())).text"),
    "data-juicer": ("data_juicer", "body = cleaned.to_list()[0]['text']"),
    "NeMo Curator": ("nemo_curator", "body = stage.modifier_fn[0].modify_document(text)"),
}
PREPARE = {
    "pandas": "import pandas; frame = pandas.DataFrame({'text': [text, None]})",
    "Spark": "import os, sys; os.environ['PYSPARK_PYTHON'] = sys.executable",
    "Ray": "import ray; ray.init(num_cpus=4, include_dashboard=False)",
}
# These have tests of their own below.
CONFIGURED = ["Scrapy", "news-please's crawler", "dolma"]


def need(module: str) -> None:
    """Skip where a package is missing, and where Spark has no Java."""
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    if module == "pyspark":
        from shutil import which

        if not (which("java") or os.environ.get("JAVA_HOME")):
            pytest.skip("Spark needs Java")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the page in the forms that the recipes read."""
    (tmp_path / "page.txt").write_text(PAGE.text, "utf-8")
    (tmp_path / "page.html").write_text(page_html(), "utf-8")
    (tmp_path / "pages").mkdir()
    return tmp_path


def run(name: str, folder: Path, after: str = "") -> str:
    """Run a recipe in a process of its own and return the body it made."""
    code = read_recipes()[name][0]
    program = "\n".join(
        [
            "from pathlib import Path",
            "html, text = Path('page.html').read_text('utf-8'), Path('page.txt').read_text('utf-8')",
            PREPARE.get(name, ""),
            code,
            after,
            "Path('body.txt').write_text(body, 'utf-8')",
        ]
    )
    (folder / "recipe.py").write_text(program, "utf-8")
    environment = {**os.environ, "RAY_AUTH_MODE": "disabled", "PYTHONWARNINGS": "ignore"}
    environment["RAY_worker_niceness"] = "0"
    # The checkout that is tested, wherever the recipe runs.
    environment["PYTHONPATH"] = str(RECIPES.parents[1])
    done = subprocess.run(
        [sys.executable, "recipe.py"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return (folder / "body.txt").read_text("utf-8")


def test_every_recipe_is_tested() -> None:
    assert sorted(read_recipes()) == sorted([*EXTRACTORS, *OTHERS, *CONFIGURED])


@pytest.mark.parametrize("name", EXTRACTORS)
def test_after_an_extractor_the_body_is_left_without_the_wall(name: str, folder: Path) -> None:
    need(EXTRACTORS[name])
    body = run(name, folder)
    assert (CONTENT in body, WALL in body) == (True, False)


@pytest.mark.parametrize("name", OTHERS)
def test_a_recipe_gives_the_body(name: str, folder: Path) -> None:
    module, after = OTHERS[name]
    need(module)
    if name in ("Spark", "Ray"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"text": [PAGE.text]}), folder / "pages" / "0.parquet")
    (folder / "pages" / "0.jsonl").write_text(json.dumps({"text": PAGE.text, "id": "0"}) + "\n")
    if name in ("Spark", "Ray"):
        (folder / "pages" / "0.jsonl").unlink()
    assert run(name, folder, after) == clean(PAGE.text)


def test_scrapy_reads_the_settings(folder: Path) -> None:
    need("scrapy")
    from scrapy.pipelines import ItemPipelineManager
    from scrapy.utils.test import get_crawler

    settings: dict[str, Any] = {}
    (code,) = read_recipes()["Scrapy"]
    exec(code, settings)
    settings.pop("__builtins__")
    manager = ItemPipelineManager.from_crawler(get_crawler(settings_dict=settings))
    (pipeline,) = manager.middlewares
    assert (type(pipeline).__name__, pipeline.emptied) == ("BodyPipeline", "drop")


def test_news_please_reads_the_pipelines(folder: Path) -> None:
    need("newsplease")
    from newsplease.config import CrawlerConfig
    from scrapy.utils.misc import load_object

    (block,) = read_recipes()["news-please's crawler"]
    (folder / "config.cfg").write_text(f"[Scrapy]\n{block}\n[Crawler]\n", "utf-8")
    config = CrawlerConfig.get_instance()
    config.setup(str(folder / "config.cfg"))
    pipelines = config.get_scrapy_options()["ITEM_PIPELINES"]
    names = [load_object(path).__name__ for path in sorted(pipelines, key=pipelines.get)]
    assert names == ["ArticleMasterExtractor", "ArticlePipeline", "JsonFileStorage"]


def test_dolma_tags_and_mixes(folder: Path) -> None:
    need("dolma")
    commands, mix = read_recipes()["dolma"]
    (folder / "mix.json").write_text(mix, "utf-8")
    (folder / "corpus" / "documents").mkdir(parents=True)
    row = json.dumps({"id": "0", "source": "test", "text": PAGE.text}) + "\n"
    (folder / "corpus" / "documents" / "0.jsonl.gz").write_bytes(gzip.compress(row.encode()))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}
    program = ["bash", "-e", "-c", commands]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (out,) = (folder / "bodies").glob("*.gz")
    assert json.loads(gzip.decompress(out.read_bytes()))["text"] == clean(PAGE.text)
