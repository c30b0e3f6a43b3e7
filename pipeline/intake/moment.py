"""When a contact started: the ways in which users and their systems write a moment."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from pipeline.intake.place import RefusedError, quoted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1990, 2101)  # outside of them a date is a slip of the pen or a number of another kind

_CHINESE = str.maketrans({"年": "-", "月": "-", "日": " ", "时": ":", "点": ":", "分": ":", "秒": ""})
_OFFSET = r"(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?"
_SPACED = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    rf"\s*{_OFFSET})?",
    re.ASCII,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<fraction>){_OFFSET})?",
    re.ASCII,
)
_EPOCH_S = re.compile(r"\d{10}(\.\d+)?", re.ASCII)
_EPOCH_MS = re.compile(r"\d{13}", re.ASCII)


def parse_moment(value: object, text: str, zone: ZoneInfo) -> datetime:
    """The moment as aware UTC; `text` is the cell as a person reads it.

    Takes ISO 8601, `2026/1/5 9:03`, `2026年1月5日 9:03:00`, `20260105090300`, epoch seconds (10 digits) or
    milliseconds (13), and typed dates of Excel and Parquet. Without an offset it is local time in `zone`.
    """
    try:
        moment = _typed(value) or _written(unicodedata.normalize("NFKC", text).upper().strip())
        if moment is not None and moment.year in _YEARS:
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # the 31st of June, or 25:00
    raise RefusedError(
        f"{quoted(text)} 不是可识别的时间",
        "请写成 2026-01-05 09:03:00 这样的形式(Excel 中设为日期格式);改正前这通不评分,以免计入错误的日期",
    )


def _typed(value: object) -> datetime | None:
    if isinstance(value, datetime):
        # Rebuilt, as libraries hand out subclasses of datetime of their own.
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return datetime(value.year, value.month, value.day, *clock, tzinfo=value.tzinfo)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return None


def _written(text: str) -> datetime | None:
    if _EPOCH_S.fullmatch(text):
        return _EPOCH + timedelta(seconds=float(text))
    if _EPOCH_MS.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(text))
    if "年" in text:
        text = text.translate(_CHINESE).strip(" :")
    found = _SPACED.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    numbers = (int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second"))
    micros = int((found["fraction"] or "").ljust(6, "0")[:6])
    # mypy does not see that the pattern gives all six numbers.
    return datetime(*numbers, micros, tzinfo=_offset(found["offset"]))  # type: ignore[misc, arg-type]


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
