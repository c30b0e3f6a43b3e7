"""What the numbers of identity and bank cards look like; whether one is real, its check digit says."""

from __future__ import annotations

import re

IDENTITY = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
"""18 places: region, birthday, serial number, check digit (GB 11643)."""

CARD = re.compile(r"[3-9][0-9]{14,18}")
"""15 to 19 digits (ISO/IEC 7812); the first tells banking and travel from other issuers."""
