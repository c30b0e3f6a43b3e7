"""The few shapes of SVG that pictures are drawn with: standalone, without scripts, fonts or links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape as _escape

FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What XML does not allow, and what would turn the direction of the text around it."""

Point = tuple[float, float]


def plain(text: str, *, most: int | None = None) -> str:
    """Text that may stand in an element or an attribute, cut to `most` characters with a mark where it is longer."""
    clean = " ".join(_FORBIDDEN.sub("", text).split())
    if most is not None and len(clean) > most:
        clean = clean[: most - 1] + "…"
    return _escape(clean, quote=True)


def document(width: float, height: float, *, title: str, described: str, body: Iterable[str]) -> str:
    """A whole file. `title` and `described` are read aloud by screen readers."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
            f'height="{_n(height)}" role="img" lang="zh-CN" aria-labelledby="zj-title zj-desc" font-family="{FONT}">',
            f'<title id="zj-title">{plain(title)}</title>',
            f'<desc id="zj-desc">{plain(described)}</desc>',
            f'<rect width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def text(
    at: Point, said: str, *, size: float = 12, fill: str = "#333333", anchor: str = "start", bold: bool = False
) -> str:
    """Words with their baseline at the point; `anchor` is start, middle or end."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{_n(at[0])}" y="{_n(at[1])}" font-size="{_n(size)}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{plain(said)}</text>"
    )


def halo(at: Point, said: str, *, fill: str, anchor: str) -> str:
    """Words that can be read over lines: with a white edge."""
    return (
        f'<text x="{_n(at[0])}" y="{_n(at[1])}" font-size="12" fill="{fill}" text-anchor="{anchor}" font-weight="bold" '
        f'stroke="#ffffff" stroke-width="3" paint-order="stroke">{plain(said)}</text>'
    )


def line(begin: Point, end: Point, *, stroke: str, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_n(begin[0])}" y1="{_n(begin[1])}" x2="{_n(end[0])}" y2="{_n(end[1])}" stroke="{stroke}" '
        f'stroke-width="{_n(width)}"{dashed}/>'
    )


def path(points: Sequence[Point], *, stroke: str, width: float = 2, dash: str = "") -> str:
    """A line through the points; nothing where there are fewer than two."""
    if len(points) < 2:
        return ""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    through = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return (
        f'<path d="M{through}" fill="none" stroke="{stroke}" stroke-width="{_n(width)}" stroke-linejoin="round"'
        f"{dashed}/>"
    )


def rectangle(corner: Point, size: Point, *, fill: str, opacity: float = 1) -> str:
    """A filled rectangle with its upper left corner and its size."""
    return (
        f'<rect x="{_n(corner[0])}" y="{_n(corner[1])}" width="{_n(size[0])}" height="{_n(size[1])}" fill="{fill}" '
        f'fill-opacity="{_n(opacity)}"/>'
    )


def circle(at: Point, radius: float, *, fill: str = "none", stroke: str = "none", opacity: float = 1) -> str:
    """A dot or a ring."""
    return (
        f'<circle cx="{_n(at[0])}" cy="{_n(at[1])}" r="{_n(radius)}" fill="{fill}" fill-opacity="{_n(opacity)}" '
        f'stroke="{stroke}" stroke-width="2"/>'
    )


def polygon(points: Sequence[Point], *, fill: str) -> str:
    """A filled shape."""
    return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}" fill="{fill}"/>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
