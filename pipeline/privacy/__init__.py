"""Personal data: found and masked in everything that leaves the system."""

from pipeline.privacy.mask import find, mask
from pipeline.privacy.personal import PersonalData, PersonalKind

__all__ = ["PersonalData", "PersonalKind", "find", "mask"]
