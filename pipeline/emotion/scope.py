"""Whose feeling a word tells, and whether it is denied: 我没生气, 我妈很着急.

A model that counts words takes both for the speaker's. So before it counts, a word of feeling that is denied becomes
one mark, and one that is told of somebody else another; what the marks say of an emotion it learns like any word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.text.classify.features import BREAK

DENIED, TOLD = "㊀", "㊁"
"""Plain text holds neither: its NFKC form makes 一 and 二 of them."""

_FEELINGS = frozenset(
    "生气 气死 气坏 气急 来气 置气 赌气 动气 火气 窝火 恼火 火大 上火 发火 冒火 光火 急眼 发飙 炸毛 暴躁 "
    "暴跳 翻脸 甩脸子 发脾气 闹脾气 闹情绪 有情绪 情绪激动 激动 愤怒 上头 崩溃 着急 心急 焦急 焦虑 担心 "
    "担忧 害怕 慌 紧张 不满意 不满 不高兴 不开心 不乐意 不爽 不痛快 失望 心寒 寒心 受不了 忍不了 郁闷 委屈 "
    "无语 闹心 后悔 抱怨 埋怨 嚷嚷 嚷".split()
)
_AT_OTHERS = frozenset(
    "恶心 讨厌 嫌 嫌弃 误会 责怪 怪罪 较真 计较 追究 为难 刁难 找茬 找事 找麻烦 投诉 举报 差评 骂 吵架 吵 "
    "被骗 被坑 坑 骗 糊弄 敷衍 差 糟 严重 耽误 信不过 不信任 怪 赶 急 催促 催 贵 烦 慢 坏 丢人 可惜 介意 "
    "在意 怀疑".split()
)
"""Denied they are calm. Told of others they stay what the speaker holds against them: 商家骂人, 他太恶心."""
_SHOWN = frozenset("气得 气的 急得 吵起来 大喊 喊 骂骂咧咧 拍桌子 满意 高兴 开心 感动".split())
"""How others carry on. Denied (不满意) they are a feeling of their own."""
_CALLED = frozenset("垃圾 骗子 破公司 黑心 坑人 骗人 恶心 差劲".split())
"""What others call us, where it is told that they say it; without that it is the speaker's word."""
_SOOTHED = frozenset("生气 着急 急 担心 激动 误会 上火 动气 紧张 害怕 慌 怕".split())
"""What 别 talks somebody out of; 别骗我 is a reproach."""

_DENIABLE = _FEELINGS | _AT_OTHERS
_TELLABLE = _FEELINGS | _SHOWN
_WORDS = re.compile("|".join(sorted(_DENIABLE | _TELLABLE | _CALLED | _SOOTHED, key=lambda w: (-len(w), w))))

_NOT = (
    "(?:没有|没|不是|并非|不会|不太|不怎么|不用|不必|用不着|犯不着|不至于|谈不上|说不上|算不上|不算|不想|不打算|不觉得|"
    "不需要|无需|毫不|不)"
)
_BETWEEN = (
    "(?:需要|必要|真的?|觉得|特别|那么|这么|什么|因为|为了|有点|专门|故意|打算|想着|怎么|跟着|意思|你们|他们|"
    "[要来说在想很太多啥再有您你我他她跟对过去会到得着谁人可]){0,3}$"
)
_DENIES = re.compile(_NOT + _BETWEEN)
_AFFIRMS = re.compile(
    f"(?:[能再是要还怎这你您谁]|你们|谁.{{1,3}}|[你您]们?(?:当然|倒是?|都|又)|为什么|为啥|干嘛|凭什么){_NOT}{_BETWEEN}"
    "|不要你们?$"
)
"""能不生气吗, 再不急, 要不投诉, 这不是坑人吗, 谁看了不烦, 你们当然不急, 为什么不催, 我不要你催: a no that is none, or
that is of who listens."""
_AFFIRMED_AFTER = re.compile("才怪|才是怪|就怪|不行|不可|都难|都不行|吗|过")
"""不投诉不行, 我不着急吗; 没这么生气过 has never been as angry."""
_SHORT_OF = re.compile("[钱这那几]")
"""我不差这点钱 says that it is no matter of money."""
_SOOTHES = re.compile("(?:(?<!特)别|不要|甭)(?:再|太|那么|这么)?$")

_OTHERS = (
    "他们 她们 人家 对方 他 她 爸 妈 老公 老婆 爱人 媳妇 婆婆 公公 岳母 岳父 对象 男朋友 女朋友 男友 女友 "
    "姐 哥 弟 妹 儿子 女儿 闺女 孩子 娃 奶奶 爷爷 姥姥 姥爷 外婆 外公 舅 叔 姑 姨 嫂 同事 朋友 闺蜜 室友 "
    "舍友 邻居 领导 老板 客户 顾客 乘客 员工 亲戚 老人 老头 老太太 家人 家里人 骑手 师傅 小哥 司机 店家 "
    "商家 卖家 店员 房东 租客 租户 前台 快递员 外卖员 保安 老师 家长 医生 大夫 护士 网友 网上 评论区 弹幕 "
    "群里 有人 别人 旁人 大家 大爷 大妈 阿姨 小伙 姑娘 业主 住户 对门 楼上 楼下 隔壁 那位 那个人 那人 "
    "上一位 收件人"
).split()
_TELLS = re.compile(
    f"(?<![给对跟向让被把和])(?:{'|'.join(sorted(_OTHERS, key=len, reverse=True))})(?<!他(?=妈))(?<![他你特]妈)"
    "(?:(?:跟|和|对|给|告诉)我|(?![我谁让害叫使被您]|搞得|你们).){0,10}$"
)
"""Who, and what may stand between: no other person, nothing that makes the speaker feel it (他让人生气)."""
_CALLS = re.compile("(?:说|写|讲|喊|骂|嚷|评论|留言).{0,3}$")
_LOOK_BACK = 14


def own_feelings(texts: Sequence[str]) -> list[str]:
    """Plain texts with the words of feeling marked that are not the speaker's own, all in one pass.

    A mark stands for the one word; what denies it or whom it is told of stays.
    """
    return _WORDS.sub(_marked, BREAK.join(texts)).split(BREAK) if texts else []


def _marked(match: re.Match[str]) -> str:
    word, text = match.group(), match.string
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()].rpartition(BREAK)[2]
    if word in _DENIABLE and _is_denied(word, before, text, match.end()):
        return DENIED
    if word in _SOOTHED and _SOOTHES.search(before):
        return DENIED
    told = word in _TELLABLE or (word in _CALLED and _CALLS.search(before))
    return TOLD if told and _TELLS.search(before) else word


def _is_denied(word: str, before: str, text: str, end: int) -> bool:
    if not _DENIES.search(before) or _AFFIRMS.search(before) or _AFFIRMED_AFTER.match(text, end):
        return False
    if word == "差" and _SHORT_OF.match(text, end):
        return False
    # 烦不烦, 恶心不恶心, 恶不恶心 ask, and mostly mean that it is.
    return not (before.endswith(("不", "没")) and before[:-1].endswith((word, word[0])))
