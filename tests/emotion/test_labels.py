"""What the shipped model says of sentences that it was not trained on."""

from __future__ import annotations

import pytest

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel
from pipeline.text.classify.features import plain
from training.emotion.own import held_out_lines, own_lines

CUSTOMER = {
    "angry": [
        "你们这种态度也配做服务行业",
        "我要去12315告你们这家黑店",
        "骗子,把钱还给我!",
        "你是不是听不懂人话啊",
        "太过分了简直不把人当人看",
        "他妈的都一个星期了你们还在骗我",
        "我真的要被你们气死了",
        "信不信我明天就找媒体曝光你们",
        "把你们领导叫出来别在这儿跟我废话",
        "你們這是什麼態度啊太過分了",
    ],
    "dissatisfied": [
        "我对这次的处理结果很不满意",
        "你们的售后服务真的太差了",
        "这个方案我没办法接受",
        "说好昨天联系我结果一直没人联系",
        "用了两天就坏了质量也太差了吧",
        "每次打电话来都是同样的话敷衍我",
        "我觉得你们这样收费很不合理",
        "真让人失望以后不会再来买了",
        "吃到一半发现有苍蝇太恶心了",
        "你们可真行三天了连个电话都没有",
    ],
    "anxious": [
        "能不能快一点送过来我孩子等着吃",
        "我都催了三天了怎么还没有到",
        "这个药是急用的麻烦快点",
        "怎么办啊我的钱转错人了",
        "我很担心会影响我的征信",
        "来不及了我马上就要登机了",
        "求求你们快点派人来吧",
        "催了三天乐怎么还没道",
    ],
    "satisfied": [
        "太好了真是帮了我大忙了",
        "谢谢你这么有耐心",
        "你们的服务真好我很满意",
        "问题解决了非常感谢你",
        "师傅人特别好修得也快",
        "听你这样讲我就放心多了谢谢",
        "谢谢你帮了我一个大芒",
    ],
    "calm": [
        "请问投诉部门的电话是几号",
        "我想投诉一下物流把件送错了",
        "不用着急你慢慢查就行",
        "我没有不满意就想核对一下",
        "我不着急下周处理也可以",
        "我家的垃圾桶坏了想换一个",
        "这个操作步骤我不太会",
        "好的那我等你们通知",
        "麻烦帮我查一下我的订单到哪了",
        "不好意思刚才信号断了",
        "我昨天中午订了一份套餐",
        "满意度评价是按一还是按二",
        "我没有生气我只是想问清楚",
        "我爱人说他特别着急我替他问一声",
        "我接到一个诈骗电话想核实一下",
    ],
}
AGENT = {
    "calm": [
        "给您带来的不便我们非常抱歉",
        "感谢您今天的来电祝您周末愉快",
        "非常理解您着急的心情我马上为您处理",
        "实在抱歉让您等了这么长时间",
        "您对我们的处理不满意是吗",
        "您要投诉的是哪一位骑手",
        "请您不要生气我帮您想办法",
        "您可以拨打12315进行咨询",
        "您反馈商家骂人的情况我已经记录",
    ],
    "dissatisfied": ["这是你自己的问题不归我们管", "你要投诉就去投诉随便你", "我不是都跟您讲过好几遍了吗"],
    "angry": ["你骂谁呢嘴巴放干净点", "你有没有毛病啊有完没完"],
}
SENTENCES = [
    (role, text, EmotionLabel(label))
    for role, table in ((Role.CUSTOMER, CUSTOMER), (Role.AGENT, AGENT))
    for label, texts in table.items()
    for text in texts
]
# Weaknesses that the model card admits: another's feelings, how hot sarcasm is.
KNOWN_MISSES = [
    (Role.CUSTOMER, "他跟我讲他很生气我也没办法", EmotionLabel.CALM),
    (Role.CUSTOMER, "你们服务态度真是好得很啊等了五个小时", EmotionLabel.ANGRY),
]
ANSWERS = "嗯 嗯嗯 对 对对对 是的 好 好的 好好好 行 行行行 可以 没有 不用了 哦 啊 喂 你好 再见 知道了 稍等 你们".split()


def say(model: EmotionModel, role: Role, text: str) -> tuple[EmotionLabel, float]:
    (emotion,) = model.predict([Turn(0, role, text)])
    assert emotion is not None
    return emotion.label, emotion.confidence


@pytest.mark.parametrize(("role", "text", "expected"), SENTENCES)
def test_a_sentence_gets_the_label_a_person_gives_it(
    model: EmotionModel, role: Role, text: str, expected: EmotionLabel
) -> None:
    assert say(model, role, text)[0] is expected


@pytest.mark.xfail(strict=True, reason="known weakness, in the model card")
@pytest.mark.parametrize(("role", "text", "expected"), KNOWN_MISSES)
def test_a_known_miss_is_still_missed(model: EmotionModel, role: Role, text: str, expected: EmotionLabel) -> None:
    assert say(model, role, text)[0] is expected


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT])
@pytest.mark.parametrize("text", ANSWERS)
def test_a_short_answer_is_surely_calm(model: EmotionModel, role: Role, text: str) -> None:
    label, confidence = say(model, role, text)
    assert label is EmotionLabel.CALM
    assert confidence >= 0.85


def test_a_sorry_from_an_agent_is_calmer_than_an_agents_quarrel(model: EmotionModel) -> None:
    assert say(model, Role.AGENT, "非常抱歉")[0] is EmotionLabel.CALM
    assert say(model, Role.AGENT, "你骂谁呢")[0] is EmotionLabel.ANGRY


def test_the_sentences_of_these_tests_are_not_trained_on() -> None:
    trained_on = {line.text for line in own_lines()}
    assert not trained_on & {plain(text) for _, text, _ in SENTENCES + KNOWN_MISSES}
    assert not trained_on & {text for _, text, _ in held_out_lines()}
