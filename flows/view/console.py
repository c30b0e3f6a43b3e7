"""Where the command line prints tables."""

from __future__ import annotations

from rich.console import Console


def wide_console() -> Console:
    """Standard output; wide enough for the tables where it is a pipe or a file."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 120))
