"""Random weights in exactly the file layouts of the models people have; nothing is downloaded.

Each function writes one and returns its folder (GPT-12L-CN: its zip). ``size="tiny"`` keeps the layout and has tiny
layers and a small vocabulary; ``size="true"`` has the true layers, width and vocabulary, and takes the true room on
disk: remove it at the end of the test.
"""

from tests.model_twins.files import Size
from tests.model_twins.gpt_12l_cn import write_gpt_12l_cn
from tests.model_twins.qwen import write_qwen3
from tests.model_twins.uer import write_gpt2_chinese_couplet, write_gpt2_chinese_poem, write_pegasus
from tests.model_twins.wenzhong import write_wenzhong_3_5b, write_wenzhong_110m
from tests.model_twins.zero_nlp import write_zero_nlp

__all__ = [
    "Size",
    "write_gpt2_chinese_couplet",
    "write_gpt2_chinese_poem",
    "write_gpt_12l_cn",
    "write_pegasus",
    "write_qwen3",
    "write_wenzhong_3_5b",
    "write_wenzhong_110m",
    "write_zero_nlp",
]
