"""How Sphinx builds these pages."""

from importlib.metadata import version as version_of

project = "Trialwright"
author = "the Trialwright authors"
project_copyright = author
release = version = version_of("trialwright")

extensions = ["myst_parser", "sphinx.ext.doctest"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = project
