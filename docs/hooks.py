"""Hooks of the site: MathJax comes from its npm package into the site, so that no page asks the network."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

SCRIPT = Path(__file__).parent / "node_modules" / "mathjax" / "es5" / "tex-svg.js"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add MathJax's one file to the site."""
    if not SCRIPT.exists():
        raise PluginError("MathJax is missing: npm ci --prefix docs")
    files.append(File.generated(config, "javascripts/tex-svg.js", content=SCRIPT.read_bytes()))
    return files
