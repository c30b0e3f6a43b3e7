"""Turns what a user hands in (recordings, folders, manifests, chat logs) into calls and problems.

The import is light: openpyxl, XlsxWriter and pyarrow are loaded only by the functions that need them.
"""

from pipeline.intake.reader import Intake, read
from pipeline.intake.template import manifest_template

__all__ = ["Intake", "manifest_template", "read"]
