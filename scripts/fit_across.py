"""A question's words held against those of passages in another language, as src/retrieve/across.rs and the embedder's aligner
(src/embed/fastembed/aligner.rs) do it, for the scripts that fit. Needs the packages numpy, onnx and tokenizers, and the starter
embedder in WENYUAN_MODELS__DIR, else where `wenyuan models pull` puts it."""
import functools
import os
import pathlib

import numpy as np
import onnx
from onnx import numpy_helper
from tokenizers import Tokenizer

FOLDER = pathlib.Path(os.environ.get("WENYUAN_MODELS__DIR") or pathlib.Path.home() / ".local/share/wenyuan/models") / "use-multilingual-v3"
MOST_ASKED, MOST_READ, SHORTEST = 128, 4096, 4.0


@functools.cache
def table():
    """The vectors of all tokens, of length 1, and the lengths that they had."""
    tensors = {one.name: one for one in onnx.load(FOLDER / "model.onnx").graph.initializer}
    rows, scales, zeros = (numpy_helper.to_array(tensors[f"wenyuan/{name}"]) for name in ("table", "scales", "zeros"))
    part = np.arange(len(rows)) % len(scales)
    rows = (rows.astype(np.float32) - zeros[part]) * scales[part]
    lengths = np.linalg.norm(rows, axis=1)
    return rows / lengths[:, None], lengths


@functools.cache
def tokenizer():
    made = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


@functools.lru_cache(200_000)
def words(text):
    """The ids of the known tokens that have a letter or a digit."""
    found = tokenizer().encode(text, add_special_tokens=False)
    said = [number for number, token in zip(found.ids, found.tokens) if number and any(map(str.isalnum, token))]
    return np.array(said[:MOST_READ], dtype=int)


class Aligner:
    """Of one question."""

    def __init__(self, question):
        rows, lengths = table()
        asked = np.unique(words(question))
        asked = asked[np.argsort(lengths[asked], kind="stable")][:MOST_ASKED]
        self.rows, self.weights = rows[asked], 1 / np.maximum(lengths[asked], SHORTEST)

    def nearest(self, text):
        found = words(text or "")
        return np.clip((self.rows @ table()[0][found].T).max(axis=1), 0, 1) if len(found) else np.zeros(len(self.weights))

    def share(self, found):
        return float(found @ self.weights / self.weights.sum()) if len(self.weights) else 0.0

    def across(self, title, sentences):
        """The shares of the fullest sentence, and of the two fullest that follow each other, with the title."""
        titled = [np.maximum(self.nearest(one), self.nearest(title)) for one in sentences or [""]]
        single = max(map(self.share, titled))
        return single, max([single, *(self.share(np.maximum(one, two)) for one, two in zip(titled, titled[1:]))])
