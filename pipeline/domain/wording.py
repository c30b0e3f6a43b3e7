"""What the nouns are called on people's screens and in their spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.call import Channel
from pipeline.domain.course import Grade, TraitKind
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

TRAIT_NAMES: Mapping[str, str] = {
    TraitKind.IMPATIENT: "急躁型",
    TraitKind.UNREASONABLE: "无理取闹型",
    TraitKind.PREMIUM: "高端型",
    TraitKind.TALKATIVE: "话多型",
    TraitKind.DISSATISFIED: "潜在不满",
    TraitKind.THREAT_COMPLAINT: "投诉威胁",
    TraitKind.THREAT_REGULATOR: "监管威胁",
    TraitKind.THREAT_LEGAL: "诉讼或报警威胁",
    TraitKind.THREAT_MEDIA: "媒体威胁",
    TraitKind.OUT_OF_CONTROL: "情绪失控",
}

CHANNEL_NAMES: Mapping[str, str] = {Channel.VOICE: "电话", Channel.CHAT: "在线会话", Channel.EMAIL: "邮件"}

_GRADES: Mapping[str, str] = {
    Grade.NONE: "无",
    Grade.SIGNS: "有迹象",
    Grade.CLEAR: "明显",
    Grade.UNDETERMINED: "无法判断",
}
_CONTROL_GRADES: Mapping[str, str] = {**_GRADES, Grade.SIGNS: "苗头", Grade.CLEAR: "失控"}


def grade_name(kind: str, grade: str) -> str:
    """How a grade of a trait is called: loss of control has words of its own."""
    return (_CONTROL_GRADES if kind == TraitKind.OUT_OF_CONTROL else _GRADES)[grade]


def figure(value: float, unit: str) -> str:
    """A measured value with its unit: `65%` of a share, `4 句`, `0.31` where there is none."""
    return f"{value:.0%}" if unit == "%" else f"{value:.4g}{unit and ' ' + unit}"


def clock(ms: int) -> str:
    """A place in a recording as players show it: `03:07`, from one hour on `1:03:07`."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
