#!/usr/bin/env python3
"""Fits what retrieval has learned: src/retrieve/rerank.toml and src/retrieve/evidence.toml.

    python3 -m venv .venv && .venv/bin/pip install numpy onnx scikit-learn snowballstemmer tokenizers
    WENYUAN_BIN=target/release/wenyuan .venv/bin/python scripts/fit_retrieval.py SET_DIR [SET_DIR ...]

A set may be two folders, CORPUS_DIR:QUESTIONS_DIR, for questions over parallel paragraphs in another language, or
CORPUS_DIR::QUESTIONS_DIR, for questions about other things, none of which can be answered. Each data set (API.md's format) is taken in by the real program, alone, and every question is asked with `explain`; what came
is kept in .work/fit, so that fitting again takes seconds (--again asks anew). From the passages found the features are
reckoned as src/retrieve/coverage.rs does; the largest difference to the program's own is printed. Every figure is of models
fitted on the other sets: for the reranker the share of questions answered first, before and after; for the verdict the area
under the curve and the share of unanswerable questions refused when 5 % of the answerable ones are lost. What is fitted on
all sets comes last, as it stands in the two files. A question whose relevant documents are hidden serves as an unanswerable
one too.
"""
import argparse
import collections
import concurrent.futures
import functools
import itertools
import json
import math
import os
import pathlib
import re
import tempfile
import unicodedata

import numpy as np
from fit_across import Aligner
from fit_text import Question, read_passage, repeats
from server import Server, ensure_knowledge_base, multipart, post_json, request, wait_settled
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

KEPT, READ, RERANKED, LOST = 50, 5, 12, 0.05
FEATURES = ("best_coverage pair_coverage top_sentence_coverage heavy_coverage lexical_share top_cosine cosine_gap lexical_gap "
            "asks_amount gives_amount log_terms log_worth cosine_rise number_coverage").split()
CLUES = ("sentence", "pair", "numbers")
# Logistic models of pairs give weights that are best for pairs drawn at random; what counts is the first place alone.
WEIGHTS = list(itertools.product((0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (0.0, 0.1, 0.2), (0.0, 0.1, 0.2, 0.3)))
NONE = (0.0, 0.0, 0.0)
OTHER_FEATURES = "top_cosine cosine_gap dense_gap cosine_rise across_ratio".split()
ACROSS = list(itertools.product((0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7), repeat=2))


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def upload(base, knowledge_base, number, document):
    title = (document.get("title") or "").replace("_", " ").strip()
    body, headers = multipart([(f"{number}.txt", document["text"].encode())], {"title": title} if title else {})
    answer = request(base, "POST", f"/api/v1/knowledge-bases/{knowledge_base}/documents", body, headers)
    if "error" in answer["documents"][0]:
        raise SystemExit(f"document {document['id']} was refused: {answer}")


def ask(base, knowledge_base, question):
    body = {"query": question["question"], "top_k": KEPT, "explain": True}
    answer = post_json(base, f"/api/v1/knowledge-bases/{knowledge_base}/search", body)
    stages = {stage["stage"]: {entry["chunk_id"]: entry["score"] for entry in stage["entries"]} for stage in answer["trace"]["stages"]}
    hits = [{
        "document": int(hit["document_name"].removesuffix(".txt")), "title": hit["title"], "heading": hit["heading"],
        "sentences": [hit["text"][span["start"] - hit["start"]:span["end"] - hit["start"]] for span in hit["sentences"]],
        "chinese": hit["language"].startswith("zh"), "sum": hit["scores"]["fused"], "lexical": hit["scores"]["lexical"],
        "sentence": stages["sentences"].get(hit["chunk_id"]), "passage": stages["dense"].get(hit["chunk_id"]),
    } for hit in answer["hits"]]
    return {"hits": hits, "evidence": dict(answer["trace"]["evidence"])}


def read_set(name, most):
    """Documents and questions, at most so many, drawn always alike; "relevant" names documents of this corpus."""
    folder, _, other = name.partition(":")
    corpus = lines(pathlib.Path(folder) / "corpus.jsonl")
    questions = lines(pathlib.Path(other.lstrip(":") or folder) / "questions.jsonl")
    if other.startswith(":"):
        questions = [{**one, "relevant": [], "answerable": False} for one in questions]
    elif other:
        questions = [{**one, "relevant": one["parallel"]} for one in questions if one.get("parallel") and one.get("answerable", True)]
    chosen = np.random.default_rng(0).permutation(len(questions))[:most]
    return corpus, [questions[i] for i in chosen]


def collect(binary, corpus, questions):
    """Takes the documents in and asks the questions; the answers of the program, beside what is right."""
    with tempfile.TemporaryDirectory() as data:
        server = Server(binary, data)
        try:
            server.wait_ready()
            ensure_knowledge_base(server.base, "fit")
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda pair: upload(server.base, "fit", *pair), enumerate(corpus)))
            wait_settled(server.base, "fit")
            chunks = request(server.base, "GET", "/api/v1/knowledge-bases/fit")["chunks"]
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                found = list(pool.map(lambda question: ask(server.base, "fit", question), questions))
        finally:
            server.kill()
    place = {document["id"]: number for number, document in enumerate(corpus)}
    return [{
        **answer, "question": question["question"], "answerable": question.get("answerable", True), "chunks": chunks,
        "relevant": [place[name] for name in question.get("relevant") or [] if name in place],
    } for question, answer in zip(questions, found)]


def kept(binary, name, arguments):
    path = pathlib.Path(".work/fit") / f"{title(name)}.json"
    if arguments.again or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(collect(binary, *read_set(name, arguments.most)), ensure_ascii=False))
    return json.loads(path.read_text())[:arguments.most]


def title(name):
    """`xquad-zh`, or `xquad-en-xquad-zh` for questions of the second over the first: the word before the dash is the family."""
    return "-".join(pathlib.Path(part).name for part in name.split(":"))


class Asked:
    """One question with its candidates, read."""

    def __init__(self, row):
        self.row, self.question = row, Question(row["question"])
        self.hits = row["hits"]
        self.coverage = [read_passage(self.question, hit["title"], hit["heading"], hit["sentences"]) for hit in self.hits[:RERANKED]]
        self.same = np.array([hit["chinese"] == self.question.chinese for hit in self.hits[:RERANKED]])
        self.sums = np.array([hit["sum"] for hit in self.hits[:RERANKED]])
        clues = np.array([[c["sentence"], c["pair"], c["numbers"]] for c in self.coverage]).reshape(-1, 3)
        mean = clues[self.same].mean(axis=0) if self.same.any() else 0
        self.clues = np.where(self.same[:, None], clues - mean, 0)

    @functools.cached_property
    def aligner(self):
        return Aligner(self.row["question"])

    def order(self, weights, hide=False):
        scores = self.sums + self.clues @ weights
        order = [i for i in np.argsort(-scores, kind="stable") if not (hide and self.hits[i]["document"] in self.row["relevant"])]
        return order

    def misses_a_code(self, weights, hide=False):
        """Whether the question names a code that none of the passages judged holds."""
        judged = [self.hits[i] for i in self.order(weights, hide)[:RERANKED]]
        texts = "\n".join("\n".join([hit["title"] or "", *hit["heading"], *hit["sentences"]]) for hit in judged)
        texts = unicodedata.normalize("NFKC", texts).lower()
        return not all(code.search(texts) for code in self.question.codes)

    def features(self, weights, hide=False):
        """As src/retrieve/evidence.rs, for a best passage in the question's writing; None for another one."""
        order = self.order(weights, hide)
        if not order or not self.same[order[0]]:
            return None
        gone = set(self.row["relevant"]) if hide else set()
        again = {id(self.hits[order[at]]) for at in repeats([self.coverage[i] for i in order])}
        left = [hit for hit in self.hits if hit["document"] not in gone and id(hit) not in again]
        read, top = [self.coverage[i] for i in order[:READ]], self.hits[order[0]]
        lexical = [hit["lexical"] or 0 for hit in left if hit["chinese"] == self.question.chinese]
        sentences = [hit["sentence"] for hit in left if hit["sentence"] is not None]
        best, gap, cosines = max(lexical, default=0), lead(lexical), lead(sentences)
        asks = float(self.question.amount)
        return [
            max(c["passage"] for c in read), max(c["pair"] for c in read), read[0]["sentence"],
            max(read, key=lambda c: c["passage"])["heavy"], best / (max(self.question.asked_with, 1) * math.log(self.row["chunks"] + 1)),
            0.45 if top["sentence"] is None else top["sentence"], 0.1 if cosines is None else cosines,
            0.5 if gap is None else min(max(gap / max(best, 1e-6), 0), 1), asks, asks if read[0]["amount"] else -asks,
            math.log(len(self.question.terms) + 1), math.log1p(sum(self.question.terms.values())), rise(sentences), read[0]["numbers"]]


def rise(values):
    values = sorted(values, reverse=True)[:30]
    return values[0] - sum(values[10:]) / len(values[10:]) if len(values) > 15 else 0.2


def lead(values):
    values = sorted(values, reverse=True)
    return values[0] - sum(values[1:4]) / 3 if len(values) > 3 else None


def first_across(asked):
    """For weights of the fullest sentence and of the two fullest, the share answered first over texts in the other language."""
    asked = [(one, np.array([one.aligner.across(hit["title"], hit["sentences"]) for hit in one.hits[:RERANKED]])) for one in asked if one.hits]
    right = lambda one, across, weights: one.hits[int(np.argmax(one.sums + across @ weights))]["document"] in one.row["relevant"]
    return {weights: sum(right(one, across, weights) for one, across in asked) / len(asked) for weights in ACROSS}


def first(asked, weights):
    answerable = [one for one in asked if one.row["answerable"] and one.row["relevant"]]
    right = [one.hits[one.order(weights)[0]]["document"] in one.row["relevant"] for one in answerable if one.hits]
    return sum(right) / max(len(answerable), 1)


def best_weights(shares, among=None):
    """The weights with the highest mean share over these sets; of equals the smallest."""
    return max(among or WEIGHTS, key=lambda weights: (round(sum(share[weights] for share in shares) / len(shares), 4), -sum(weights)))


def examples(asked, weights):
    given = [(one.features(weights), one.row["answerable"], one.misses_a_code(weights)) for one in asked]
    hidden = [one.features(weights, True) for one in asked if one.row["answerable"] and one.row["relevant"]]
    given = [one for one in given if one[0] is not None]
    rows, answerable, missing = (np.array(column) for column in zip(*given))
    return rows, answerable, np.array([row for row in hidden if row is not None]), missing


def fit_verdict(sets):
    rows, labels, weights = [], [], []
    for given, answerable, hidden, _ in sets:
        for part, label in ((given[answerable], 1), (np.concatenate([given[~answerable], hidden]), 0)):
            rows.append(part)
            labels.append(np.full(len(part), label))
            weights.append(np.full(len(part), 1000 / len(part)))
    scaler = StandardScaler().fit(np.concatenate(rows))
    model = LogisticRegression(C=1, max_iter=3000).fit(scaler.transform(np.concatenate(rows)), np.concatenate(labels), np.concatenate(weights))
    slope = model.coef_[0] / scaler.scale_
    return model.intercept_[0] - slope @ scaler.mean_, slope


def fit_other(asked):
    """[other_writing], from the program's own features: parallel questions against questions about other things."""
    rows = [[(one.row["evidence"], one.row["answerable"]) for one in some if {"dense_gap", "cosine_rise"} <= one.row["evidence"].keys()] for some in asked]
    rows = [pair for some in rows for pair in some]
    values = np.array([[evidence[name] for name in OTHER_FEATURES] for evidence, _ in rows])
    right = np.array([answerable for _, answerable in rows])
    if right.all() or not right.any():
        return
    weights = np.where(right, 1000 / right.sum(), 1000 / (~right).sum())
    model = LogisticRegression(C=30, max_iter=3000).fit(values, right, weights)
    logits = model.decision_function(values)
    bar = np.quantile(logits[right], LOST)
    print(f"[other_writing], {right.sum()} against {(~right).sum()}: refused {(logits[~right] < bar).mean():.2f}",
          f"threshold = {1 / (1 + math.exp(-bar)):.3f}", f"intercept = {model.intercept_[0]:.4f}",
          *(f"{name} = {value:.4f}" for name, value in zip(OTHER_FEATURES, model.coef_[0])), sep="\n")


def difference(asked, weights):
    """The largest difference of each feature to the program's own, over the questions whose best passage is the same."""
    worst = collections.Counter()
    for one in asked:
        row = one.features(weights)
        if row is not None and one.order(weights)[0] == 0:
            for name, value in zip(FEATURES, row):
                worst[name] = max(worst[name], abs(value - one.row["evidence"].get(name, value)))
    return worst.most_common(3)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--again", action="store_true", help="ask the program anew")
    arguments.add_argument("--most", type=int, default=1600, help="questions of each set")
    arguments.add_argument("sets", nargs="+", metavar="SET_DIR")
    arguments = arguments.parse_args()
    binary = os.path.abspath(os.environ.get("WENYUAN_BIN", "target/release/wenyuan"))
    asked = {title(name): [Asked(row) for row in kept(binary, name, arguments)] for name in arguments.sets}
    alone = {title(name) for name in arguments.sets if ":" not in name}
    others = lambda name, of: [value for other, value in of.items() if other.split("-")[0] != name.split("-")[0]] or list(of.values())
    fit_other([one for name, one in asked.items() if name not in alone])
    crossing = {name: first_across(one) for name, one in asked.items() if name not in alone and all(row.row["answerable"] for row in one)}
    for name, share in crossing.items():
        weights = best_weights([other for of, other in crossing.items() if of != name] or [share], ACROSS)
        print(f"{name:24} first {share[0.0, 0.0]:.3f}, by words across the languages {share[weights]:.3f} by {weights}", flush=True)
    if crossing:
        print("[other_writing] of rerank.toml: sentence and pair", best_weights(list(crossing.values()), ACROSS))
    asked = {name: one for name, one in asked.items() if any(row.row["answerable"] for row in one)}
    shares = {name: {weights: first(one, np.array(weights)) for weights in WEIGHTS} for name, one in asked.items()}
    # A set of fifty questions moves by chance.
    judges = {name: share for name, share in shares.items() if sum(bool(one.row["relevant"]) for one in asked[name]) >= 100}
    for name, share in shares.items():
        weights = best_weights(others(name, judges))
        print(f"{name:14} first {share[NONE]:.3f}, reranked {share[weights]:.3f} by {weights}", flush=True)
    weights = best_weights(list(judges.values()))
    sets = {name: examples(one, np.array(weights)) for name, one in asked.items() if name in alone and sum(not a.row["answerable"] for a in one) >= 20}
    codes_missing = float(re.search(r"^codes_missing = (-[\d.]+)", pathlib.Path("src/retrieve/evidence.toml").read_text(), re.M).group(1))
    for name, (given, answerable, _, missing) in sets.items():
        intercept, slope = fit_verdict([value for other, value in sets.items() if other != name] or list(sets.values()))
        logits = intercept + given @ slope + codes_missing * missing
        bar = np.quantile(logits[answerable], LOST)
        print(f"{name:14} AUC {roc_auc_score(answerable, logits):.3f}, refused {(logits[~answerable] < bar).mean():.3f} ({(logits[~answerable] < bar).sum()} of {(~answerable).sum()}) "
              f"at {1 / (1 + math.exp(-bar)):.2f}; furthest from the program {difference(asked[name], np.array(weights))}")
    print("\n".join(f"{name} = {value}" for name, value in zip(CLUES, weights)))
    if sets:
        intercept, slope = fit_verdict(list(sets.values()))
        print(f"intercept = {intercept:.4f}", *(f"{name} = {value:.4f}" for name, value in zip(FEATURES, slope)), sep="\n")


if __name__ == "__main__":
    main()
