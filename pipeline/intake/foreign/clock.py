"""Times as people and subtitles write them: `00:01:02,345`, `1:02.3`, `[00:05 - 00:09]`."""

from __future__ import annotations

import re

# The hour may be missing; colons may be of full width. A sign is taken so that a time before the start is told.
TIME = r"-?(?:[0-9]{1,3}[:\uff1a])?[0-9]{1,3}[:\uff1a][0-9]{2}(?:[.,\uff0c][0-9]{1,3})?"
_PARTS = re.compile(r"(-?)(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?", re.ASCII)
_FULL_WIDTH = str.maketrans("\uff1a\uff0c", ":,")


def clock_ms(written: str) -> int | None:
    """Milliseconds; negative for a time with a minus. None for a minute or second beyond 59 (minutes without an hour
    may be more), or anything else.

    >>> clock_ms("01:02:03,5"), clock_ms("75:12"), clock_ms("1:99")
    (3723500, 4512000, None)
    """
    found = _PARTS.fullmatch(written.translate(_FULL_WIDTH))
    if found is None:
        return None
    sign, hours, minutes, seconds, fraction = found.groups()
    if int(seconds) > 59 or (hours and int(minutes) > 59):
        return None
    whole_s = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    ms = whole_s * 1000 + int((fraction or "0").ljust(3, "0"))
    return -ms if sign else ms
