"""GPT-2 in 8 bit on the CPU as one ONNX Runtime graph: no Python between two layers, and faster 8-bit kernels.

Against the same arithmetic in torch (FBGEMM) a step takes about two thirds of the time (``docs/performance.md``).
Matrices are int8 with one scale a column; activations become uint8 on the fly with one scale a call
(``DynamicQuantizeMatMul``). The cache is memory that both sides share: ``GroupQueryAttention`` writes new keys and
values where the old ones lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from assistant.engine.gpt2 import GPT2Shape
from assistant.engine.onnx_graph import build_graph


class OnnxCache:
    """``keys``, ``values``: a tensor (batch, heads, max_length, head size) a layer; ``length`` tokens are filled."""

    def __init__(self, keys: list[Tensor], values: list[Tensor], length: int = 0) -> None:
        self.keys, self.values, self.length = keys, values, length
        self.binding: Any = None

    def repeated(self, count: int, max_length: int) -> Self:
        """The same single sequence ``count`` times, each with room for ``max_length`` tokens."""

        def expand(tensor: Tensor) -> Tensor:
            _, heads, _, size = tensor.shape
            # Zeros: what is not filled yet is multiplied by 0, and must not be a number that is none.
            repeated = torch.zeros((count, heads, max_length, size))
            repeated[:, :, : self.length] = tensor[:1, :, : self.length]
            return repeated

        return type(self)([*map(expand, self.keys)], [*map(expand, self.values)], self.length)

    def keep(self, rows: Sequence[int]) -> Self:
        """Only these sequences."""
        index = torch.tensor(list(rows))
        return type(self)(
            [tensor.index_select(0, index) for tensor in self.keys],
            [tensor.index_select(0, index) for tensor in self.values],
            self.length,
        )

    def truncate(self, length: int) -> None:
        """Forget what stands behind the first ``length`` tokens."""
        self.length = min(self.length, length)


class OnnxGPT2:
    """Weights and forward pass; fulfils ``Network``.

    Args:
        shape: the sizes.
        read: a tensor by its name in Transformers, without the prefix ``transformer.``; ``KeyError`` when there is
            none.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape; the message names it.
    """

    device = torch.device("cpu")

    def __init__(self, shape: GPT2Shape, read: Callable[[str], Tensor]) -> None:
        self.shape = shape
        self.context_length, self.vocab_size = shape.n_positions, shape.vocab_size
        model, self.memory_bytes = build_graph(shape, read)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        # A thread that spins keeps a core from whoever needs it, the other half of this very work included.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def new_cache(self, batch_size: int, max_length: int) -> OnnxCache:
        """An empty cache for sequences of at most ``max_length`` tokens."""
        shape = self.shape
        size = (batch_size, shape.n_head, max_length, shape.n_embd // shape.n_head)
        layers = range(shape.n_layer)
        return OnnxCache([torch.zeros(size) for _ in layers], [torch.zeros(size) for _ in layers])

    def forward(self, token_ids: Tensor, cache: OnnxCache, *, all_positions: bool = False) -> Tensor:
        """As ``Network.forward``."""
        batch, length = token_ids.shape
        if batch > 1 and length > 1 and cache.length:
            # GroupQueryAttention reads several new tokens behind old ones for one sequence only.
            steps = [self.forward(token_ids[:, at : at + 1], cache) for at in range(length)]
            return torch.stack(steps, dim=1) if all_positions else steps[-1]
        total = cache.length + length
        if cache.binding is None:
            cache.binding = self._bound(cache)
        binding = cache.binding
        kept = length if all_positions else 1
        logits = torch.empty((batch, kept, self.vocab_size))
        inputs = {
            "token_ids": np.ascontiguousarray(token_ids.numpy()),
            "positions": np.arange(cache.length, total, dtype=np.int64),
            "kept": np.arange(length - kept, length, dtype=np.int64),
            "last": np.full((batch,), total - 1, dtype=np.int32),
            "total": np.array(total, dtype=np.int32),
        }
        for name, array in inputs.items():
            binding.bind_cpu_input(name, array)
        binding.bind_output("logits", "cpu", 0, np.float32, tuple(logits.shape), logits.data_ptr())
        self._session.run_with_iobinding(binding)
        cache.length = total
        return logits if all_positions else logits[:, 0]

    def _bound(self, cache: OnnxCache) -> Any:
        """Keys and values as inputs and, at the same place in memory, as outputs."""
        binding = self._session.io_binding()
        for layer, pair in enumerate(zip(cache.keys, cache.values, strict=True)):
            for kind, tensor in zip(("key", "value"), pair, strict=True):
                where = ("cpu", 0, np.float32, tuple(tensor.shape), tensor.data_ptr())
                binding.bind_input(f"past_{kind}_{layer}", *where)
                binding.bind_output(f"present_{kind}_{layer}", *where)
        return binding
