"""What Alibaba, Tencent and iFlytek write, and the rows and words that must come out of it."""

from __future__ import annotations

import json
from typing import Any

from tests.intake.build import Row, Words

ALIBABA = {
    "TaskId": "d429",
    "StatusText": "SUCCESS",
    "BizDuration": 5000,
    "Result": {
        "Sentences": [
            {"EndTime": 1365, "BeginTime": 340, "Text": "您好,请问。", "ChannelId": 0, "EmotionValue": 5.0},
            {"EndTime": 2900, "BeginTime": 1200, "Text": "我要退款", "ChannelId": 1, "SpeechRate": 177},
        ]
    },
}
ALIBABA_WORDS = [
    {"ChannelId": 0, "Word": "您好", "BeginTime": 340, "EndTime": 700},
    {"ChannelId": 0, "Word": "请问", "BeginTime": 900, "EndTime": 1365},
    {"ChannelId": 1, "Word": "我", "BeginTime": 1200, "EndTime": 1300},
    {"ChannelId": 1, "Word": "要", "BeginTime": 1300, "EndTime": 1500},
    {"ChannelId": 1, "Word": "退款", "BeginTime": 1500, "EndTime": 2900},
]
TENCENT_DETAIL = [
    {
        "FinalSentence": "您好。",
        "SliceSentence": "您好",
        "StartMs": 1000,
        "EndMs": 1600,
        "SpeakerId": 0,
        "Words": [
            {"Word": "您", "OffsetStartMs": 0, "OffsetEndMs": 200},
            *[{"Word": "好", "OffsetStartMs": 200, "OffsetEndMs": 600}],
        ],
    },
    {"FinalSentence": "喂", "StartMs": 1800, "EndMs": 2000, "SpeakerId": 1, "Words": None},
]


def iflytek_sentence(bg: int, ed: int, rl: str, *words: tuple[str, str, int, int]) -> dict[str, Any]:
    ws = [{"wb": wb, "we": we, "cw": [{"w": w, "wp": wp, "wc": "0.0000"}]} for w, wp, wb, we in words]
    return {"json_1best": json.dumps({"st": {"bg": str(bg), "ed": str(ed), "rl": rl, "rt": [{"ws": ws}]}})}


IFLYTEK = {
    "lattice": [
        iflytek_sentence(
            100, 900, "1", ("嗯", "s", 0, 10), ("您好", "n", 10, 60), ("。", "p", 60, 60), ("", "g", 60, 60)
        ),
        iflytek_sentence(1000, 1400, "2", ("喂", "n", 2, 40)),
    ]
}
PARAFORMER = {
    "file_url": "…",
    "transcripts": [
        {
            "channel_id": 0,
            "text": "您好。",
            "sentences": [
                {
                    "begin_time": 100,
                    "end_time": 900,
                    "sentence_id": 1,
                    "text": "您好。",
                    "words": [{"begin_time": 100, "end_time": 900, "text": "您好", "punctuation": "。"}],
                }
            ],
        },
        {"channel_id": 1, "text": "喂", "sentences": [{"begin_time": 50, "end_time": 90, "text": "喂"}]},
    ],
}
TINGWU = {
    "TaskId": "…",
    "Transcription": {
        "AudioInfo": {"Duration": 9000},
        "Paragraphs": [
            {
                "ParagraphId": "1",
                "SpeakerId": "1",
                "Words": [
                    {"Id": 10, "SentenceId": 1, "Start": 100, "End": 300, "Text": "您"},
                    {"Id": 20, "SentenceId": 1, "Start": 300, "End": 500, "Text": "好,"},
                    {"Id": 30, "SentenceId": 2, "Start": 700, "End": 900, "Text": "请讲。"},
                ],
            }
        ],
    },
}


SHAPES: dict[str, tuple[object, list[Row], Words]] = {
    "alibaba": (
        ALIBABA,
        [("agent", "您好,请问。", 340, 1365), ("customer", "我要退款", 1200, 2900)],
        [[], []],
    ),
    "alibaba with words for all sentences": (
        {"Result": {**ALIBABA["Result"], "Words": ALIBABA_WORDS}},  # type: ignore[dict-item]
        [("agent", "您好,请问。", 340, 1365), ("customer", "我要退款", 1200, 2900)],
        [[("您好", 340, 700), ("请问", 900, 1365)], [("我", 1200, 1300), ("要", 1300, 1500), ("退款", 1500, 2900)]],
    ),
    "alibaba with words in a sentence": (
        {
            "Result": {
                "Sentences": [
                    {
                        "ChannelId": 0,
                        "BeginTime": 0,
                        "EndTime": 9,
                        "Text": "好。",
                        "Words": [{"Word": "好", "BeginTime": 1, "EndTime": 8}],
                    }
                ]
            }
        },
        [("other", "好。", 0, 9)],
        [[("好", 1, 8)]],
    ),
    "alibaba as a message": (
        {"callId": "1", "sentences": [{"beginTime": 1020, "channelId": 0, "endTime": 1770, "text": "您好"}]},
        [("other", "您好", 1020, 1770)],
        [[]],
    ),
    "paraformer": (PARAFORMER, [("customer", "喂", 50, 90), ("agent", "您好。", 100, 900)], [[], [("您好", 100, 900)]]),
    "tingwu": (
        TINGWU,
        [("other", "您好,", 100, 500), ("other", "请讲。", 700, 900)],
        [[("您", 100, 300), ("好,", 300, 500)], [("请讲。", 700, 900)]],
    ),
    "tencent": (
        {"Response": {"RequestId": "1", "Data": {"StatusStr": "success", "ResultDetail": TENCENT_DETAIL}}},
        [("other", "您好。", 1000, 1600), ("other", "喂", 1800, 2000)],
        [[("您", 1000, 1200), ("好", 1200, 1600)], []],
    ),
    "tencent, the data alone": ({"ResultDetail": TENCENT_DETAIL[1:]}, [("other", "喂", 1800, 2000)], [[]]),
    "iflytek": (
        IFLYTEK,
        [("other", "嗯您好。", 100, 900), ("other", "喂", 1000, 1400)],
        [[("嗯", 100, 200), ("您好", 200, 700)], [("喂", 1020, 1400)]],
    ),
    "iflytek, the whole answer": (
        {"code": "000000", "content": {"orderResult": json.dumps(IFLYTEK), "orderInfo": {"status": 4}}},
        [("other", "嗯您好。", 100, 900), ("other", "喂", 1000, 1400)],
        [[("嗯", 100, 200), ("您好", 200, 700)], [("喂", 1020, 1400)]],
    ),
}
