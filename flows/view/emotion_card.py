"""The card of a retrained emotion model: what it was taught on, how it did before and after, what to expect."""

from __future__ import annotations

from collections.abc import Iterator

from flows.emotion_training import Trained
from pipeline.domain.wording import EMOTION_NAMES
from pipeline.emotion.retrain import FOLDS, RAREST_CALLS
from pipeline.insight.emotions import EmotionFigures, Figure


def card(trained: Trained) -> str:
    """The card as Markdown. It holds no text of the turns."""
    return "\n".join(_lines(trained)) + "\n"


def interval(figure: Figure) -> str:
    """`0.812(0.790–0.833)`, a dash where there is no figure."""
    return "—" if figure.value is None else f"{figure.value:.3f}({figure.low:.3f}–{figure.high:.3f})"


def _lines(trained: Trained) -> Iterator[str]:
    after, before = trained.after, trained.before
    yield "# 情绪模型(重新训练) Emotion model, retrained on own labels"
    yield ""
    counts = f"{trained.calls} 通,标了情绪的 {trained.examples} 轮"
    yield f"- 标注:{trained.labels}(SHA-256 {trained.labels_sha256}),{counts}"
    yield f"- 起点:自带的模型(SHA-256 {trained.base_digest});新模型的 SHA-256 {trained.digest}"
    yield "- 用途:给人指出值得去听的通话和轮次。不可单凭它扣分或处分任何人;它只看文字,听不出语气"
    yield f"- 决定:{trained.decision.why}"
    yield ""
    yield "## 成绩 Figures"
    yield ""
    yield f"训练之后的数来自 {FOLDS} 折交叉验证:每一轮都由没有学过它那一通的模型来判,校准也只用别的折。"
    yield "括号里是 95% 区间(按通重抽 1,000 次)。"
    yield "只对与这些标注相像的通话成立;标注来自哪里、怎样抽的、谁标的,请写在这里。"
    yield ""
    yield f"| 在您的标注上({after.judged} 轮) | 训练之前(自带的模型) | 训练之后 |"
    yield "|---|---|---|"
    yield from _rows(before, after)
    yield ""
    yield "| 情绪 | 轮数 | 之前 F1 | 之后 F1 | 之后 精确率 | 之后 召回率 |"
    yield "|---|---|---|---|---|---|"
    for was, now in zip(before.by_label, after.by_label, strict=True):
        shares = " | ".join("—" if share is None else f"{share:.3f}" for share in (now.precision, now.recall))
        yield f"| {EMOTION_NAMES[now.label]} | {now.truly} | {was.f1:.3f} | {now.f1:.3f} | {shares} |"
    if few := [EMOTION_NAMES[now.label] for now in after.by_label if now.truly < 2 * FOLDS]:
        yield ""
        yield f"{'、'.join(few)} 的轮数太少,这些数说明不了什么。"
    if trained.present is not None:
        yield ""
        score = f"宏平均 F1 {interval(trained.present.macro_f1)}"
        yield f"这个文件夹里原有的模型,在它没有学过的 {trained.present.judged} 轮上:{score}。"
    yield ""
    yield f"| 在自带的留出话语上({trained.kept_after.judged} 句) | 训练之前 | 训练之后 |"
    yield "|---|---|---|"
    yield from _rows(trained.kept_before, trained.kept_after)
    yield ""
    yield "后一张表说明通用的话忘了多少。"
    yield ""
    yield "## 混淆 Confusion"
    yield ""
    names = list(EMOTION_NAMES.values())
    yield f"| 人判的 \\ 模型判的 | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for name, row in zip(names, after.confusion, strict=True):
        yield f"| {name} | {' | '.join(map(str, row))} |"
    yield ""
    yield "## 校准 Calibration"
    yield ""
    yield "把握按标注里各情绪的比例校准。标注若不是随机抽的(例如专挑有情绪的),平常通话上的把握会偏。"
    yield ""
    yield "| 把握 | 轮数 | 平均把握 | 判对的份额 |"
    yield "|---|---|---|---|"
    for each in after.bins:
        yield f"| {each.low:.1f}–{each.high:.1f} | {each.answers} | {each.confidence:.3f} | {each.right:.3f} |"
    yield ""
    yield "## 数据与许可 Data and licence"
    yield ""
    yield "- 在自带的模型(Apache-2.0,原样放在 `base/`)上学习:这一轮的话、同一方之前的话、对方之后的话各说明什么。"
    yield "  离自带的模型越远代价越大;它判一通要自带模型的两倍多时间。"
    yield f"- 文件夹里没有您的句子。`own/vocabulary.txt` 有 {trained.features} 个词或片段(一到四个字,或相邻的两个词),"
    yield f"  每个至少在 {RAREST_CALLS} 通里出现过,数字一律换成 0;里面仍可能有常提到的人名,外传之前请看一遍。"
    yield "- `seen.npy` 是学过的每一轮的 32 位指纹,只用来让下一次训练不拿学过的话比成绩。"
    yield "- 学到的部分属于标注的主人,能否外传由您决定。"
    yield "- 文件是普通数组,读取时不执行任何内容(不用 pickle)。同样的标注得到同样的文件。"


def _rows(before: EmotionFigures, after: EmotionFigures) -> Iterator[str]:
    for name, was, now in (
        ("宏平均 F1", before.macro_f1, after.macro_f1),
        ("判对的份额", before.accuracy, after.accuracy),
        ("愤怒的召回率", before.angry_recall, after.angry_recall),
        ("校准误差 ECE", before.calibration_error, after.calibration_error),
    ):
        yield f"| {name} | {interval(was)} | {interval(now)} |"
