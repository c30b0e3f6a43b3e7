"""What every key of the rule files means, in Chinese: shown by editors beside what is being typed.

An operator's parameter is looked up under the operator first and then among those that mean the same everywhere. A
parameter may also carry its own `Field(description=…)`, which then counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OperatorText:
    """What an operator finds, its parameters, and checks that use it."""

    summary: str
    params: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()


COMMON_PARAMS: Mapping[str, str] = {
    "match": "怎样才算说了:exact 逐字,sound 同音也算(默认),close 四字以上读音相近也算",
    "unless": "什么情况下不算:命中旁边有这些说法就放过",
    "count": "至少几次",
    "min_chars": "至少多少个字的话才算",
    "longer_than": "长于多久,如 10s、800ms、2min",
    "min": "不低于",
    "max": "不高于",
    "by": "是谁:agent 客服,customer 客户",
}

OPERATOR_TEXTS: Mapping[str, OperatorText] = {
    "phrase": OperatorText(
        "说了这些词句中的一个(或 min 个)",
        {"phrase": "要找的词句,一个或多个", "min": "至少要说其中几个;all 表示全部"},
        ({"phrase": ["感谢您的来电", "感谢致电"], "role": "agent", "within": {"last": "4 turns"}},),
    ),
    "regex": OperatorText(
        "话里有符合正则的地方(RE2 语法,不支持回溯引用和前后断言)",
        {
            "regex": "正则,一个或多个;对规范化后的文字匹配:没有标点,数字是阿拉伯数字",
            "match": "exact 只按文字,sound 同音也算(默认)",
            "unless": "命中与这些正则的命中重叠时不算",
        },
        ({"regex": ["工号(是|为)?[0-9]{2,}"], "label": "报工号", "role": "agent"},),
    ),
    "silence": OperatorText(
        "没有人讲话的时间超过 longer_than",
        {
            "after": "静默之前是谁在讲",
            "before": "静默之后是谁先讲",
            "unless": "静默前 15 秒内坐席说过这些话就不算,如“请稍等”",
        },
        ({"silence": {"longer_than": "10s", "unless": ["稍等"]}},),
    ),
    "overlap": OperatorText(
        "抢话:一方在另一方讲话时插进来",
        {"by": "谁抢话", "min": "重叠至少多久", "held": "对方至少已经讲了多久"},
        ({"overlap": {"by": "agent", "min": "800ms", "count": 2}},),
    ),
    "rate": OperatorText(
        "语速(每分钟字数)超出范围",
        {"min": "每分钟不少于多少字", "max": "每分钟不多于多少字", "over": "call 看全程,turn 看单独一轮"},
        ({"rate": {"min": 180, "max": 300}, "role": "agent"},),
    ),
    "near": OperatorText(
        "同一个人说的两类词句离得很近",
        {
            "first": "一类词句",
            "second": "另一类词句",
            "within": "离多近:10 chars(字)、2 turns(轮)或 15s",
            "ordered": "true 表示 first 要在前",
            "unless": "命中旁边有这些说法就不算",
        },
        ({"near": {"first": ["保证", "承诺"], "second": ["收益", "保本"], "within": "10 chars"}, "role": "agent"},),
    ),
    "repeat": OperatorText(
        "同一个人重复说同样的话",
        {
            "within": "隔几轮(自己的)以内",
            "similarity": "多像算同样,0.5 到 1",
            "min_chars": "至少多少个字的话才算",
            "count": "重复几次;2 表示一共说了三遍",
        },
        ({"repeat": {"within": 5, "count": 2}, "role": "customer"},),
    ),
    "question": OperatorText(
        "提出某一类问题",
        {"question": "类型:open 开放性,closed 封闭性,leading 引导性,reflective 反思性", "min": "至少几个"},
        ({"question": ["open", "closed"], "role": "agent"},),
    ),
    "entity": OperatorText(
        "说出单号、金额、日期、时限、电话等",
        {
            "entity": "哪一类,可写几类",
            "equals": "要与通话资料的这一列相同",
            "differs": "要与通话资料的这一列不同",
        },
        ({"entity": ["time_limit"], "role": "agent"},),
    ),
    "similar": OperatorText(
        "有一句话与例句意思差不多(比词,不懂反话)",
        {"similar": "例句,写几句不同的说法", "threshold": "例句的意思说到多少才算,0.4 到 1"},
        ({"similar": ["我帮您申请退款"], "role": "agent"},),
    ),
    "latency": OperatorText(
        "答复得太慢",
        {"longer_than": "等多久算慢,默认 2 分钟", "first": "true 只看第一次答复"},
        ({"latency": {"longer_than": "60s"}, "role": "agent"},),
    ),
    "talk_ratio": OperatorText(
        "一方讲话占双方的份额在范围内",
        {"min": "不少于,0 到 1 或百分比", "max": "不多于,0 到 1 或百分比"},
        ({"talk_ratio": {"min": 0.8}, "role": "agent"},),
    ),
    "hangup": OperatorText(
        "谁先挂机(通话资料的 hangup_by)",
        {"by": "agent 客服,customer 客户,system 系统"},
        ({"hangup": {"by": "agent"}},),
    ),
    "answer": OperatorText(
        "多久接起(通话资料的 answered_after_s)",
        {"within": "在多久以内接起", "longer_than": "超过多久才接起"},
        ({"answer": {"longer_than": "15s"}},),
    ),
    "loudness": OperatorText(
        "比自己平时说得响或轻",
        {"above": "至少响多少分贝", "below": "至少轻多少分贝", "count": "至少几轮"},
        ({"loudness": {"above": 6}, "role": "agent"},),
    ),
    "pitch": OperatorText(
        "比自己平时说得高或低",
        {"above": "至少高多少个半音", "below": "至少低多少个半音", "count": "至少几轮"},
        ({"pitch": {"above": 4}, "role": "customer"},),
    ),
    "emotion": OperatorText(
        "一轮话或结尾的情绪",
        {
            "is": "情绪:satisfied 满意,calm 平静,anxious 焦急,dissatisfied 不满,angry 愤怒;写几个就把把握相加",
            "min_confidence": "把握到多少算准",
            "doubt": "把握到多少算存疑",
            "at": "any 任何一轮,end 最后几轮",
            "turns": "至少几轮",
        },
        ({"emotion": {"is": ["angry"], "min_confidence": 0.7}, "role": "customer"},),
    ),
    "classifier": OperatorText(
        "用标好的样本训练出来的文本分类器认为是某一类",
        {
            "model": "模型文件,在规则包里,如 models/推诿.npz(zhijian rules train-classifier 训练)",
            "label": "是哪个标签",
            "threshold": "把握到多少算准",
            "doubt": "把握到多少算存疑",
            "turns": "至少几轮",
        },
        ({"classifier": {"model": "models/推诿.npz", "label": "推诿", "threshold": 0.8}, "role": "agent"},),
    ),
    "llm": OperatorText(
        "语言模型认为符合一条标准,并引了原话(没有配置语言模型时不做)",
        {"prompt": "能用是或否回答的标准", "sure": "true 表示它的回答可以定违规;默认只能存疑"},
        ({"llm": {"prompt": "坐席拒绝了客户的合理要求,又没有给别的办法"}, "role": "agent"},),
    ),
    "metadata": OperatorText(
        "通话资料(清单里的列)的值",
        {
            "field": "列名,如 direction、queue、csat,或清单里自己的列",
            "op": "怎样比较:eq 等于,ne 不等于,lt 小于,le 不大于,gt 大于,ge 不小于,"
            "in 是其中之一,contains 含有,exists 有值",
            "value": "与什么比较;in 要写列表",
            "missing": "没有这一列时:unknown 无法判断(默认),true 算成立,false 算不成立",
        },
        ({"metadata": {"field": "direction", "op": "in", "value": ["outbound", "呼出"], "missing": False}},),
    ),
    "turns": OperatorText(
        "讲话的轮数在范围内", {"min": "至少几轮", "max": "至多几轮"}, ({"turns": {"min": 2}, "role": "agent"},)
    ),
    "duration": OperatorText(
        "通话时长在范围内", {"min": "至少多长", "max": "至多多长"}, ({"duration": {"max": "30s"}},)
    ),
}

RULE_KEYS: Mapping[str, str] = {
    "id": "编号:包.主题.名字,小写字母、数字、下划线;定了就不要再改",
    "title": "名称,给人看",
    "kind": "类别:scripted 规范话术,banned 禁语,behaviour 通话行为,process 服务流程,risk 客户风险",
    "severity": "严重程度:critical 严重,major 重要,minor 一般",
    "status": "状态:experimental 试写,test 试用,stable 稳定(要有证据,见 zhijian rules status),deprecated 停用",
    "version": "版本号,改了判法就加一",
    "since": "从哪天起生效",
    "until": "到哪天为止(含当天)",
    "guidance": "给坐席的指导:应该怎样说、怎样做",
    "references": "依据:制度、培训材料、法规",
    "falsepositives": "已知会误判的情形",
    "applies": "适用条件:不成立时判“不适用”;写法同 expect",
    "checks": "检查:名字和它找什么,每项恰好一个算子",
    "expect": "必须成立的条件,如 thanks and goodbye;and、or、not、then、2 of (a, b, c)",
    "forbid": "不得成立的条件;与 expect 写其中一个",
}

SCOPE_KEYS: Mapping[str, str] = {
    "label": "这项检查找的是什么,用人话说,写进判定的理由",
    "role": "看谁的话:agent 客服,customer 客户,any 任何人(默认)",
    "within": "只看开头或最后一段",
    "after": "只看另一项检查的命中之后",
    "before": "只看另一项检查的命中之前",
    "around": "只看另一项检查的命中前后",
    "in": "几个词句要在同一轮(turn)里还是整通(call)里凑齐",
}

ANCHOR_KEYS: Mapping[str, str] = {
    "check": "另一项检查的名字",
    "hit": "第几处命中:first 第一处(默认),last 最后一处,或从 1 数起的数字",
    "within": "离它多远以内,如 3 turns、30s",
}

WITHIN_KEYS: Mapping[str, str] = {"first": "开头多少,如 4 turns、30s、20%", "last": "最后多少,如 4 turns、30s、20%"}

PACK_KEYS: Mapping[str, str] = {
    "id": "规则包的编号,规则编号都以它开头",
    "version": "版本,如 1.0.0",
    "title": "名称",
    "owner": "谁负责",
    "language": "语言,如 zh",
    "covers": "管什么,不管什么",
}

CASE_KEYS: Mapping[str, str] = {
    "rule": "测的是哪条规则",
    "name": "用例名,说明它为什么该这样判",
    "verdict": "应得的判定:passed 通过,violated 违规,suspected 存疑,not_applicable 不适用,undetermined 无法判断",
    "dialogue": "对话,一行一轮:“客服: …”“客户: …”,要时间就写“客服 [0.0-3.2]: …”(秒);怎样写说得响或高见手册",
    "channel": "voice 电话,chat 在线会话,email 邮件;不写则有时间的算电话",
    "metadata": "通话资料,如 direction: outbound",
    "word_probability": "识别的把握,0 到 1,用来试听不清的情形",
    "llm": "语言模型的回答,按检查的名字写:{answer: yes、no 或 unsure, quote: 原话};用例不问真的语言模型",
    "known_miss": "已知判不对的用例写 true:会报告,不算失败",
    "note": "备注",
}
