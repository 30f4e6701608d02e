"""The lean GPT-2 against Transformers', on random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from assistant.engine.gpt2 import GPT2, GPT2Shape
from tests.engine.twins import write_twin
from tests.fakes import card


@pytest.mark.parametrize("activation", ["gelu_new", "gelu", "gelu_pytorch_tanh"])
def test_logits_equal_those_of_transformers_whole_in_pieces_and_repeated(activation: str) -> None:
    torch.manual_seed(0)
    reference = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=60,
            n_positions=32,
            n_embd=24,
            n_layer=3,
            n_head=4,
            n_inner=40,
            activation_function=activation,
            bos_token_id=1,
            eos_token_id=2,
        )
    ).eval()
    for parameter in reference.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    state = {name.removeprefix("transformer."): t.detach() for name, t in reference.state_dict().items()}
    network = GPT2(GPT2Shape.from_config(reference.config.to_dict()), state.__getitem__)
    ids = torch.randint(0, 60, (1, 20))
    with torch.inference_mode():
        expected = reference(ids).logits[0]

    cache = network.new_cache(1, 32)
    torch.testing.assert_close(network.forward(ids[:, :10], cache)[0], expected[9], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(network.forward(ids[:, 10:15], cache)[0], expected[14], atol=1e-4, rtol=1e-4)
    cache = cache.repeated(3, 32)
    for position in range(15, 19):
        network.forward(ids[:, position : position + 1].repeat(3, 1), cache)
    cache = cache.keep([0, 2])
    last = network.forward(ids[:, 19:20].repeat(2, 1), cache)
    for row in range(2):
        torch.testing.assert_close(last[row], expected[19], atol=1e-4, rtol=1e-4)


def test_a_twin_folder_gives_transformers_the_same_logits(tmp_path: Path) -> None:
    from assistant.engine.loader import load_model

    folder = write_twin(tmp_path / "twin")
    reference = GPT2LMHeadModel.from_pretrained(folder).eval()
    model = load_model(folder, card(), device="cpu", precision="fp32")
    ids = torch.tensor([model.vocabulary.prompt("明月几时有")])
    with torch.inference_mode():
        expected = reference(ids).logits[0, -1]
    network = model._network  # type: ignore[attr-defined]
    torch.testing.assert_close(
        network.forward(ids, network.new_cache(1, 16))[0], expected, atol=1e-4, rtol=1e-4
    )


def test_shape_names_what_it_cannot_do() -> None:
    sizes = {"vocab_size": 8, "n_embd": 8, "n_layer": 1, "n_head": 2}
    with pytest.raises(ValueError, match="swish"):
        GPT2Shape.from_config({**sizes, "activation_function": "swish"})
    with pytest.raises(ValueError, match="n_embd 8 is not divisible by n_head 3"):
        GPT2Shape.from_config({**sizes, "n_head": 3})
    with pytest.raises(KeyError, match="n_layer"):
        GPT2Shape.from_config({k: v for k, v in sizes.items() if k != "n_layer"})
