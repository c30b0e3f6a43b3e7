"""The steps by which a run ledger's tables came to be; run when a ledger is opened."""

from __future__ import annotations

HEAD = "ledger_0001"
"""The newest revision in `versions/`."""

VERSION_TABLE = "zhijian_ledger_version"
"""Not Alembic's usual name, so that the ledger can share a database with other programs."""
