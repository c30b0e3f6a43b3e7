"""A user's labels for tests: our own training lines in calls, so that there is something to learn and enough of it."""

from __future__ import annotations

import csv
import io
import random

import yaml

from pipeline.assets import asset

NAMES = {"satisfied": "满意", "calm": "平静", "anxious": "焦急", "dissatisfied": "不满", "angry": "愤怒"}
JARGON = {"愤怒": "蓝鲸套餐", "不满": "红杉工单", "平静": "白桦编号", "焦急": "青松流程", "满意": "金桂活动"}
"""Words of a made-up house: each goes with one emotion, which no shipped model can know."""
HEADERS = ("通话编号", "轮次", "说话人", "文本", "情绪")

Row = tuple[str, str, str, str, str]


def rows(calls: int = 30) -> list[Row]:
    """Calls of four turns: the agent asks, the customer says one emotion in the house's jargon, twice."""
    lines = yaml.safe_load(asset("training/emotion/lines/customer.yml").read_text(encoding="utf-8"))
    rng = random.Random(0)
    found: list[Row] = []
    for n in range(calls):
        label = list(NAMES)[n % len(NAMES)]
        name = NAMES[label]
        for turn in (1, 3):
            found.append((f"C{n:03}", str(turn - 1), "客服", "您好请讲", ""))
            text = f"{rng.choice(lines['calm'])}就是那个{JARGON[name]}"
            found.append((f"C{n:03}", str(turn), "客户", text, name))
    return found


def as_csv(table: list[Row], headers: tuple[str, ...] = HEADERS) -> str:
    """The rows as a CSV text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headers)
    writer.writerows(table)
    return text.getvalue()
