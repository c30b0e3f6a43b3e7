"""The trained network as faster-whisper loads it, in CTranslate2's int8; the sound head stays behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor

from training.asr_demo.model import DECODER_POSITIONS, ENCODER_POSITIONS, GUIDED_HEADS, MELS, Shape
from training.asr_demo.tokens import LANGUAGES, WINDOW_S, Tokens

_PREPROCESSOR = {
    "chunk_length": WINDOW_S,
    "feature_size": MELS,
    "hop_length": 160,
    "n_fft": 400,
    "n_samples": WINDOW_S * 16_000,
    "nb_max_frames": WINDOW_S * 100,
    "padding_side": "right",
    "padding_value": 0.0,
    "return_attention_mask": False,
    "sampling_rate": 16_000,
}

# Mostly single sentences, in windows from ten seconds, and too few prompts among them to be led by terms.
_SETTINGS = {"window_s": 0, "pad_s": 10, "hotwords": False}


def export(weights: dict[str, Tensor], shape: Shape, tokens: Tokens, folder: Path) -> None:
    """Write the model's files into `folder`, which is made; its card is left alone.

    Raises KeyError when `weights` are not those of `shape`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {name: weight.float().cpu().numpy() for name, weight in weights.items()}
    spec = whisper_spec.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    _fill_encoder(spec.encoder, values)
    _fill_decoder(spec.decoder, values)
    spec.register_vocabulary(list(tokens.all))
    spec.config.suppress_ids = [tokens.id("<unk>"), tokens.id("")]
    spec.config.suppress_ids_begin = [tokens.id(" ")]  # not the end of text: silence is written as nothing
    spec.config.lang_ids = [tokens.id(f"<|{language}|>") for language in LANGUAGES]
    spec.config.alignment_heads = [[shape.decoder_layers - 1, head] for head in range(GUIDED_HEADS)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(tokens).save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=1) + "\n", encoding="utf-8")
    (folder / "zhijian.json").write_text(json.dumps(_SETTINGS) + "\n", encoding="utf-8")


def _tokenizer(tokens: Tokens) -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({token: i for i, token in enumerate(tokens.all)}, unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens.specials])
    return tokenizer


def _fill_encoder(spec: Any, values: dict[str, np.ndarray]) -> None:
    for name in ("conv1", "conv2"):
        _linear(getattr(spec, name), values, name)
    spec.position_encodings.encodings = values["positions"][:ENCODER_POSITIONS]
    _norm(spec.layer_norm, values, "encoder_norm")
    for number, layer in enumerate(spec.layer):
        _layer(layer, values, f"encoder.{number}.")


def _fill_decoder(spec: Any, values: dict[str, np.ndarray]) -> None:
    spec.embeddings.weight = spec.projection.weight = values["embedding.weight"]
    spec.position_encodings.encodings = values["places.weight"][:DECODER_POSITIONS]
    _norm(spec.layer_norm, values, "decoder_norm")
    for number, layer in enumerate(spec.layer):
        name = f"decoder.{number}."
        _layer(layer, values, name)
        _norm(layer.attention.layer_norm, values, name + "cross_norm")
        _cross_attention(layer.attention, values, name + "cross_attention.")


def _layer(spec: Any, values: dict[str, np.ndarray], name: str) -> None:
    _norm(spec.self_attention.layer_norm, values, name + "self_norm")
    attention = name + "self_attention."
    query, key, value = (values[f"{attention}{part}.weight"] for part in ("query", "key", "value"))
    biases = values[f"{attention}query.bias"], values[f"{attention}value.bias"]
    spec.self_attention.linear[0].weight = np.concatenate([query, key, value])
    spec.self_attention.linear[0].bias = np.concatenate([biases[0], np.zeros_like(biases[0]), biases[1]])
    _linear(spec.self_attention.linear[-1], values, attention + "out")
    _norm(spec.ffn.layer_norm, values, name + "wide_norm")
    _linear(spec.ffn.linear_0, values, name + "widen")
    _linear(spec.ffn.linear_1, values, name + "narrow")


def _cross_attention(spec: Any, values: dict[str, np.ndarray], name: str) -> None:
    _linear(spec.linear[0], values, name + "query")
    key, value, bias = values[f"{name}key.weight"], values[f"{name}value.weight"], values[f"{name}value.bias"]
    spec.linear[1].weight = np.concatenate([key, value])
    spec.linear[1].bias = np.concatenate([np.zeros_like(bias), bias])
    _linear(spec.linear[2], values, name + "out")


def _linear(spec: Any, values: dict[str, np.ndarray], name: str) -> None:
    spec.weight, spec.bias = values[name + ".weight"], values[name + ".bias"]


def _norm(spec: Any, values: dict[str, np.ndarray], name: str) -> None:
    spec.gamma, spec.beta = values[name + ".weight"], values[name + ".bias"]
