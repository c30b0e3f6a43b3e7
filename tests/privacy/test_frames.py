import math

import pandas as pd
import pytest

from pipeline.privacy.frames import masked, masked_part


def test_a_column_is_masked_cell_by_cell() -> None:
    column = pd.Series(["打13800138000", None, ["无", "打13800138000"], [], float("nan")], dtype=object)
    assert masked(column).tolist() == ["打138****8000", "", "无\n打138****8000", "", ""]


@pytest.mark.parametrize(
    ("part", "start", "end", "shown"),
    [
        ("0013", 4.0, 8.0, "****"),  # a piece of the number
        ("打138", 0.0, 4.0, "打138"),
        ("13800138000", math.nan, math.nan, "138****8000"),  # its place is not known
        ("13800138000", 3.0, 9.0, "138****8000"),  # it does not stand there
    ],
)
def test_a_part_is_masked_as_the_whole_is(part: str, start: float, end: float, shown: str) -> None:
    assert masked_part("打13800138000吧", part, start, end) == shown
