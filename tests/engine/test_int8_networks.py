"""The 8-bit networks, ONNX Runtime's and torch's, against torch in fp32."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from assistant.engine import kernels
from assistant.engine.gpt2 import GPT2, GPT2Shape
from assistant.engine.kernels import Int8Linear, PackedInt8Linear, make_linear
from assistant.engine.onnx_gpt2 import OnnxGPT2

CPU = torch.device("cpu")


def shape_of(activation: str = "gelu_new", *, scaled: bool = True) -> GPT2Shape:
    return GPT2Shape.from_config(
        {
            "vocab_size": 300, "n_positions": 160, "n_embd": 64, "n_layer": 3, "n_head": 4, "n_inner": 192,
            "activation_function": activation, "scale_attn_weights": scaled,
        }
    )  # fmt: skip


def reader(shape: GPT2Shape, *, tied: bool = True) -> Callable[[str], Tensor]:
    """Lively random weights, the same at every call."""
    n, inner = shape.n_embd, shape.n_inner
    sizes = {
        "wte.weight": (shape.vocab_size, n), "wpe.weight": (shape.n_positions, n),
        "attn.c_attn.weight": (n, 3 * n), "attn.c_attn.bias": (3 * n,),
        "attn.c_proj.weight": (n, n), "attn.c_proj.bias": (n,),
        "mlp.c_fc.weight": (n, inner), "mlp.c_fc.bias": (inner,),
        "mlp.c_proj.weight": (inner, n), "mlp.c_proj.bias": (n,),
    }  # fmt: skip

    def read(name: str) -> Tensor:
        if name == "lm_head.weight" and tied:
            raise KeyError(name)
        kind = name.split(".", 2)[2] if name.startswith("h.") else name
        generator = torch.Generator().manual_seed(sum(name.encode()))
        size = (shape.vocab_size, n) if kind == "lm_head.weight" else sizes.get(kind, (n,))
        noise = torch.randn(size, generator=generator)
        is_norm = kind.startswith("ln_")
        return 1 + 0.1 * noise if is_norm and kind.endswith("weight") else noise * (0.1 if is_norm else 0.15)

    return read


NETWORKS = {
    "onnx": OnnxGPT2,
    "fbgemm": lambda shape, read: GPT2(shape, read, "int8"),
}


def close(own: Tensor, reference: Tensor) -> None:
    assert own.shape == reference.shape
    similarity = torch.cosine_similarity(own.flatten(0, -2), reference.flatten(0, -2), dim=-1)
    assert float(similarity.mean()) > 0.99
    # Attention without its scale is so sharp that a rounding may move it to another token.
    assert float(similarity.min()) > 0.97


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(
    "shape", [shape_of(), shape_of("gelu"), shape_of(scaled=False)], ids=["tanh", "exact", "bare"]
)
@pytest.mark.parametrize("kind", NETWORKS)
def test_logits_are_those_of_full_precision(kind: str, shape: GPT2Shape, tied: bool) -> None:
    network, reference = (
        NETWORKS[kind](shape, reader(shape, tied=tied)),
        GPT2(shape, reader(shape, tied=tied)),
    )
    ids = torch.randint(0, 300, (1, 90), generator=torch.Generator().manual_seed(1))
    own, its = network.new_cache(1, 100), reference.new_cache(1, 100)
    for start, end in ((0, 64), (64, 89), (89, 90)):
        for everything in (True, False) if end < 89 else (False,):
            own.truncate(start)
            its.truncate(start)
            close(
                network.forward(ids[:, start:end], own, all_positions=everything),
                reference.forward(ids[:, start:end], its, all_positions=everything),
            )
    assert own.length == its.length == 90


@pytest.mark.parametrize("kind", NETWORKS)
def test_sequences_part_end_and_begin_again(kind: str) -> None:
    shape = shape_of()
    network, reference = NETWORKS[kind](shape, reader(shape)), GPT2(shape, reader(shape))
    ids = torch.randint(0, 300, (3, 30), generator=torch.Generator().manual_seed(2))

    def follow(one: OnnxGPT2 | GPT2) -> list[Tensor]:
        prefix = one.new_cache(1, 32)
        logits = [one.forward(ids[:1, :20], prefix)]
        cache = prefix.repeated(3, 40)
        logits += [one.forward(ids[:, at : at + 1], cache) for at in (20, 21)]
        cache = cache.keep([0, 2])
        logits.append(one.forward(ids[[0, 2], 22:23], cache))
        # The prefix was not touched by those that went on from it.
        prefix.truncate(18)
        logits.append(one.forward(ids[:1, 18:21], prefix))
        return logits

    for own, its in zip(follow(network), follow(reference), strict=True):
        close(own, its)


def test_bad_weights_are_named() -> None:
    shape = shape_of()
    good = reader(shape)

    def missing(name: str) -> Tensor:
        if name == "h.1.mlp.c_fc.bias":
            raise KeyError(name)
        return good(name)

    with pytest.raises(KeyError, match=r"h\.1\.mlp\.c_fc\.bias"):
        OnnxGPT2(shape, missing)
    with pytest.raises(ValueError, match=r"ln_f\.weight: \(3,\)"):
        OnnxGPT2(shape, lambda name: torch.ones(3) if name == "ln_f.weight" else good(name))


def test_both_8_bit_layers_do_the_same() -> None:
    generator = torch.Generator().manual_seed(3)
    weight, bias = torch.randn(48, 32, generator=generator), torch.randn(48, generator=generator)
    x = torch.randn(5, 32, generator=generator)
    expected = x @ weight.T + bias
    for layer in (PackedInt8Linear(weight, bias), Int8Linear(weight, bias, torch.float32)):
        close(layer(x), expected)
        assert layer.memory_bytes < weight.numel() * 2


def test_without_fbgemm_plain_tensors_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "has_packed_int8", lambda device: False)
    assert isinstance(make_linear(torch.randn(8, 4), None, "int8", CPU), Int8Linear)
    shape = shape_of()
    network, reference = GPT2(shape, reader(shape), "int8"), GPT2(shape, reader(shape))
    ids = torch.tensor([[5, 6, 7]])
    close(network.forward(ids, network.new_cache(1, 8)), reference.forward(ids, reference.new_cache(1, 8)))
