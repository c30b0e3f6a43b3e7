"""What the nouns are called on people's screens and in their spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.call import Channel
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Quarantine, Role
from pipeline.domain.verdict import MatchKind, RuleKind, Severity, VerdictValue

VERDICT_NAMES: Mapping[str, str] = {
    VerdictValue.VIOLATED: "违规",
    VerdictValue.SUSPECTED: "存疑",
    VerdictValue.PASSED: "通过",
    VerdictValue.NOT_APPLICABLE: "不适用",
    VerdictValue.UNDETERMINED: "无法判断",
}

RISK_FOUND = "风险"
"""A violated rule of kind risk: something about the customer, of which the agent is not guilty."""

KIND_NAMES: Mapping[str, str] = {
    RuleKind.SCRIPTED: "规范话术",
    RuleKind.BANNED: "禁语",
    RuleKind.BEHAVIOUR: "通话行为",
    RuleKind.PROCESS: "服务流程",
    RuleKind.RISK: "客户风险",
}

SEVERITY_NAMES: Mapping[str, str] = {Severity.CRITICAL: "严重", Severity.MAJOR: "重要", Severity.MINOR: "一般"}

MATCH_NAMES: Mapping[str, str] = {
    MatchKind.EXACT: "逐字",
    MatchKind.PATTERN: "句式",
    MatchKind.SOUND: "同音",
    MatchKind.CLOSE: "近音",
    MatchKind.MEASURE: "测量",
    MatchKind.ABSENCE: "缺失",
}

ROLE_NAMES: Mapping[str, str] = {Role.AGENT: "客服", Role.CUSTOMER: "客户", Role.SYSTEM: "系统", Role.OTHER: "说话人"}

QUARANTINE_NAMES: Mapping[str, str] = {
    Quarantine.NO_VOICE: "这里听不出人声",
    Quarantine.SILENCE: "识别引擎认为没有人说话",
    Quarantine.UNSURE: "识别引擎没有把握",
    Quarantine.REPEATED: "识别陷入重复",
    Quarantine.TOO_FAST: "快得不像人说的",
    Quarantine.STOCK: "识别引擎常凭空写出的话",
    Quarantine.LINE_SOUND: "这里是提示音或音乐",
    Quarantine.CROSSTALK: "对方的声音串了进来",
}

EMOTION_NAMES: Mapping[str, str] = {
    EmotionLabel.SATISFIED: "满意",
    EmotionLabel.CALM: "平静",
    EmotionLabel.ANXIOUS: "焦急",
    EmotionLabel.DISSATISFIED: "不满",
    EmotionLabel.ANGRY: "愤怒",
}

CHANNEL_NAMES: Mapping[str, str] = {Channel.VOICE: "电话", Channel.CHAT: "在线会话", Channel.EMAIL: "邮件"}


def clock(ms: int) -> str:
    """A place in a recording as players show it: `03:07`, from one hour on `1:03:07`."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
