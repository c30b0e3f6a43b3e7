"""What an example sentence says: its words, what each weighs, and other words for the same.

A word weighs the less the more common it is: the fewer sentences it tells apart. Frequencies are those of jieba's
dictionary; polite words and particles of service talk, which it counts as rare, weigh next to nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pipeline.text import encode, normalise, words

_COMMON_FROM = 100
"""Words that jieba's dictionary counts less often weigh 1."""
_COURTESY = 0.1
_COURTESIES = frozenset(
    "您 你 我 他 她 它 咱 您好 你好 我们 咱们 您们 你们 请 请问 麻烦 一下 下 这边 那边 那个 这个 的话"
    " 可以 帮 帮您 帮你 给 给您 为 为您 跟 和 与 把 被 让 向 对"
    " 的 地 得 了 吗 呢 啊 吧 呀 哦 噢 嘛 么 是 在 有 就 也 都 还 会 要"
    " 能 来 去 先生 女士 小姐 一 个 这 那 之 等 到 过 上 里 然后 就是 还是"
    " 非常 很 比较 真的 我要 我想 你要 您要 还要 我会 我来 我们会 还有 想 已经"
    " 现在 一直 完全 特别".split()
)

_ACTS = frozenset("感谢 谢谢 抱歉 对不起 不好意思 道歉 致歉 投诉 举报 退款 退货 取消 保证 承诺 赔偿 起诉 再见".split())
"""Words that say what a sentence does; common as they are, it is another sentence without them."""

_SAME: tuple[tuple[str, ...], ...] = (
    ("别", "不要", "不用", "不必", "甭"),
    ("怎么", "为什么", "为何", "为啥"),
    ("记录", "登记", "备注"),
    ("账号", "账户", "帐号", "帐户"),
    ("着急", "心急", "急躁"),
    ("快递", "包裹", "快件", "物流"),
    ("退款", "退钱", "退费", "把钱退", "退回"),
    ("退货", "退回去", "把货退"),
    ("马上", "立刻", "立即", "尽快", "赶快", "赶紧", "尽早", "第一时间"),
    ("抱歉", "对不起", "不好意思", "致歉", "道歉"),
    ("感谢", "谢谢", "多谢"),
    ("来电", "致电", "打电话"),
    ("电话", "手机"),
    ("回复", "答复", "回电", "回话", "回电话", "回访", "联系您", "联系你"),
    ("处理", "解决", "办理", "搞定"),
    ("问题", "情况", "事情"),
    ("查询", "查看", "核实", "查一查", "查一下", "查查", "看一下"),
    ("理解", "体谅"),
    ("心情", "感受", "心里", "情绪"),
    ("稍等", "等一下", "等一等", "等一会", "稍候", "等待", "久等", "等候"),
    ("多久", "多长时间", "什么时候", "几天", "何时"),
    ("到账", "收到钱", "到帐", "返还"),
    ("收到", "拿到", "收着"),
    ("坏", "坏了", "故障", "出问题", "用不了", "不能用"),
    ("投诉", "举报", "曝光", "12315"),
    ("贵", "价格高", "太高"),
    ("便宜", "优惠", "打折", "折扣"),
    ("取消", "撤销", "不要了", "退订"),
    ("修改", "更改", "变更", "更换", "改成", "改一下"),
    ("地址", "住址"),
    ("发票", "开票"),
    ("发货", "寄出", "发出"),
    ("没有", "没", "未"),
    ("无法", "不能", "没办法", "没法", "不了"),
    ("满意", "认可"),
    ("其他", "别的", "另外"),
    ("需要", "想要", "想"),
    ("帮助", "帮忙", "协助"),
    ("放心", "安心", "别担心", "不用担心"),
    ("故意", "存心"),
    ("经理", "领导", "主管", "上级"),
    ("注销", "销户", "关闭账户"),
    ("保证", "承诺", "确保"),
)
_OTHERS = {word: group for group in _SAME for word in group}
_PRONOUNS = "您你我"
_DENYING = ("不要", "不用", "不必", "别", "不", "没")
_ASKED_BOTH_WAYS = re.compile(r"(.)[不没]\1")
_NEGATION = re.compile(
    r"不(?!好意思|客气|过|但|仅|管|论|同(?!意)|如|错|久|断|少|了解)|没(?!关系|问题|错|事)|无法|(?<![特级区分类性个告])别(?!的|人|处)|未(?!来)|勿|甭"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an example: the word first, then others for the same; the word's `sound`; `weight` is 0 to 1."""

    forms: tuple[str, ...]
    sound: str
    weight: float


@dataclass(frozen=True, slots=True)
class Example:
    """An example as it is compared: its normal form, and in `seeds` what a sentence like it must hold one of."""

    written: str
    text: str
    words: tuple[Word, ...]
    seeds: tuple[str, ...]
    negative: bool
    total: float


@lru_cache(maxsize=4096)
def example(written: str) -> Example:
    """An example made ready. Its seeds are never empty unless it has no text."""
    text = normalise(written).text
    found = tuple(_word(w) for w in dict.fromkeys(part for w in words(text) for part in _parts(w)))
    telling = [w for w in found if w.weight > _COURTESY]
    seeds = [form for w in telling for form in (*w.forms, *_halves(w.forms[0])) if len(form) > 1]
    if text and all(len(w.forms[0]) == 1 for w in telling):
        seeds.append(text)
    return Example(written, text, found, tuple(dict.fromkeys(seeds)), is_negative(text), sum(w.weight for w in found))


def _parts(word: str) -> tuple[str, ...]:
    """别着急 and 感谢您, which the segmentation takes for one word each, are 别 and 着急, 感谢 and 您."""
    if len(word) > 2 and word[-1] in _PRONOUNS:
        return word[:-1], word[-1]
    split = is_negative(word) and word not in _OTHERS
    prefix = next((p for p in _DENYING if split and word.startswith(p) and len(word) >= len(p) + 2), "")
    return (prefix, word[len(prefix) :]) if prefix else (word,)


def _halves(word: str) -> tuple[str, ...]:
    """订单号 is also found by 订单; the two characters that begin and end a word of three or more."""
    return (word[:2], word[-2:]) if len(word) > 2 else ()


def _word(word: str) -> Word:
    forms = (word, *(other for other in _OTHERS.get(word, ()) if other != word))
    return Word(forms, encode(word), _weight(word))


def is_negative(text: str) -> bool:
    """Whether a text denies something; 是不是 and 不好意思 do not."""
    return _NEGATION.search(_ASKED_BOTH_WAYS.sub("", text)) is not None


def _weight(word: str) -> float:
    if word in _COURTESIES:
        return _COURTESY
    if word in _ACTS:
        return 1.0
    return 1 / (1 + math.log10(max(_frequencies().get(word, 0), _COMMON_FROM) / _COMMON_FROM))


@cache
def _frequencies() -> dict[str, int]:
    """How often jieba's dictionary counts each of the commoner words."""
    found: dict[str, int] = {}
    with files("jieba").joinpath("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            if len(count) > 2:
                found[word] = int(count)
    return found
