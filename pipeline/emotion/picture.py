"""The picture of a course: both sides' curves over the call, with loudness and the moments that matter, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.course import CallCourse, SideCourse
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.domain.wording import EMOTION_NAMES, ROLE_NAMES, clock
from pipeline.emotion import svg
from pipeline.emotion.curve import VALENCE
from pipeline.emotion.telling import course_lines

WIDTH = 960.0
_LEFT, _RIGHT = 62.0, 934.0
_TOP, _CURVE_HEIGHT = 84.0, 260.0
_HIGHEST, _LOWEST = 1.08, -1.22
"""The curve's range: a little more than valence has, with room for the marks of empathy under it."""
_LOUD_HEIGHT = 64.0
_LOUD_DB = 12.0
"""Loudness is drawn up to so many dB above and below the speaker's usual."""

_COLOURS = {Role.CUSTOMER: "#D55E00", Role.AGENT: "#0072B2"}
_DASHES = {Role.CUSTOMER: "", Role.AGENT: "7 4"}
_EMPATHY, _CHANGE, _INK, _GRID = "#009E73", "#555555", "#333333", "#DDDDDD"
"""Okabe and Ito's colours for every kind of colour vision (2008); sides and marks also differ in dash and shape."""

_MOST_DOTS = 150
"""More turns than this are drawn as lines alone."""
_LINE_WIDTH = 136
"""Of a line of words, in Latin characters; a Chinese one takes two."""
_PARTS = re.compile(r"[^;,。]+[;,。]?")
_STEPS_MS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400)
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where each turn stands from left to right: by its start where all have a time, else by its number."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    span: float
    timed: bool

    def x(self, value: float) -> float:
        return _LEFT + 8 + (_RIGHT - _LEFT - 16) * (value / self.span if self.span else 0.5)

    def middle(self, turn: int) -> float:
        return self.x((self.starts[turn] + self.ends[turn]) / 2)


def course_svg(
    course: CallCourse, turns: Sequence[Turn], *, title: str, loudness_db: Sequence[float | None] | None = None
) -> str:
    """A standalone SVG with title and description for screen readers; whoever wrote the texts, they are inert.

    `turns` are all turns of the call, `title` names it, `loudness_db` is how much louder than its speaker's usual each
    turn is, None where it was not measured. Raises ValueError when `loudness_db` has another length than `turns`.
    """
    if loudness_db is not None and len(loudness_db) != len(turns):
        raise ValueError("one loudness (or None) per turn is needed")
    axis = _axis(turns)
    loud = loudness_db if loudness_db is not None and any(v is not None for v in loudness_db) else None
    bottom = _TOP + _CURVE_HEIGHT
    sides = [side for side in (course.customer, course.agent) if side]
    body = [svg.text((_LEFT, 28), _cut(title, 52), size=17, bold=True), *_legend(sides, loud is not None)]
    body += [*_grid(), *_changes(sides, axis)]
    for side in reversed(sides):
        body += _curve(side, axis)
    body += [*_empathy(course, axis), *_labels(sides, axis)]
    if not sides:
        body.append(svg.text((WIDTH / 2, _TOP + 70), "没有可以判断的情绪", size=16, anchor="middle"))
    if loud is not None:
        body += _loudness(turns, loud, axis, bottom + 30)
        bottom += 30 + _LOUD_HEIGHT
    body += _ticks(axis, bottom)
    told = course_lines(course, [t.start_ms for t in turns])
    lines = [part for line in told for part in _wrapped(line)]
    body += [svg.text((_LEFT, bottom + 62 + 19 * n), line, size=12.5) for n, line in enumerate(lines)]
    height = bottom + 62 + 19 * len(lines)
    return svg.document(WIDTH, height, title=f"情绪走势:{title}", described="。".join(told), body=filter(None, body))


def _axis(turns: Sequence[Turn]) -> _Axis:
    spans = [(t.start_ms, t.end_ms if t.end_ms is not None else t.start_ms) for t in turns]
    known = [(float(a), float(b)) for a, b in spans if a is not None and b is not None]
    if turns and len(known) == len(turns) and max(b for _, b in known) > 0:
        return _Axis(tuple(a for a, _ in known), tuple(b for _, b in known), max(b for _, b in known), timed=True)
    places = tuple(map(float, range(len(turns))))
    return _Axis(places, places, max(0.0, len(turns) - 1.0), timed=False)


def _y(valence: float) -> float:
    return _TOP + _CURVE_HEIGHT * (_HIGHEST - valence) / (_HIGHEST - _LOWEST)


def _grid() -> list[str]:
    parts = [svg.rectangle((_LEFT, _TOP), (_RIGHT - _LEFT, _CURVE_HEIGHT), fill="#FAFAFA")]
    for label, level in VALENCE.items():
        parts.append(svg.line((_LEFT, _y(level)), (_RIGHT, _y(level)), stroke="#AAAAAA" if level == 0 else _GRID))
        parts.append(svg.text((_LEFT - 8, _y(level) + 4), EMOTION_NAMES[label], anchor="end"))
    return parts


def _curve(side: SideCourse, axis: _Axis) -> list[str]:
    colour = _COLOURS[side.role]
    points = [(axis.middle(p.turn), _y(p.smoothed)) for p in side.points]
    parts = [svg.path(points, stroke=colour, width=2.4, dash=_DASHES[side.role])]
    if len(side.points) <= _MOST_DOTS:
        for p in side.points:
            radius = 1.5 + 2 * p.weight
            at = (axis.middle(p.turn), _y(p.valence))
            if side.role is Role.CUSTOMER:
                parts.append(svg.circle(at, radius, fill=colour, opacity=0.45))
            else:
                corner, edge = (at[0] - radius, at[1] - radius), 2 * radius
                parts.append(svg.rectangle(corner, (edge, edge), fill=colour, opacity=0.45))
    return parts


def _changes(sides: Sequence[SideCourse], axis: _Axis) -> list[str]:
    parts = []
    for side in sides:
        for change in side.changes:
            x = axis.x(axis.starts[change.turn])
            parts.append(svg.line((x, _TOP), (x, _TOP + _CURVE_HEIGHT), stroke=_COLOURS[side.role], dash="2 4"))
            parts.append(svg.polygon(_diamond(x, _TOP), fill=_COLOURS[side.role]))
    return parts


def _empathy(course: CallCourse, axis: _Axis) -> list[str]:
    base = _TOP + _CURVE_HEIGHT
    marks = [axis.middle(turn) for turn in course.empathy_turns]
    return [svg.polygon(_triangle(x, base), fill=_EMPATHY) for x in marks]


def _labels(sides: Sequence[SideCourse], axis: _Axis) -> list[str]:
    """Rings with words at the worst turn, and the end of each side; the words of both sides keep apart."""
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    for side in sides:
        name, colour = ROLE_NAMES[side.role], _COLOURS[side.role]
        marks = []
        if side.peak_turn is not None and side.peak is not EmotionLabel.CALM:
            value = next((p.valence for p in side.points if p.turn == side.peak_turn), VALENCE[side.peak])
            marks.append((side.peak_turn, value, f"{name}最差:{EMOTION_NAMES[side.peak]}"))
        last = side.points[-1]
        marks.append((last.turn, last.smoothed, f"{name}结束:{EMOTION_NAMES[side.end]}"))
        for turn, value, said in marks:
            x, y = axis.middle(turn), _y(value)
            at = _free(x, y, taken)
            taken.append(at)
            anchor = "end" if x > _RIGHT - 110 else "start" if x < _LEFT + 110 else "middle"
            parts += [
                svg.circle((x, y), 6, stroke=colour),
                svg.halo(at, said, fill=colour, anchor=anchor),
            ]
    return parts


def _free(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A place for words near the point, inside the plot and away from other words."""
    low, high = _TOP + 14, _TOP + _CURVE_HEIGHT - 8
    for shift in (-12, 22, -30, 40, -48, 58, -66, 76):
        at = (x, min(max(y + shift, low), high))
        if all(abs(at[0] - a) > 200 or abs(at[1] - b) >= 16 for a, b in taken):
            return at
    return x, min(max(y - 12, low), high)


def _loudness(turns: Sequence[Turn], loud: Sequence[float | None], axis: _Axis, top: float) -> list[str]:
    middle = top + _LOUD_HEIGHT / 2
    scale = _LOUD_HEIGHT / 2 / _LOUD_DB
    parts = [
        svg.rectangle((_LEFT, top), (_RIGHT - _LEFT, _LOUD_HEIGHT), fill="#FAFAFA"),
        svg.line((_LEFT, middle), (_RIGHT, middle), stroke="#AAAAAA"),
    ]
    for db in (6, -6):
        y = middle - db * scale
        parts.append(svg.line((_LEFT, y), (_RIGHT, y), stroke=_GRID))
        parts.append(svg.text((_LEFT - 8, y + 4), f"{db:+d} dB".replace("-", "−"), size=10.5, anchor="end"))
    parts.append(svg.text((_LEFT - 8, middle + 4), "平时", size=10.5, anchor="end"))
    bars: dict[tuple[Role, int], tuple[float, float, float]] = {}
    for turn, value in zip(turns, loud, strict=True):
        if value is None or turn.role not in _COLOURS:
            continue
        half = 0.0 if axis.timed else (_RIGHT - _LEFT) / max(1, len(turns)) / 2 * 0.8
        x = axis.x(axis.starts[turn.index]) - half
        width = max(1.2, axis.x(axis.ends[turn.index]) + half - x)
        height = max(-_LOUD_DB, min(_LOUD_DB, value)) * scale
        # Of bars that fall on one pixel only the farthest from usual can be seen.
        key = (turn.role, round(x))
        if key not in bars or abs(height) > abs(bars[key][2]):
            bars[key] = (x, width, height)
    for (role, _), (x, width, height) in bars.items():
        y = middle - max(0.0, height)
        parts.append(svg.rectangle((x, y), (width, max(0.8, abs(height))), fill=_COLOURS[role], opacity=0.7))
    return parts


def _ticks(axis: _Axis, y: float) -> list[str]:
    parts = [svg.line((_LEFT, y), (_RIGHT, y), stroke=_INK)]
    if axis.timed:
        step = next((s for s in _STEPS_MS if axis.span / (s * 1000) <= _MOST_TICKS), _STEPS_MS[-1]) * 1000
        values = [(float(v), clock(v)) for v in range(0, int(axis.span) + 1, step)]
    else:
        n = len(axis.starts)
        step = next(s * 10**e for e in range(9) for s in (1, 2, 5) if n / (s * 10**e) <= _MOST_TICKS)
        values = [(float(v), str(v + 1)) for v in range(n) if v == 0 or (v + 1) % step == 0]
        if step > 1 and len(values) > 1 and values[1][0] - values[0][0] < step * 0.6:
            del values[0]
    for value, label in values:
        x = axis.x(value)
        parts += [svg.line((x, y), (x, y + 5), stroke=_INK), svg.text((x, y + 18), label, size=11, anchor="middle")]
    unit = "时间(分:秒)" if axis.timed else "第几句(没有时间信息)"
    return [*parts, svg.text((_RIGHT, y + 34), unit, size=11, anchor="end")]


def _legend(sides: Sequence[SideCourse], loud: bool) -> list[str]:
    x, y = _LEFT, 56.0
    parts: list[str] = []
    for side in sides:
        parts.append(
            svg.line((x, y - 4), (x + 34, y - 4), stroke=_COLOURS[side.role], width=2.4, dash=_DASHES[side.role])
        )
        parts.append(svg.text((x + 40, y), f"{ROLE_NAMES[side.role]}情绪"))
        x += 118
    marks = [("变化点(按各方颜色)", svg.polygon(_diamond(x + 6, y - 4), fill=_CHANGE), 148)]
    x += 148
    marks.append(("客服致歉或理解", svg.polygon(_triangle(x + 6, y + 1), fill=_EMPATHY), 128))
    x += 128
    dots = all(len(side.points) <= _MOST_DOTS for side in sides)
    marks.append(("点:单句,越大话越多;线:平滑后" if dots else "线:平滑后", "", 0))
    at = x - 276
    for said, shape, width in marks:
        parts += [shape, svg.text((at + (18 if shape else 0), y), said)]
        at += width
    if loud:
        parts.append(svg.text((_RIGHT, y), "下方:音量", anchor="end"))
    return parts


def _diamond(x: float, y: float) -> list[svg.Point]:
    return [(x, y - 6), (x + 5, y), (x, y + 6), (x - 5, y)]


def _triangle(x: float, y: float) -> list[svg.Point]:
    return [(x, y - 11), (x + 6, y), (x - 6, y)]


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else said[: most - 1] + "…"


def _wrapped(line: str) -> list[str]:
    """The line in pieces of a picture's width, parted between clauses; further ones are set in a little."""
    pieces = [""]
    for part in _PARTS.findall(line):
        if pieces[-1] and _wide(pieces[-1] + part) > _LINE_WIDTH:
            pieces.append("  ")
        pieces[-1] += part
    return pieces


def _wide(said: str) -> int:
    return sum(1 if char < "\u0250" else 2 for char in said)
