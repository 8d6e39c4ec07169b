"""What Sphinx is told of the site."""

project = "Shared memory in Python, step by step"
html_title = project
copyright = "the authors of the course. Text and pictures: CC BY 4.0. Code: MIT"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
language = "en"
smartquotes_action = "D"
# A name in a docstring is a link where it is one of ours.
default_role = "py:obj"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
# An excerpt would be fetched, which a browser refuses to do from a disk.
html_show_search_summary = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#00508c",
        "color-brand-content": "#00508c",
        "shade": "#f3f5f8",
        "call": "#fff6b8",
        "call-rule": "#8a6d00",
        "in-light": "block",
        "in-dark": "none",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ecbff",
        "color-brand-content": "#8ecbff",
        "shade": "#2b2b2b",
        "call": "#2b2600",
        "call-rule": "#f0e442",
        "in-light": "none",
        "in-dark": "block",
    },
}

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_use_ivar = True
