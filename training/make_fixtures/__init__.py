"""Makes the recordings and chats of `fixtures/audio` from dialogues in `training/scenes`.

    python -m training.make_fixtures [SCENE.yml …] [--out FOLDER]

Without scenes it re-makes the whole of `fixtures/audio`; with scenes it writes only these, into FOLDER, for listening.

A scene is a YAML file in the folder of its industry, with a header and a dialogue, one utterance per line:

    call_id: 20260302-001
    title: 物流查询
    industry: ecommerce         # insurance, banking, collections, telecom, ecommerce, property; general unless said
    format: wav                 # wav (mu-law), mp3, opus, or chat
    agent_channel: 0            # the audio channel that holds the agent, 0 unless said
    mono: true                  # both speakers on one channel
    quality: fair               # the line: good, fair or poor (training/voice/channel.py); good unless said
    agent: {voice: f2, wpm: 165, pitch: 50}        # a voice of training/voice/variants.py
    customer: {voice: Mike, wpm: 170, pitch: 40}
    meta: {agent_id: A101, agent_name: 李静, …}    # the manifest's columns
    clean: true                 # no rule may be violated; then no fault may be planted
    must_not: [rule ids]        # near misses: these rules may not fire
    may: [rule ids]             # the truth takes no stand: a person could judge either way
    absent: {rule id: note}     # faults that have no place, such as a greeting that never comes
    lines: |
      (铃声 5s)
      客服: 您好,感谢致电星河客服中心。
      客户: (大声) 我3月2日买的iPhone,订单号#2603047715,怎么还没有到?
      (停顿 22s) (违规 general.behaviour.silence 静默二十二秒)
      客服: (抢话 800ms) 这个不归我管。 (违规 general.banned.shirk 推卸责任)

A text holds Chinese characters, punctuation, and what `training/voice/reading.py` reads aloud: 24小时 and 3.5% as
numbers, #12315 digit by digit, APP by its letters, iPhone as an English word. The truth has the text without `#`.

A line of its own says what happens while nobody speaks, in place of the usual gap of 300 to 900 ms:

    (停顿 3s)     silence
    (音乐 30s)    hold music, from the agent's side
    (嘈杂 4s)     a burst of noise, from the customer's side
    (铃声 5s)     the ring before the first words, from the side that is called; only as the first line

In a chat only (停顿 3s) has a meaning. Marks of an utterance stand ahead of its text:

    (抢话 800ms)  starts that long before the other speaker has ended
    (快) (慢)     1.4 and 0.8 times the speaker's rate
    (大声) (小声) 7 dB louder and softer
    (高音) (低音) 15 steps of espeak-ng's 0 to 99 above and below the speaker's pitch

After the text or the pause stands `(违规 RULE_ID note)`: a fault planted here, whose span is this turn's or pause's. In
a shipped mono recording only such faults are planted as do not depend on who speaks. A mark that is not named here is
refused. Brackets and punctuation may be Chinese or western.
"""
