"""The ONNX graph of a GPT-2 in 8 bit.

Operators of the domain ``com.microsoft`` are explained in ONNX Runtime's ContribOperators.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from assistant.engine.gpt2 import GPT2Shape, gelu_of
from assistant.engine.kernels import row_scales

_MICROSOFT = "com.microsoft"


class _Builder:
    """Collects nodes and weights."""

    def __init__(self, shape: GPT2Shape, read: Callable[[str], Tensor]) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.memory_bytes = 0
        self._shape, self._read = shape, read

    def take(self, name: str, *size: int) -> Tensor:
        tensor = self._read(name)
        if tuple(tensor.shape) != size:
            raise ValueError(f"{name}: {tuple(tensor.shape)}, expected {size}")
        return tensor

    def weight(self, name: str, array: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        self.memory_bytes += array.nbytes
        return name

    def node(
        self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def vector(self, name: str, size: int) -> str:
        return self.weight(name, self.take(name, size).float().numpy())

    def matrix(self, at: str, x: str, weight: Tensor, bias: Tensor | None) -> str:
        """``x @ weight.T + bias`` with ``weight`` (out, in) in 8 bit."""
        scales = row_scales(weight)
        quantised = (weight.float() / scales[:, None]).round().clamp(-127, 127).numpy().astype(np.int8)
        inputs = [
            x,
            self.weight(f"{at}.int8", quantised.T),
            self.weight(f"{at}.scale", scales.numpy()),
            self.weight(f"{at}.zero", np.zeros(len(scales), dtype=np.int8)),
        ]
        if bias is not None:
            inputs.append(self.weight(f"{at}.bias", bias.float().numpy()))
        return self.node("DynamicQuantizeMatMul", inputs, f"{at}.out", domain=_MICROSOFT)

    def linear(self, at: str, x: str, into: int, out: int) -> str:
        """A ``Conv1D`` of GPT-2, whose matrix is stored (in, out)."""
        return self.matrix(at, x, self.take(f"{at}.weight", into, out).t(), self.take(f"{at}.bias", out))

    def embedding(self, name: str, rows: int, index: str) -> str:
        """Rows of a table that is stored in 16 bit."""
        table = self.take(f"{name}.weight", rows, self._shape.n_embd).half().numpy()
        found = self.node("Gather", [self.weight(f"{name}.weight", table), index], f"{name}.half")
        return self.node("Cast", [found], f"{name}.out", to=TensorProto.FLOAT)

    def add_and_norm(self, at: str, x: str, more: str) -> tuple[str, str]:
        """``x + more``, and its layer norm."""
        n, epsilon = self._shape.n_embd, self._shape.layer_norm_epsilon
        inputs = [x, more, self.vector(f"{at}.weight", n), self.vector(f"{at}.bias", n)]
        outputs = (f"{at}.out", "", "", f"{at}.sum")
        self.node("SkipLayerNormalization", inputs, *outputs, domain=_MICROSOFT, epsilon=epsilon)
        return f"{at}.sum", f"{at}.out"


def build_graph(shape: GPT2Shape, read: Callable[[str], Tensor]) -> tuple[Any, int]:
    """The graph, and the bytes of its weights.

    Inputs: ``token_ids`` (batch, T) and ``positions`` (T,) int64; ``kept`` (K,) int64, the positions that get logits;
    ``last`` (batch,) and ``total`` () int32, index of the last token and number of all tokens; ``past_key_i`` and
    ``past_value_i`` (batch, heads, room, head size). Outputs: ``logits`` (batch, K, vocab); ``present_key_i``,
    ``present_value_i``, which are to share the memory of the past.

    Args:
        shape: the sizes.
        read: a tensor by its name; called once a tensor, twice for the embedding.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape; the message names it.
    """
    builder = _Builder(shape, read)
    n, heads, inner = shape.n_embd, shape.n_head, shape.n_inner
    size = n // heads
    scale = 1.0 / math.sqrt(size) if shape.scale_attn_weights else 1.0
    gelu = "FastGelu" if gelu_of(shape) == "tanh" else "Gelu"
    token = builder.embedding("wte", shape.vocab_size, "token_ids")
    position = builder.embedding("wpe", shape.n_positions, "positions")
    # Positions are (T, C): the first norm adds them to every sequence.
    x = builder.node("Add", [token, position], "x")
    norm = [x, builder.vector("h.0.ln_1.weight", n), builder.vector("h.0.ln_1.bias", n)]
    y = builder.node("LayerNormalization", norm, "h.0.ln_1.out", epsilon=shape.layer_norm_epsilon)
    for layer in range(shape.n_layer):
        at = f"h.{layer}"
        qkv = builder.linear(f"{at}.attn.c_attn", y, n, 3 * n)
        attended = builder.node(
            "GroupQueryAttention",
            [qkv, "", "", f"past_key_{layer}", f"past_value_{layer}", "last", "total"],
            f"{at}.attended",
            f"present_key_{layer}",
            f"present_value_{layer}",
            domain=_MICROSOFT,
            num_heads=heads,
            kv_num_heads=heads,
            scale=scale,
        )
        projected = builder.linear(f"{at}.attn.c_proj", attended, n, n)
        x, y = builder.add_and_norm(f"{at}.ln_2", x, projected)
        wide = builder.linear(f"{at}.mlp.c_fc", y, n, inner)
        active = builder.node(gelu, [wide], f"{at}.active", domain=_MICROSOFT)
        narrow = builder.linear(f"{at}.mlp.c_proj", active, inner, n)
        if layer + 1 < shape.n_layer:
            x, y = builder.add_and_norm(f"h.{layer + 1}.ln_1", x, narrow)
    x, narrow = (builder.node("Gather", [name, "kept"], f"{name}.kept", axis=1) for name in (x, narrow))
    _, y = builder.add_and_norm("ln_f", x, narrow)
    builder.nodes.append(helper.make_node("Identity", [_head(builder, shape, read, y)], ["logits"]))
    return _model(builder, shape, size), builder.memory_bytes


def _head(builder: _Builder, shape: GPT2Shape, read: Callable[[str], Tensor], y: str) -> str:
    try:
        weight = builder.take("lm_head.weight", shape.vocab_size, shape.n_embd)
    except KeyError:
        weight = builder.take("wte.weight", shape.vocab_size, shape.n_embd)
    return builder.matrix("lm_head", y, weight, None)


def _model(builder: _Builder, shape: GPT2Shape, head_size: int) -> Any:
    def value(name: str, kind: int, *size: str | int) -> Any:
        return helper.make_tensor_value_info(name, kind, size)

    cache = ("batch", shape.n_head, "room", head_size)
    pasts = [f"{kind}_{layer}" for layer in range(shape.n_layer) for kind in ("key", "value")]
    inputs = [
        value("token_ids", TensorProto.INT64, "batch", "length"),
        value("positions", TensorProto.INT64, "length"),
        value("kept", TensorProto.INT64, "kept"),
        value("last", TensorProto.INT32, "batch"),
        value("total", TensorProto.INT32),
        *(value(f"past_{name}", TensorProto.FLOAT, *cache) for name in pasts),
    ]
    outputs = [
        value("logits", TensorProto.FLOAT, "batch", "kept", shape.vocab_size),
        *(value(f"present_{name}", TensorProto.FLOAT, *cache) for name in pasts),
    ]
    graph = helper.make_graph(builder.nodes, "gpt2", inputs, outputs, builder.weights)
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=9)
