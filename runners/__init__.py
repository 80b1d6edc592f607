"""This directory is a package, so that pytest does not take its conftest for that of another directory."""
