"""Sphinx configuration. ``make docs`` builds this with every warning an error."""

from __future__ import annotations

from truceline import __version__

project = "Truceline"
author = "The Truceline authors"
copyright = "2026, The Truceline authors"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"Truceline {release}"
html_copy_source = False
html_show_sphinx = False
html_static_path: list[str] = []
