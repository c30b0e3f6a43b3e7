"""Rules as a pack writes them, for the tests of judging."""

from typing import Any

GREET: dict[str, Any] = {
    "checks": {"hello": {"phrase": ["您好", "很高兴为您服务"], "role": "agent", "within": {"first": "2 turns"}}},
    "expect": "hello",
}
SHIRK: dict[str, Any] = {
    "kind": "banned",
    "checks": {"shirk": {"phrase": ["不归我管"], "role": "agent", "unless": ["不是说不归我管"]}},
    "forbid": "shirk",
}
ORDER: dict[str, Any] = {
    "checks": {
        "sorry": {"phrase": ["非常抱歉"], "role": "agent"},
        "solve": {"phrase": ["马上为您处理"], "role": "agent"},
    },
    "expect": "sorry then solve",
}
