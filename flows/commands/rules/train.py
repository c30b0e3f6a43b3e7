"""`zhijian rules train-classifier`: makes the model of a `classifier` check from labelled lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    samples: Annotated[
        Path, typer.Argument(help="标好的样本:CSV 或 JSONL,每行有 text(文本)和 label(标签),每种标签至少 10 句")
    ],
    out: Annotated[Path, typer.Option("--out", help="模型文件,放在规则包里,例如 rules/demo/models/推诿.npz")],
) -> None:
    """用标好的样本训练一个文本分类器,供规则里的 classifier 使用;旁边写一份同名 .md,说明它有多准。

    样本里要有不属于任何一类的话(例如标签“其他”)。同样的样本得到同样的文件。
    """
    import hashlib

    from flows.view.classifier import card
    from pipeline.domain.errors import InputError, Problem, ProblemCode
    from pipeline.rulepack.examples import read_examples
    from pipeline.text.classify.classifier import SUFFIX, write_classifier
    from pipeline.text.classify.fit import faults, fit

    if out.suffix != SUFFIX:
        what = f"模型文件应以 {SUFFIX} 结尾"
        raise InputError(Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy="请改 --out", file=str(out)))
    examples = read_examples(samples)
    if wrong := faults(examples):
        raise InputError(
            Problem(code=ProblemCode.BAD_VALUE, what=what, remedy="请改正样本", file=samples.name) for what in wrong
        )
    weights, labels, figures = fit(examples)
    try:
        digest = write_classifier(out, weights, labels)
        source = hashlib.sha256(samples.read_bytes()).hexdigest()
        text = card(figures, name=out.stem, source=samples.name, source_sha256=source, digest=digest)
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"写不了文件({error.strerror})"
        problem = Problem(code=ProblemCode.FILE_UNWRITABLE, what=what, remedy="请检查权限和磁盘", file=str(out))
        raise InputError(problem) from None
    typer.echo(
        f"{figures.rows} 行样本,{len(labels)} 种标签({'、'.join(labels)}),"
        f"交叉验证的宏平均 F1 为 {figures.macro_f1:.3f}。已写出 {out} 和 {out.with_suffix('.md').name}"
    )
