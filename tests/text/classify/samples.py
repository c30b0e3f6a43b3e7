"""Lines of two kinds that share no wording by accident: what a small classifier can be taught on."""

from __future__ import annotations

from pipeline.text.classify.fit import Example

_THINGS = "订单 退款 发票 宽带 话费 快递 保修 密码 套餐 会员 押金 积分".split()
SHIRKING = tuple(f"{thing}这个事不归我管您找别的部门" for thing in _THINGS)
OTHER = tuple(f"好的我马上帮您查一下{thing}请稍等" for thing in _THINGS)
EXAMPLES = tuple([Example(text, "推诿") for text in SHIRKING] + [Example(text, "其他") for text in OTHER])
