"""Loads the plugin for `pytest runners`. The plugin itself is in pytest_assay/."""

from .pytest_assay.plugin import (  # noqa: F401
    pytest_addoption,
    pytest_collect_file,
    pytest_configure,
    pytest_configure_node,
    pytest_ignore_collect,
    pytest_report_header,
    pytest_unconfigure,
)
