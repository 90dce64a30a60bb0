#!/usr/bin/env python3
"""Measures the retrieval legs and fits src/retrieve/evidence.toml. Reads data set folders (API.md's format).

    python3 -m venv .venv && .venv/bin/pip install numpy scipy onnxruntime tokenizers scikit-learn snowballstemmer
    .venv/bin/python scripts/fit_evidence.py --onnx MODEL_DIR SET_DIR [SET_DIR ...]

For every set: success@1/@5/@10 and MRR@10 of each leg and of their sum, then the evidence model fitted on all other
sets and judged on this one (area under the curve; share of unanswerable questions refused and of answerable ones
lost at the threshold). The last lines are the coefficients of a fit on all sets. Simplification of traditional
characters is left to the Rust code: passages and questions of one set agree on their script.
"""
import argparse, collections, json, math, pathlib, re, unicodedata
import numpy as np, onnxruntime as ort, scipy.sparse as sparse, snowballstemmer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from tokenizers import Tokenizer

K1, B, AVERAGE, THRESHOLD = 1.2, 0.5, 250, 0.2
SENTENCE_END = re.compile(r'(?<=[。！？!?；;])(?=[^”’」』）)])|(?<=[。！？!?][”’」』])|(?<=[.!?])\s+(?=["“\'(A-Z0-9])|\n+')
RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9\u00c0-\u024f]+(?:[-._/:'%][a-z0-9\u00c0-\u024f]+)*%?")
HOLLOW = set("的了是在有和与與及或为為之其何什么麼哪谁誰吗嗎呢几幾多少怎样樣如请請问問于於被把对對从從到以而且也都就这這那個个些一")
STEM = snowballstemmer.stemmer("english").stemWord
FUNCTION = set(map(STEM, """a an and any are as at be been but by call called can could did do does for from give given had
happen happened has have he her his how i in is it its kind many may mean much name named not of on or she some than that
the their then there these they this those to type was were what when where which who whom whose why will with would you""".split()))
FEATURES = "best_coverage best_sentence_coverage top_sentence_coverage heavy_coverage lexical_share top_cosine cosine_gap lexical_gap numbers_found log_terms".split()


def terms(text):
    out = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if "\u3400" <= run[0] <= "\ufaff":
            out += [("c", c) for c in run] + [("b", run[i:i + 2]) for i in range(len(run) - 1)]
            continue
        parts = [p for p in re.split(r"[-._/:'%]", run) if p and p != "s"]
        out += [("n", p) if any(c.isdigit() for c in p) else ("l", STEM(p)) for p in parts]
        if len(parts) > 1:
            out.append(("n", run))
    return out


def worth(term):
    kind, form = term
    if kind in "cb":
        hollow = sum(c in HOLLOW for c in form)
        return (0.0 if hollow else 0.5) if kind == "c" else (1.0, 0.6, 0.2)[hollow]
    return 1.2 if kind == "n" else 0.1 if form in FUNCTION else 1.0


def sentences(text):
    cuts, start = [], 0
    for match in SENTENCE_END.finditer(text):
        if text[start:match.start()].strip():
            cuts.append(text[start:match.start()])
        start = match.end()
    cuts += [text[start:]] if text[start:].strip() else []
    out = []
    for cut in (piece[i:i + 600] for piece in cuts for i in range(0, len(piece), 600)):
        if out and len(out[-1]) < 12:
            out[-1] += cut
        else:
            out.append(cut)
    return [s.strip() for s in out]


def passages(text):
    out, size = [[]], 0.0
    for sentence in sentences(text):
        han = sum("\u3400" <= c <= "\u9fff" for c in sentence)
        cost = han * 0.75 + (len(sentence) - han) * 0.25
        if out[-1] and size + cost > 400:
            out.append([])
            size = 0.0
        out[-1].append(sentence)
        size += cost
    return [p for p in out if p]


class Encoder:
    def __init__(self, folder):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(folder / "model.onnx"), options)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(512)
        self.tokenizer.enable_padding()

    def __call__(self, texts):
        rows = np.zeros((len(texts), 0), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), 16):
            batch = self.tokenizer.encode_batch([texts[i] for i in order[at:at + 16]])
            out = self.session.run(None, {"input_ids": np.array([e.ids for e in batch], np.int64),
                                          "attention_mask": np.array([e.attention_mask for e in batch], np.int64)})[0]
            rows = np.zeros((len(texts), out.shape[1]), np.float32) if not rows.shape[1] else rows
            rows[order[at:at + 16]] = out / np.linalg.norm(out, axis=1, keepdims=True)
        return rows


class DataSet:
    def __init__(self, folder, encode):
        read = lambda name: [json.loads(line) for line in open(folder / name, encoding="utf-8")]
        self.name, corpus, self.questions = folder.name, read("corpus.jsonl"), read("questions.jsonl")
        place = {document["id"]: i for i, document in enumerate(corpus)}
        cut = [(i, (d.get("title") or "").replace("_", " "), p) for i, d in enumerate(corpus) for p in passages(d["text"])]
        self.document = np.array([i for i, _, _ in cut])
        self.offsets = np.cumsum([0] + [len(p) for _, _, p in cut])
        self.titles = [terms(title) for _, title, _ in cut]
        self.sentences = [terms(s) for _, _, p in cut for s in p]
        self.texts = [[t for s in range(self.offsets[j], self.offsets[j + 1]) for t in self.sentences[s]] for j in range(len(cut))]
        self.sets = [set(t) | set(title) for t, title in zip(self.texts, self.titles)]
        self.asked = [terms(q["question"]) for q in self.questions]
        self.answerable = np.array([q.get("answerable", True) for q in self.questions])
        self.relevant = [[place[r] for r in q["relevant"] if r in place] for q in self.questions]
        self.han = [5 * sum("\u3400" <= c <= "\u9fff" for c in q["question"]) > len(q["question"]) for q in self.questions]
        vectors = encode([(title + "\n" if title else "") + s for _, title, p in cut for s in p])
        asked = encode([q["question"] for q in self.questions])
        mean = np.add.reduceat(vectors, self.offsets[:-1], axis=0)
        self.best = np.maximum.reduceat(asked @ vectors.T, self.offsets[:-1], axis=1)
        self.dense = 0.5 * self.best + 0.5 * asked @ (mean / np.linalg.norm(mean, axis=1, keepdims=True)).T
        self.lexical = self.bm25()
        weight = np.where(self.han, 0.9, 1.2)[:, None]
        self.fused = self.lexical / np.maximum(self.lexical.max(1, keepdims=True), 1e-6) + weight * self.dense

    def bm25(self):
        names, rows, columns, values = {}, [], [], []
        for row, (text, title) in enumerate(zip(self.texts, self.titles)):
            count = collections.Counter(text + title)
            length = sum(n for (kind, _), n in count.items() if kind != "b")
            for term, n in count.items():
                rows.append(row)
                columns.append(names.setdefault(term, len(names)))
                values.append(n * (K1 + 1) / (n + K1 * (1 - B + B * length / AVERAGE)))
        found = np.bincount(columns, minlength=len(names))
        idf = np.log((len(self.texts) - found + 0.5) / (found + 0.5) + 1)
        index = sparse.csr_matrix((values, (columns, rows)), shape=(len(names), len(self.texts)))
        pairs = [(i, names[t]) for i, asked in enumerate(self.asked) for t in set(asked) if t in names]
        asked = sparse.csr_matrix((idf[[c for _, c in pairs]], tuple(zip(*pairs))), shape=(len(self.asked), len(names)))
        return (asked @ index).toarray()

    def success(self, scores):
        first = np.concatenate([[0], np.where(np.diff(self.document))[0] + 1])
        by_document, ranks = np.maximum.reduceat(scores, first, axis=1), []
        for row, relevant, answerable in zip(by_document, self.relevant, self.answerable):
            if answerable and relevant:
                ranks.append(1 + int((row > max(row[r] for r in relevant)).sum()))
        ranks = np.array(ranks)
        return [(ranks <= k).mean() for k in (1, 5, 10)] + [np.where(ranks <= 10, 1 / ranks, 0).mean()]

    def features(self, i, hide):
        seen = ~np.isin(self.document, self.relevant[i]) if hide else np.ones(len(self.document), bool)
        lexical, best = np.where(seen, self.lexical[i], 0), np.where(seen, self.best[i], -1)
        top = np.argsort(-np.where(seen, self.fused[i], -9))[:5]
        value = {t: worth(t) for t in set(self.asked[i])}
        share = lambda found: sum(w for t, w in value.items() if t in found) / (sum(value.values()) or 1)
        whole = [share(self.sets[j]) for j in top]
        sentence = [max(share(set(self.sentences[s]) | set(self.titles[j])) for s in range(self.offsets[j], self.offsets[j + 1])) for j in top]
        heavy = sorted(value, key=lambda t: -value[t])[:max(1, len(value) // 3)]
        numbers = [t for t in value if t[0] == "n"]
        highest, cosines = np.sort(lexical)[::-1], np.sort(best)[::-1]
        return [max(whole), max(sentence), sentence[0], np.mean([t in self.sets[top[int(np.argmax(whole))]] for t in heavy] or [0]),
                highest[0] / (max(len(value), 1) * math.log(len(self.document) + 1)), best[top[0]], cosines[0] - cosines[1:4].mean(),
                1 - highest[1:4].mean() / max(highest[0], 1e-6), np.mean([t in self.sets[top[0]] for t in numbers] or [1]), math.log(len(value) + 1)]

    def examples(self, most):
        chosen = np.random.default_rng(0).permutation(len(self.questions))[:most]
        given = np.array([self.features(i, False) for i in chosen]), self.answerable[chosen]
        hidden = np.array([self.features(i, True) for i in chosen if self.answerable[i] and self.relevant[i]])
        return given, hidden


def fit(examples):
    rows, labels, weights = [], [], []
    for (given, answerable), hidden in examples:
        for part, label in ((given[answerable], 1), (np.concatenate([given[~answerable], hidden]), 0)):
            rows.append(part)
            labels.append(np.full(len(part), label))
            weights.append(np.full(len(part), 1000 / len(part)))
    scaler = StandardScaler().fit(np.concatenate(rows))
    model = LogisticRegression(C=30, max_iter=3000).fit(scaler.transform(np.concatenate(rows)), np.concatenate(labels), np.concatenate(weights))
    slope = model.coef_[0] / scaler.scale_
    return model.intercept_[0] - slope @ scaler.mean_, slope


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--onnx", type=pathlib.Path, required=True)
    arguments.add_argument("--most", type=int, default=1600, help="questions of each set used for the fit")
    arguments.add_argument("sets", type=pathlib.Path, nargs="+")
    arguments = arguments.parse_args()
    encode, examples = Encoder(arguments.onnx), {}
    for folder in arguments.sets:
        data = DataSet(folder, encode)
        for leg in ("lexical", "best", "dense", "fused"):
            print(f"{data.name:14} {leg:8}", *(f"{x:.4f}" for x in data.success(getattr(data, leg))), flush=True)
        if (~data.answerable).sum() >= 20:
            examples[data.name] = data.examples(arguments.most)
    for name, ((given, answerable), _) in examples.items():
        if len(examples) < 2:
            break
        intercept, slope = fit([e for other, e in examples.items() if other != name])
        chance = 1 / (1 + np.exp(-(intercept + given @ slope)))
        print(f"{name:14} left out: AUC {roc_auc_score(answerable, chance):.3f}, refused {(chance[~answerable] < THRESHOLD).mean():.2f}, lost {(chance[answerable] < THRESHOLD).mean():.3f}")
    if examples:
        intercept, slope = fit(list(examples.values()))
        print(f"intercept = {intercept:.4f}", *(f"{name} = {value:.4f}" for name, value in zip(FEATURES, slope)), sep="\n")


if __name__ == "__main__":
    main()
