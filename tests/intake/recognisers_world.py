"""What Amazon, Azure and Google write, and the rows and words that must come out of it."""

from __future__ import annotations

from typing import Any

from tests.intake.build import Row, Words

CALL_ANALYTICS = {
    "JobStatus": "COMPLETED",
    "Transcript": [
        {
            "ParticipantRole": "AGENT",
            "Content": "Hello, Li.",
            "BeginOffsetMillis": 550,
            "EndOffsetMillis": 1300,
            "Items": [
                {
                    "Type": "pronunciation",
                    "Confidence": 0.98,
                    "Content": "Hello",
                    "BeginOffsetMillis": 550,
                    "EndOffsetMillis": 900,
                },
                {"Type": "punctuation", "Confidence": 0.0, "Content": ","},
                {
                    "Type": "pronunciation",
                    "Confidence": "0.5",
                    "Content": "Li",
                    "BeginOffsetMillis": 950,
                    "EndOffsetMillis": 1300,
                },
                {"Type": "punctuation", "Confidence": 0.0, "Content": "."},
            ],
        },
        {"ParticipantRole": "CUSTOMER", "Content": "好", "BeginOffsetMillis": 1500, "EndOffsetMillis": 1800},
    ],
}


def item(content: str, start: str | None, end: str | None, **more: str) -> dict[str, Any]:
    times = {} if start is None else {"start_time": start, "end_time": end}
    kind = "punctuation" if start is None else "pronunciation"
    return {**times, **more, "alternatives": [{"confidence": "0.9", "content": content}], "type": kind}


AWS_CHANNELS = {
    "results": {
        "transcripts": [{"transcript": "您好,请讲。喂。"}],
        "channel_labels": {
            "channels": [
                {
                    "channel_label": "ch_0",
                    "items": [
                        item("您好", "0.5", "1.0"),
                        item(",", None, None),
                        item("请讲", "1.1", "1.5"),
                        item("。", None, None),
                        item("好", "9.0", "9.2"),
                    ],
                },
                {"channel_label": "ch_1", "items": [item("喂", "2.04", "2.5"), item("。", None, None)]},
            ],
            "number_of_channels": 2,
        },
        "items": [],
    }
}
AWS_SPEAKERS = {
    "results": {
        "speaker_labels": {
            "speakers": 2,
            "segments": [
                {
                    "speaker_label": "spk_0",
                    "items": [{"start_time": "0.5", "end_time": "1.0", "speaker_label": "spk_0"}],
                },
                {
                    "speaker_label": "spk_1",
                    "items": [{"start_time": "1.2", "end_time": "1.5", "speaker_label": "spk_1"}],
                },
            ],
        },
        "items": [
            item("Hello", "0.5", "1.0"),
            item(".", None, None),
            item("Hi", "1.2", "1.5"),
            item("there", "1.5", "1.9", speaker_label="spk_1"),
            item("?", None, None),
        ],
    }
}
AZURE = {
    "source": "…",
    "recognizedPhrases": [
        {
            "recognitionStatus": "Success",
            "channel": 0,
            "offset": "PT0.07S",
            "duration": "PT1.59S",
            "offsetInTicks": 700000.0,
            "durationInTicks": 15900000.0,
            "nBest": [
                {
                    "confidence": 0.9,
                    "lexical": "call me at five",
                    "display": "Call me at 5.",
                    "words": [
                        {
                            "word": "call",
                            "offset": "PT0.09S",
                            "duration": "PT0.3S",
                            "confidence": 0.7,
                            "offsetInTicks": 900000.0,
                            "durationInTicks": 3000000.0,
                        },
                        {"word": "me", "offset": "PT0.4S", "duration": "PT0.1S"},
                        {"word": "five", "offset": "PT1M0S", "duration": "PT0.1S"},
                    ],
                },
                {"confidence": 0.2, "display": "Never this."},
            ],
        },
        {
            "recognitionStatus": "Success",
            "channel": 1,
            "offset": "PT1H1M2.5S",
            "duration": "PT1S",
            "nBest": [{"display": "好的。"}],
        },
        {"recognitionStatus": "NoMatch", "channel": 1, "offset": "PT5S", "duration": "PT1S", "nBest": []},
    ],
}
AZURE_DISPLAY = {
    "recognizedPhrases": [
        {
            "channel": 0,
            "speaker": 2,
            "offsetInTicks": 0,
            "durationInTicks": 20000000,
            "nBest": [
                {
                    "display": "5元。",
                    "words": [{"word": "五", "offsetInTicks": 0, "durationInTicks": 1}],
                    "displayWords": [{"displayText": "5元。", "offsetInTicks": 5000000, "durationInTicks": 10000000}],
                }
            ],
        }
    ]
}


def google_word(word: str, start: object, end: object, **more: object) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, "word": word, **more}


GOOGLE_CHANNELS = {
    "results": [
        {
            "channelTag": 1,
            "alternatives": [
                {
                    "transcript": "您好 请讲",
                    "confidence": 0.9,
                    "words": [google_word("您好", "0s", "0.500s"), google_word("请讲", "1.300s", "2s", confidence=0.6)],
                }
            ],
        },
        {
            "channelTag": 2,
            "alternatives": [
                {
                    "transcript": "喂",
                    "words": [google_word("喂", {"seconds": "2", "nanos": 500000000}, {"seconds": 3}, confidence=0.0)],
                }
            ],
        },
        {"channelTag": 2, "alternatives": [{}]},
    ]
}
GOOGLE_SPEAKERS = {
    "response": {
        "results": [
            {
                "alternatives": [
                    {
                        "transcript": "hi there",
                        "words": [google_word("hi", "0s", "0.3s"), google_word("there", "0.3s", "0.6s")],
                    }
                ]
            },
            {
                "alternatives": [
                    {
                        "words": [
                            google_word("hi", "0s", "0.3s", speakerTag=1),
                            google_word("there", "0.3s", "0.6s", speakerTag=2),
                        ]
                    }
                ]
            },
        ]
    }
}
SHAPES: dict[str, tuple[object, list[Row], Words]] = {
    "call analytics": (
        CALL_ANALYTICS,
        [("agent", "Hello, Li.", 550, 1300), ("customer", "好", 1500, 1800)],
        [[("Hello", 550, 900), ("Li", 950, 1300)], []],
    ),
    "contact lens": (
        {
            "Participants": [
                {"ParticipantId": "p1", "ParticipantRole": "AGENT"},
                {"ParticipantId": "p2", "ParticipantRole": "CUSTOMER"},
            ],
            "Transcript": [
                {"ParticipantId": "p2", "Id": "…", "Content": "喂", "BeginOffsetMillis": 0, "EndOffsetMillis": 90},
                {"ParticipantId": "p1", "Id": "…", "Content": "您好", "BeginOffsetMillis": 100, "EndOffsetMillis": 190},
            ],
        },
        [("customer", "喂", 0, 90), ("agent", "您好", 100, 190)],
        [[], []],
    ),
    "aws transcribe with channels": (
        AWS_CHANNELS,
        [("agent", "您好,请讲。", 500, 1500), ("customer", "喂。", 2040, 2500), ("agent", "好", 9000, 9200)],
        [[("您好", 500, 1000), ("请讲", 1100, 1500)], [("喂", 2040, 2500)], [("好", 9000, 9200)]],
    ),
    "aws transcribe with speakers": (
        AWS_SPEAKERS,
        [("other", "Hello.", 500, 1000), ("other", "Hi there?", 1200, 1900)],
        [[("Hello", 500, 1000)], [("Hi", 1200, 1500), ("there", 1500, 1900)]],
    ),
    "azure": (
        AZURE,
        [("agent", "Call me at 5.", 70, 1660), ("customer", "好的。", 3662500, 3663500)],
        [[("Call", 90, 390), ("me", 400, 500)], []],
    ),
    "azure with the words of the display form": (
        AZURE_DISPLAY,
        [("other", "5元。", 0, 2000)],
        [[("5元。", 500, 1500)]],
    ),
    "google with channels": (
        GOOGLE_CHANNELS,
        [("agent", "您好 请讲", 0, 2000), ("customer", "喂", 2500, 3000)],
        [[("您好", 0, 500), ("请讲", 1300, 2000)], [("喂", 2500, 3000)]],
    ),
    "google with speakers": (
        GOOGLE_SPEAKERS,
        [("other", "hi", 0, 300), ("other", "there", 300, 600)],
        [[("hi", 0, 300)], [("there", 300, 600)]],
    ),
    "google without words": (
        {"results": [{"alternatives": [{"transcript": "您好"}], "resultEndTime": "4.500s"}]},
        [("other", "您好", None, None)],
        [[]],
    ),
}
