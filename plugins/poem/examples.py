"""What the poem writer shows to whoever meets it the first time."""

from __future__ import annotations

from assistant.api import WriterExample

EXAMPLES = (
    WriterExample("七绝《春晓》", "按题目写，平仄押韵都合律", options={"form": "七绝", "title": "春晓"}),
    WriterExample("浣溪沙《秋思》", "按词谱填一首词", options={"tune": "浣溪沙", "title": "秋思"}),
    WriterExample(
        "五律「空山新雨后」", "起了头，接着写完一首", before="空山新雨后，", options={"form": "五律"}
    ),
    WriterExample(
        "藏头「春暖花开」", "每句第一个字连起来就是它", options={"form": "七绝", "acrostic": "春暖花开"}
    ),
)
