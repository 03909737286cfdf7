"""Hooks of the site: what comes from outside docs/, so that no page asks the network.

MathJax comes from its npm package, the gallery from notebooks/, the explorer from `derive explore`.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

from derive.commands.explore import series_script
from derive.write.explorer.page import explorer_page

HERE = Path(__file__).parent
SCRIPT = HERE / "node_modules" / "mathjax" / "es5" / "tex-svg.js"
ROOT = HERE.parent


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add MathJax's one file and the notebooks, before other plugins look at the files."""
    if not SCRIPT.exists():
        raise PluginError("MathJax is missing: npm install --prefix docs")
    files.append(File.generated(config, "javascripts/tex-svg.js", content=SCRIPT.read_bytes()))
    page = explorer_page(series_script, lambda name: None)
    files.append(File.generated(config, "explorer.html", content=page))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        files.append(
            File(f"notebooks/{notebook.name}", str(ROOT), config.site_dir, config.use_directory_urls)
        )
    return files
