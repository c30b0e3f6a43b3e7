"""What a cell may hold: each parser takes a cell of any type and gives the value of a `Call`, or refuses it."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from pipeline.domain.call import Channel
from pipeline.domain.transcript import Role
from pipeline.intake.moment import parse_moment
from pipeline.intake.place import RefusedError, quoted

CALL_ID_CHARS = 128
MAX_TURN_MS = 366 * 24 * 3_600_000  # a longer "time within the call" is a timestamp put in the wrong place
# Line breaks and tabs belong to text; other control characters and halves of a torn emoji do not.
_STRAY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CALL_ID = re.compile(r"[A-Za-z0-9._\-:@\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]+")
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_EXCEL_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"  # what may surround a value; str.strip() would take control characters too
_EXACT_FLOAT = 10**15  # Excel keeps 15 digits of a number: a longer one has lost its end
_NOT_SCORED = "改正前这通不评分,以免得出错误的结果"

_DIRECTIONS: dict[str, str] = {"inbound": "inbound", "呼入": "inbound", "outbound": "outbound", "呼出": "outbound"}
_SIDES: dict[str, int] = {
    "0": 0,
    "左": 0,
    "left": 0,
    "左声道": 0,
    "1": 1,
    "右": 1,
    "right": 1,
    "右声道": 1,
}
_ROLES: dict[str, Role] = {
    **{role.value: role for role in Role},
    "客服": Role.AGENT,
    "坐席": Role.AGENT,
    "座席": Role.AGENT,
    "客户": Role.CUSTOMER,
    "用户": Role.CUSTOMER,
    "顾客": Role.CUSTOMER,
    "系统": Role.SYSTEM,
    "机器人": Role.SYSTEM,
    "其他": Role.OTHER,
}
_ENDED_BY: dict[str, str] = {
    f"{name}{ending}": role.value for name, role in _ROLES.items() for ending in ("", "挂机", "挂断", "先挂")
}
_CHANNELS: dict[str, Channel] = {
    **{channel.value: channel for channel in Channel},
    "电话": Channel.VOICE,
    "语音": Channel.VOICE,
    "聊天": Channel.CHAT,
    "在线": Channel.CHAT,
    "邮件": Channel.EMAIL,
}


def as_text(value: object) -> str | None:
    """The cell as a person reads it, None when blank: 1001.0 is `1001`, midnight is the bare date."""
    if isinstance(value, str):
        return value.strip(_BLANKS) or None
    match value:
        case None:
            return None
        case bool():
            text = "true" if value else "false"
        case float() | Decimal():
            if math.isnan(value):
                return None
            text = str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
        case datetime():
            text = value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time():
            text = value.isoformat()
        case bytes():
            text = value.decode("utf-8", "backslashreplace")
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        case _:
            text = str(value)
    return text or None


def clean(text: str) -> str:
    """The text without NULs, other control characters and lone surrogates; all else as it is."""
    return _STRAY.sub("", text)


def call_id(value: object) -> str:
    """An id of at most 128 ASCII letters, digits, Chinese characters and `. _ - : @`."""
    text = identifier(value)
    if len(text) > CALL_ID_CHARS:
        raise RefusedError(f"通话编号有 {len(text)} 个字符,最多 {CALL_ID_CHARS} 个", "请缩短编号")
    if not _CALL_ID.fullmatch(text) or not any(c.isalnum() for c in text):
        raise RefusedError(f"通话编号 {quoted(text)} 含有不允许的字符", "编号只用字母、数字、汉字和 . _ - : @")
    return text


def identifier(value: object) -> str:
    """An id as text. Refuses numbers whose last digits Excel has already lost."""
    text = label(value)
    lost = isinstance(value, float) and abs(value) >= _EXACT_FLOAT
    if lost or _EXCEL_SCIENTIFIC.fullmatch(text):
        raise RefusedError(f"编号 {quoted(text)} 是被 Excel 截断的长数字", "请把这一列设为文本格式,重新填写完整编号")
    return text


def label(value: object) -> str:
    """A short text without control characters."""
    text = as_text(value) or ""
    if isinstance(value, dict | list):
        raise RefusedError(f"{quoted(text)} 不是单个值", "请只填一段文字或一个数字")
    if _CONTROL.search(text):
        raise RefusedError(f"{quoted(text)} 含有控制字符", "请删除不可见字符(换行、制表符、空字符)")
    if _EXCEL_ERROR.fullmatch(text):
        raise RefusedError(f"{quoted(text)} 是 Excel 公式的出错值", f"请修正公式或改填实际的值;{_NOT_SCORED}")
    return text


def number(value: object) -> float:
    """A finite number, zero or more."""
    text = unicodedata.normalize("NFKC", as_text(value) or "")
    if _NUMBER.fullmatch(text) is None or math.isinf(float(text)):
        raise RefusedError(f"{quoted(text)} 不是大于等于 0 的数字", f"请只填数字,不带单位;{_NOT_SCORED}")
    return float(text)


def turn_time_ms(value: object) -> int:
    """Milliseconds from the start of the contact; a fraction is rounded."""
    ms = round(number(value))
    if ms > MAX_TURN_MS:
        raise RefusedError(f"{ms} 毫秒超过一年", "请填从通话开始算起的毫秒数,而不是时间戳")
    return ms


def _choice(choices: Mapping[str, object], value: object) -> object:
    text = unicodedata.normalize("NFKC", as_text(value) or "")
    chosen = choices.get(text.casefold())
    if chosen is None:
        raise RefusedError(f"{quoted(text)} 不是可用的值", f"可用的值: {'、'.join(choices)};{_NOT_SCORED}")
    return chosen


direction = partial(_choice, _DIRECTIONS)
agent_channel = partial(_choice, _SIDES)
role = partial(_choice, _ROLES)
channel = partial(_choice, _CHANNELS)


def hangup_by(value: object) -> str:
    """`agent`, `customer` or `system` where the text says so; any other text as it is, since it harms no score."""
    text = label(value)
    return _ENDED_BY.get(unicodedata.normalize("NFKC", text).casefold(), text)


Parser = Callable[[object], object]


def call_parsers(zone: ZoneInfo) -> dict[str, Parser]:
    """How each column of a call is read; `zone` is that of times which name none."""
    return {
        "call_id": call_id,
        "channel": channel,
        "agent_id": identifier,
        "agent_name": label,
        "team": label,
        "customer_id": identifier,
        "started_at": lambda value: parse_moment(value, as_text(value) or "", zone),
        "direction": direction,
        "queue": label,
        "answered_after_s": number,
        "csat": number,
        "hangup_by": hangup_by,
        "ticket_id": identifier,
        "agent_channel": agent_channel,
    }
