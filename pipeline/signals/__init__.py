"""Numbers from times: silences, overlaps, speaking rates, first replies."""

from pipeline.signals.measure import measure

__all__ = ["measure"]
