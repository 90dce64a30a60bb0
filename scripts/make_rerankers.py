#!/usr/bin/env python3
"""Makes tests/fixtures/rerankers: cross-encoders of some kilobytes, so that both engines are tested without a network.

    python3 scripts/make_rerankers.py

Needs nothing but Python. `model.onnx` scores a passage by the share of the question's tokens that it holds, and adds much for the
token of BONUS; its graph is written by hand. `flat.onnx` and `silent.onnx` are the same with an output of one dimension, which
one tells and the other does not. `bert.gguf` is one BERT layer with a ranking head and random weights; `bert.json` holds what it
must give, reckoned here by other code. The seed is the first whose model thinks the second passage of the test the best one.
"""

import json
import math
import random
import struct
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "rerankers"

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BONUS = "答"
CHARACTERS = "石桥谁修建县里多由李原灯塔何时几点开门" + BONUS
WORDS = SPECIAL + list(dict.fromkeys(CHARACTERS)) + ["tea", "and", "pump", "who", "built", "the", "bridge"]
PAD, UNK, CLS, SEP, MASK = range(5)

QUESTION = "石桥谁修建"
PASSAGES = ["县里桥多", "石桥由李原修建", "灯塔", "tea and pump"]


# ---- ONNX, written at the wire level ----

def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


FLOAT, INT64 = 1, 7


def tensor(name, dims, values, kind):
    packed = struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'q'}", *values)
    return field(5, b"".join(field(1, one) for one in dims) + field(2, kind) + field(8, name) + field(9, packed))


def node(operation, inputs, output, **attributes):
    body = b"".join(field(1, one) for one in inputs) + field(2, output) + field(4, operation)
    for name, value in attributes.items():
        body += field(5, field(1, name) + field(3, value & (2**64 - 1)) + field(20, 2))
    return field(1, body)


def value(number, name, kind, dims):
    shape = b"" if dims is None else field(2, b"".join(field(1, field(2, one) if isinstance(one, str) else field(1, one)) for one in dims))
    return field(number, field(1, name) + field(2, field(1, field(1, kind) + shape)))


def onnx(dims, flat):
    size = len(WORDS)
    counted = [0.0 if at < len(SPECIAL) else 1.0 for at in range(size)]
    bonus = [6.0 if word == BONUS else 0.0 for word in WORDS]
    graph = b"".join([
        node("OneHot", ["input_ids", "size", "off_on"], "hot", axis=-1),
        node("Cast", ["attention_mask"], "mask", to=FLOAT),
        node("Cast", ["token_type_ids"], "types", to=FLOAT),
        node("Mul", ["mask", "types"], "of_passage"),
        node("Sub", ["mask", "of_passage"], "of_question"),
        node("Unsqueeze", ["of_passage", "two"], "passage_mask"),
        node("Unsqueeze", ["of_question", "two"], "question_mask"),
        node("Mul", ["hot", "passage_mask"], "passage_hot"),
        node("Mul", ["hot", "question_mask"], "question_hot"),
        node("ReduceSum", ["passage_hot", "one"], "passage_counts", keepdims=0),
        node("ReduceSum", ["question_hot", "one"], "question_counts", keepdims=0),
        node("Min", ["passage_counts", "unit"], "passage"),
        node("Min", ["question_counts", "unit"], "question"),
        node("Mul", ["passage", "question"], "shared"),
        node("MatMul", ["shared", "counted"], "held"),
        node("MatMul", ["question", "counted"], "asked"),
        node("Max", ["asked", "unit"], "asked_once"),
        node("Div", ["held", "asked_once"], "share"),
        node("MatMul", ["passage", "bonus"], "extra"),
        node("Mul", ["share", "steep"], "steeper"),
        node("Add", ["steeper", "base"], "plain"),
        node("Add", ["plain", "extra"], "rows" if flat else "logits"),
        node("Squeeze", ["rows", "one"], "logits") if flat else b"",
        field(2, "overlap"),
        tensor("size", [1], [size], INT64),
        tensor("off_on", [2], [0.0, 1.0], FLOAT),
        tensor("one", [1], [1], INT64),
        tensor("two", [1], [2], INT64),
        tensor("unit", [1], [1.0], FLOAT),
        tensor("steep", [1], [8.0], FLOAT),
        tensor("base", [1], [-6.0], FLOAT),
        tensor("counted", [size, 1], counted, FLOAT),
        tensor("bonus", [size, 1], bonus, FLOAT),
        *(value(11, name, INT64, ["batch", "sequence"]) for name in ["input_ids", "attention_mask", "token_type_ids"]),
        value(12, "logits", FLOAT, dims),
    ])
    return field(1, 8) + field(2, "wenyuan") + field(7, graph) + field(8, field(2, 13))


def tokenizer():
    def special(name, kind):
        return {"SpecialToken": {"id": name, "type_id": kind}}

    def sequence(name, kind):
        return {"Sequence": {"id": name, "type_id": kind}}

    single = [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": at, "content": word, **flags} for at, word in enumerate(SPECIAL)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single,
            "pair": [*single, sequence("B", 1), special("[SEP]", 1)],
            "special_tokens": {name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]} for name in ["[CLS]", "[SEP]"]},
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {word: at for at, word in enumerate(WORDS)}, "unk_token": "[UNK]"},
    }


# ---- GGUF ----

WIDTH, HEADS, INNER, CONTEXT, EPSILON = 16, 2, 32, 64, 1e-12


def weights(seed):
    draw = random.Random(seed)

    def normal(rows, columns, spread):
        return [[draw.gauss(0.0, spread) for _ in range(columns)] for _ in range(rows)]

    def linear(name, inputs, outputs, spread=0.35):
        return {f"{name}.weight": normal(outputs, inputs, spread), f"{name}.bias": normal(1, outputs, 0.1)[0]}

    def norm(name):
        return {f"{name}.weight": [1.0 + draw.gauss(0.0, 0.1) for _ in range(WIDTH)], f"{name}.bias": normal(1, WIDTH, 0.1)[0]}

    return {
        "token_embd.weight": normal(len(WORDS), WIDTH, 1.0),
        "position_embd.weight": normal(CONTEXT, WIDTH, 0.3),
        "token_types.weight": normal(2, WIDTH, 0.1),
        **norm("token_embd_norm"),
        **{key: one for name in ["attn_q", "attn_k", "attn_v", "attn_output"] for key, one in linear(f"blk.0.{name}", WIDTH, WIDTH).items()},
        **norm("blk.0.attn_output_norm"),
        **linear("blk.0.ffn_up", WIDTH, INNER),
        **linear("blk.0.ffn_down", INNER, WIDTH),
        **norm("blk.0.layer_output_norm"),
        **linear("cls", WIDTH, WIDTH),
        **linear("cls.output", WIDTH, 1, 0.8),
    }


def forward(model, ids):
    def linear(name, row):
        return [sum(a * b for a, b in zip(weight, row)) + bias for weight, bias in zip(model[f"{name}.weight"], model[f"{name}.bias"])]

    def norm(name, row):
        mean = sum(row) / len(row)
        spread = sum((one - mean) ** 2 for one in row) / len(row)
        scale = 1.0 / math.sqrt(spread + EPSILON)
        return [(one - mean) * scale * weight + bias for one, weight, bias in zip(row, model[f"{name}.weight"], model[f"{name}.bias"])]

    def plus(left, right):
        return [a + b for a, b in zip(left, right)]

    def gelu(x):
        return 0.5 * x * (1.0 + math.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))

    rows = []
    for position, token in enumerate(ids):
        row = plus(plus(model["token_embd.weight"][token], model["token_types.weight"][0]), model["position_embd.weight"][position])
        rows.append(norm("token_embd_norm", row))
    queries, keys, values = ([linear(f"blk.0.attn_{kind}", row) for row in rows] for kind in "qkv")
    size = WIDTH // HEADS
    after = []
    for query, row in zip(queries, rows):
        mixed = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            raw = [sum(a * b for a, b in zip(query[part], key[part])) / math.sqrt(size) for key in keys]
            top = max(raw)
            exponents = [math.exp(one - top) for one in raw]
            total = sum(exponents)
            for column in range(part.start, part.stop):
                mixed.append(sum(one / total * vector[column] for one, vector in zip(exponents, values)))
        row = norm("blk.0.attn_output_norm", plus(linear("blk.0.attn_output", mixed), row))
        inner = linear("blk.0.ffn_down", [gelu(one) for one in linear("blk.0.ffn_up", row)])
        after.append(norm("blk.0.layer_output_norm", plus(inner, row)))
    pooled = [math.tanh(one) for one in linear("cls", after[0])]
    return 1.0 / (1.0 + math.exp(-linear("cls.output", pooled)[0]))


def ids(text):
    words = text.split() if text.isascii() else list(text)
    return [WORDS.index(word) if word in WORDS else UNK for word in words]


def scores(model):
    return [forward(model, [CLS, *ids(QUESTION), SEP, *ids(passage), SEP]) for passage in PASSAGES]


def gguf(model):
    def string(text):
        encoded = text.encode()
        return struct.pack("<Q", len(encoded)) + encoded

    def entry(key, kind, packed):
        return string(key) + struct.pack("<I", kind) + packed

    def u32(key, number):
        return entry(key, 4, struct.pack("<I", number))

    def array(key, kind, items):
        return entry(key, 9, struct.pack("<IQ", kind, len(items)) + b"".join(items))

    words = [word if at < len(SPECIAL) else "\u2581" + word for at, word in enumerate(WORDS)]
    entries = [
        entry("general.architecture", 8, string("bert")),
        u32("bert.context_length", CONTEXT), u32("bert.embedding_length", WIDTH), u32("bert.feed_forward_length", INNER),
        u32("bert.block_count", 1), u32("bert.attention.head_count", HEADS), u32("bert.pooling_type", 4),
        entry("bert.attention.layer_norm_epsilon", 6, struct.pack("<f", EPSILON)),
        entry("bert.attention.causal", 7, b"\0"),
        entry("tokenizer.ggml.model", 8, string("bert")), u32("tokenizer.ggml.token_type_count", 2),
        array("tokenizer.ggml.tokens", 8, [string(word) for word in words]),
        array("tokenizer.ggml.token_type", 5, [struct.pack("<i", 3 if at < len(SPECIAL) else 1) for at in range(len(words))]),
        u32("tokenizer.ggml.padding_token_id", PAD), u32("tokenizer.ggml.unknown_token_id", UNK), u32("tokenizer.ggml.mask_token_id", MASK),
        u32("tokenizer.ggml.bos_token_id", CLS), u32("tokenizer.ggml.cls_token_id", CLS), u32("tokenizer.ggml.seperator_token_id", SEP),
    ]
    table, data = b"", b""
    for name, rows in model.items():
        flat = [one for row in rows for one in row] if isinstance(rows[0], list) else rows
        dims = [len(rows[0]), len(rows)] if isinstance(rows[0], list) else [len(rows)]
        table += string(name) + struct.pack("<I", len(dims)) + struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", 0, len(data))
        data += struct.pack(f"<{len(flat)}f", *flat)
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(model), len(entries)) + b"".join(entries) + table
    return head + bytes(-len(head) % 32) + data


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "model.onnx").write_bytes(onnx(["batch", 1], flat=False))
    (OUT / "flat.onnx").write_bytes(onnx(["batch"], flat=True))
    (OUT / "silent.onnx").write_bytes(onnx(None, flat=True))
    files = {
        "tokenizer.json": tokenizer(),
        "tokenizer_config.json": {"model_max_length": 512, "pad_token": "[PAD]"},
        "special_tokens_map.json": {name: f"[{name[:3].upper()}]" for name in ["pad_token", "unk_token", "cls_token", "sep_token"]},
        "config.json": {"pad_token_id": PAD},
    }
    for seed in range(10_000):
        model = weights(seed)
        found = scores(model)
        rest = [one for at, one in enumerate(found) if at != 1]
        if found[1] > 0.6 > 0.4 > max(rest):
            break
    files["bert.json"] = {"seed": seed, "question": QUESTION, "passages": PASSAGES, "scores": [round(one, 6) for one in found]}
    for name, content in files.items():
        (OUT / name).write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    (OUT / "bert.gguf").write_bytes(gguf(model))


main()
