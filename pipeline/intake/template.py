"""An example manifest to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.intake.place import Place, Refusal, quoted
from pipeline.intake.recordings import display, unreadable

_HEADERS = (
    *("通话编号", "录音路径", "坐席工号", "坐席姓名", "班组", "客户编号", "开始时间", "呼叫方向", "队列"),
    *("应答时长(秒)", "满意度", "工单号", "坐席声道", "挂机方"),
)
_EXAMPLES: tuple[tuple[str | int | datetime, ...], ...] = (
    (
        *("示例-0001", "录音/示例1.wav", "00123", "张三", "一组", "K1001", datetime(2026, 1, 5, 9, 3), "呼入", "售后"),
        *(3, 5, "G20260105001", "左", "客户"),
    ),
    (
        *(
            "示例-0002",
            "录音/示例2.mp3",
            "00456",
            "李四",
            "二组",
            "K1002",
            datetime(2026, 1, 5, 14, 30),
            "呼出",
            "回访",
        ),
        *(8, 4, "G20260105002", "右", "坐席"),
    ),
)
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date: the same file every time


def manifest_template(path: Path) -> None:
    """Write an example manifest with Chinese headers and two rows: `.csv` (UTF-8 with BOM, for Excel) or `.xlsx`.

    Raises:
        InputError: the file exists, cannot be written, or has another suffix.
    """
    place = Place(display(Path(path.name)))
    content = _WRITERS.get(path.suffix.casefold())
    if content is None:
        raise place.error(Refusal(f"不支持后缀 {quoted(path.suffix)}", f"请用 {' 或 '.join(_WRITERS)}"))
    try:
        with path.open("xb") as file:
            file.write(content())
    except FileExistsError as error:
        raise place.error(Refusal("文件已经存在,没有覆盖", "请换一个文件名,或先移走原文件")) from error
    except OSError as error:
        raise place.error(unreadable(error)) from error


def _csv() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADERS)
    writer.writerows(_EXAMPLES)
    return text.getvalue().encode("utf-8-sig")


def _xlsx() -> bytes:
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("清单")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, _HEADERS, bold)
        for column, example in enumerate(_EXAMPLES[0]):
            # The column's own format, so that the ids that users type keep their zeros.
            style = {str: text, datetime: moment}.get(type(example))
            sheet.set_column(column, column, 20, style)
        for row, example_row in enumerate(_EXAMPLES, start=1):
            for column, value in enumerate(example_row):
                if isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, moment)
                else:
                    sheet.write(row, column, value, text if isinstance(value, str) else None)
    return data.getvalue()


_WRITERS: dict[str, Callable[[], bytes]] = {".csv": _csv, ".xlsx": _xlsx}
