"""What Whisper and its kin write, and the rows and words that must come out of it."""

from __future__ import annotations

from tests.intake.build import Row, Words

WHISPER = {
    "text": "您好,请问。喂",
    "language": "zh",
    "segments": [
        {
            "id": 0,
            "start": 0.0,
            "end": 2.5,
            "text": " 您好,请问。",
            "words": [
                {"word": "您", "start": 0.0, "end": 0.4, "probability": 0.91},
                {"word": "好,", "start": 0.4, "end": 0.8, "probability": 0.5},
                {"word": "请问。", "start": 1.0, "end": 2.5, "probability": 1.0},
            ],
        },
        {"id": 1, "start": 2.9, "end": 3.2, "text": "喂"},
    ],
}
WHISPERX = {
    "segments": [
        {
            "start": 0.1,
            "end": 0.9,
            "text": " 要5个",
            "speaker": "SPEAKER_01",
            "words": [
                {"word": "要", "start": 0.1, "end": 0.3, "score": 0.2, "speaker": "SPEAKER_01"},
                {"word": "5"},
                {"word": "个", "start": 0.5, "end": 0.9, "score": 0.9},
            ],
        },
        {"start": 0.95, "end": 1.4, "text": "好", "speaker": "SPEAKER_00", "words": []},
    ],
    "word_segments": [],
}

SHAPES: dict[str, tuple[object, list[Row], Words]] = {
    "whisper": (
        WHISPER,
        [("other", "您好,请问。", 0, 2500), ("other", "喂", 2900, 3200)],
        [[("您", 0, 400), ("好,", 400, 800), ("请问。", 1000, 2500)], []],
    ),
    "whisper, the segments alone": ([{"start": 1, "end": 2, "text": "好"}], [("other", "好", 1000, 2000)], [[]]),
    "openai with the words of all segments": (
        {
            "segments": [{"start": 0, "end": 1, "text": "您好"}, {"start": 1, "end": 2, "text": "喂"}],
            "words": [
                {"word": "您", "start": 0.0, "end": 0.5},
                {"word": "好", "start": 0.5, "end": 1.0},
                {"word": "喂", "start": 1.1, "end": 2.0},
            ],
        },
        [("other", "您好", 0, 1000), ("other", "喂", 1000, 2000)],
        [[("您", 0, 500), ("好", 500, 1000)], [("喂", 1100, 2000)]],
    ),
    "whisperx": (
        WHISPERX,
        [("other", "要5个", 100, 900), ("other", "好", 950, 1400)],
        [[("要", 100, 300), ("个", 500, 900)], []],
    ),
    "whisperx with names given by hand": (
        {
            "segments": [
                {"start": 0, "end": 1, "text": "您好", "speaker": "客服"},
                {"start": 1, "end": 2, "text": "喂", "speaker": "客户"},
            ]
        },
        [("agent", "您好", 0, 1000), ("customer", "喂", 1000, 2000)],
        [[], []],
    ),
}
