"""Makes the recordings and chats of `fixtures/audio` from dialogues in `training/scenes`.

    python -m training.make_fixtures [SCENE.yml …] [--out FOLDER]

A scene is a YAML file with a header and a dialogue, one utterance per line:

    call_id: 20260302-001
    title: 物流查询
    format: wav                 # wav (mu-law), mp3, opus, or chat
    agent_channel: 0            # the audio channel that holds the agent, 0 unless said
    agent: {voice: f2, wpm: 165, pitch: 50}
    customer: {voice: m3, wpm: 170, pitch: 40}
    meta: {agent_id: A101, agent_name: 李静, …}        # the manifest's columns
    clean: true                 # no rule may be violated; then no fault may be planted
    must_not: [rule ids]        # near misses: these rules may not fire
    may: [rule ids]             # the truth takes no stand: a person could judge either way
    absent: {rule id: note}     # faults that have no place, such as a greeting that never comes
    lines: |
      客服: 您好,感谢致电星河客服中心。
      客户: (大声) 我的快递怎么还没有到?
      (停顿 12s) (违规 general.behaviour.silence 静默十二秒)
      客服: (抢话 800ms) 这个不归我管。 (违规 general.banned.shirk 推卸责任)

Marks stand in parentheses, ahead of the text:

    (停顿 3s)     on a line of its own: nobody speaks, in place of the usual gap of 300 to 900 ms
    (抢话 800ms)  starts that long before the other speaker has ended
    (快) (慢)     1.4 and 0.8 times the speaker's rate
    (大声) (小声) 7 dB louder and softer
    (高音) (低音) 15 steps of espeak-ng's 0 to 99 above and below the speaker's pitch

and after it `(违规 RULE_ID note)`: a fault planted here, whose span is this turn's or pause's. Texts are written as
they are spoken (二十四小时, 幺二三幺五); digits and Latin letters are refused, as is any mark not named here.
"""
