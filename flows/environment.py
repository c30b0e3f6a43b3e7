"""How Prefect runs here: quiet, no telemetry, no network beyond loopback, its state in the lake. Set before import."""

from __future__ import annotations

import os
from pathlib import Path


def prepare_prefect(lake: Path) -> None:
    """Sets what the user has not set. With PREFECT_API_URL set, that server is used; otherwise a temporary one."""
    home = (lake / "_state" / "prefect").resolve()
    # Errors reach the user as our own sentences; Prefect would print a traceback beside them.
    defaults = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_HOME": str(home),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
