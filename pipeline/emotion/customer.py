"""Everything that is told of the people in a call: the customer's types and threats, loss of control of both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.course import CallCourse, Trait, TraitKind
from pipeline.domain.transcript import Role
from pipeline.emotion.control import loss_of_control
from pipeline.emotion.discontent import dissatisfied
from pipeline.emotion.manner import impatient, talkative
from pipeline.emotion.seen import CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.emotion.threats import threats
from pipeline.emotion.unreasonable import unreasonable

LISTED = SignKind(code="listed", title="客户资料标为高端", unit="项", threshold=1, full=1, weight=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOptions:
    """Which columns of the manifest tell a customer's level, and which of their values are high ones.

    A value counts when it contains one of `premium_values`, none of `plain_values`; case makes no difference.
    """

    premium_columns: tuple[str, ...] = (
        *("客户等级", "客户级别", "会员等级", "会员级别", "VIP等级", "VIP级别", "VIP", "是否VIP", "客户类型"),
        *("vip", "vip_level", "customer_level", "customer_tier", "tier"),
    )
    premium_values: tuple[str, ...] = (
        *("vip", "高端", "贵宾", "钻石", "白金", "铂金", "黑金", "金卡", "私人银行", "私行", "尊享", "至尊"),
        *("diamond", "platinum", "gold", "premium", "是", "yes", "true"),
    )
    plain_values: tuple[str, ...] = ("非", "不是", "普通", "no")

    @classmethod
    def of(cls, columns: Sequence[str] | None, values: Sequence[str] | None) -> CustomerOptions:
        """These columns and values, each the default where None is given; blank ones are left out."""
        default = cls()
        named = tuple(c.strip() for c in columns or () if c.strip())
        high = tuple(v.strip() for v in values or () if v.strip())
        return cls(
            premium_columns=named or default.premium_columns,
            premium_values=high or default.premium_values,
            plain_values=() if high else default.plain_values,
        )


DEFAULT_OPTIONS = CustomerOptions()


def traits_of(seen: CallSeen, course: CallCourse, options: CustomerOptions = DEFAULT_OPTIONS) -> tuple[Trait, ...]:
    """All traits, in a fixed order, also those that nothing shows and those that could not be judged."""
    return (
        impatient(seen),
        unreasonable(seen),
        _premium(seen, options),
        talkative(seen),
        dissatisfied(seen, course),
        *threats(seen),
        loss_of_control(seen, Role.CUSTOMER),
        loss_of_control(seen, Role.AGENT),
    )


def _premium(seen: CallSeen, options: CustomerOptions) -> Trait:
    """高端型, from what the user handed in alone: nobody is told to be a good customer by his voice or words."""
    columns = {column.casefold() for column in options.premium_columns}
    given = {k: v for k, v in seen.call.metadata.items() if k.strip().casefold() in columns and v.strip()}
    if not given:
        sign = LISTED.unmeasured("清单里没有客户等级一类的列")
    else:
        high = [f"{k}为“{v}”" for k, v in given.items() if _is_high(v, options)]
        named = "、".join(high or [f"{k}为“{v}”,不在高端等级之列" for k, v in given.items()])
        sign = LISTED.measured(len(high), found=named)
    return trait(TraitKind.PREMIUM, Role.CUSTOMER, [sign])


def _is_high(value: str, options: CustomerOptions) -> bool:
    text = value.strip().casefold()
    if any(plain.casefold() in text for plain in options.plain_values):
        return False
    return any(high.casefold() in text for high in options.premium_values)
