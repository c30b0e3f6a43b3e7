"""Who speaks: by the names that a file gives, else by its channels; a bare speaker number says nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from pipeline.domain.transcript import Role
from pipeline.intake.foreign.spoken import Spoken

# `caller` and 主叫 are left out: on an outbound call that is the agent.
_NAMES: dict[Role, str] = {
    Role.AGENT: (
        "客服 坐席 座席 客服人员 客服代表 客服专员 坐席人员 座席人员 坐席员 座席员 服务人员 业务员 话务员 接线员"
        " 销售 销售人员 催收员 员工 专员 客户经理"
        " agent operator representative rep csr advisor staff salesperson customer_service"
    ),
    Role.CUSTOMER: "客户 用户 顾客 客人 消费者 来电人 来电者 customer client user",
    Role.SYSTEM: "系统 机器人 智能客服 语音导航 提示音 彩铃 system bot robot ivr custom_bot voicebot",
    Role.OTHER: "其他 其他人 旁人 other others",
}
_ROLES = {each.replace("_", " "): role for role, names in _NAMES.items() for each in names.split()}
# The longest first, for `customer service` not to be a customer. A number, a bracket or a name may follow.
_NAME = re.compile(rf"({'|'.join(sorted(_ROLES, key=len, reverse=True))})(?:[\s\d#(\[\-.·/].*)?", re.DOTALL)


def named_role(name: str | None) -> Role | None:
    """The role that a speaker's name tells (`客服1`, `Agent (Li)`, `CUSTOMER`); None for any other name."""
    text = unicodedata.normalize("NFKC", name or "").casefold().replace("_", " ").strip(" *【】<>")
    found = _NAME.fullmatch(text)
    return _ROLES[found[1]] if found else None


def roles_of(spoken: Sequence[Spoken], *, agent_channel: int) -> list[Role]:
    """The role of each.

    Names count before channels. Channels tell who speaks where there are exactly two, 0 and 1; a single one holds
    everybody. Who is not told apart so is `other`: then the roles of a call count as unknown.
    """
    named = [named_role(one.speaker) for one in spoken]
    if any(role in (Role.AGENT, Role.CUSTOMER) for role in named):
        return [role or Role.OTHER for role in named]
    if {one.channel for one in spoken} == {0, 1}:
        sides = [Role.AGENT if one.channel == agent_channel else Role.CUSTOMER for one in spoken]
        return [role or side for role, side in zip(named, sides, strict=True)]
    return [role or Role.OTHER for role in named]
