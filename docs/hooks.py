"""Hooks of the site: what comes from outside docs/, so that no page asks the network.

MathJax, and what search needs where pages are opened from a disk, come from their npm packages, the
gallery from notebooks/, the explorer from `derive explore`.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

from derive.commands.explore import series_script
from derive.write.explorer.page import explorer_page

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
SCRIPTS = {
    "javascripts/tex-svg.js": PACKAGES / "mathjax" / "es5" / "tex-svg.js",
    "javascripts/iframe-worker.js": PACKAGES / "iframe-worker" / "shim" / "index.js",
}
ROOT = HERE.parent


@event_priority(100)
def on_config(config: MkDocsConfig) -> None:
    """What lets a page that is opened from a disk search; the plugin "offline" would ask a server for it."""
    config.extra["polyfills"] = ["javascripts/iframe-worker.js"]


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the scripts and the notebooks, before other plugins look at the files."""
    for name, script in SCRIPTS.items():
        if not script.exists():
            raise PluginError(f"{script.name} is missing: npm install --prefix docs")
        files.append(File.generated(config, name, content=script.read_bytes()))
    page = explorer_page(series_script, lambda name: None)
    files.append(File.generated(config, "explorer.html", content=page))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        files.append(
            File(f"notebooks/{notebook.name}", str(ROOT), config.site_dir, config.use_directory_urls)
        )
    return files
