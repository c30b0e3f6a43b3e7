"""Rules of Alibaba's 智能对话分析 (Smart Conversation Analysis), carried over into a pack of our own."""

from pipeline.rulepack.sca.carry import Carried, carry
from pipeline.rulepack.sca.read import ScaRules, read_sca

__all__ = ["Carried", "ScaRules", "carry", "read_sca"]
