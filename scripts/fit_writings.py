#!/usr/bin/env python3
"""Fits [other_writing] of src/retrieve/rerank.toml: where passages in the other writing belong among those in the question's.

    WENYUAN_BIN=target/release/wenyuan .venv/bin/python scripts/fit_writings.py SET_DIR [SET_DIR ...]

All sets together are one index of both languages. Every question is asked there; and once more, where it has parallel
documents in another language, with its own set left out, so that only those answer it. What the program found is kept in
.work/fit (--again asks anew). A logistic model tells from three features in which writing the answer lies; passages in the
other one are moved by STEP for each unit of its logit, less PRIOR, since most questions are asked in the language of what
answers them. The shares answered first, before and after, are of models fitted on other documents; what is fitted on all
comes last, as it stands in the file. Needs what fit_retrieval.py needs.
"""
import argparse
import json
import os
import pathlib
import tomllib
import zlib

import fit_retrieval
import numpy as np
from fit_retrieval import CLUES, RERANKED, Asked, collect
from pool_sets import pooled
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

STEP, PRIOR, MOST = 0.05, 3.0, 0.1
FEATURES = "lexical_share meaning_gap pair_coverage".split()
FITTED = tomllib.loads(pathlib.Path("src/retrieve/rerank.toml").read_text())
WEIGHTS = np.array([FITTED[name] for name in CLUES])
ACROSS = np.array([FITTED["other_writing"][name] for name in ("sentence", "pair")])


def indexes(folders):
    """Name, corpus and questions of each index to ask."""
    corpus, questions = pooled(folders)
    yield "all", corpus, questions
    for folder in map(pathlib.Path, folders):
        own = f"{folder.name}/"
        asked = [question for question in questions if question["id"].startswith(own) and question["parallel"]]
        if asked:
            rest = [document for document in corpus if not document["id"].startswith(own)]
            known = {document["id"].split("/")[1]: document["id"] for document in rest}
            moved = [{**one, "relevant": [known[name] for name in one["parallel"] if name in known]} for one in asked]
            yield f"without-{folder.name}", rest, [one for one in moved if one["relevant"]]


def kept(binary, name, corpus, questions, again):
    path = pathlib.Path(".work/fit") / f"writings-{name}.json"
    if again or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Of each writing the sentences from the eleventh passage on are wanted.
        fit_retrieval.KEPT = 100
        rows = collect(binary, corpus, questions)
        for row in rows:
            row["hits"].sort(key=lambda hit: -hit["sum"])
            for writing in (True, False):
                for hit in [hit for hit in row["hits"] if hit["chinese"] == writing][RERANKED:]:
                    hit["sentences"] = []
        path.write_text(json.dumps(rows, ensure_ascii=False))
    return json.loads(path.read_text())


class Found:
    """What came for one question, as src/retrieve/rerank.rs sees it."""

    def __init__(self, row, elsewhere):
        # The reranker reads what the legs put first; the hits come in the order that it made of them.
        row["hits"].sort(key=lambda hit: -hit["sum"])
        asked = Asked(row)
        read = len(asked.coverage)
        self.elsewhere, self.relevant = elsewhere, np.array([hit["document"] in row["relevant"] for hit in row["hits"]])
        self.score = np.array([hit["sum"] for hit in row["hits"]])
        self.score[:read] += asked.clues @ WEIGHTS
        self.same = np.array([hit["chinese"] == asked.question.chinese for hit in row["hits"]])
        others = np.flatnonzero(~self.same)[:RERANKED]
        if len(others):
            said = np.array([asked.aligner.across(row["hits"][at]["title"], row["hits"][at]["sentences"]) for at in others]) @ ACROSS
            self.score[others] += said - said.mean()
        meaning = np.array([np.mean([hit[leg] for leg in ("passage", "sentence") if hit[leg] is not None] or [-1]) for hit in row["hits"]])
        self.mixed = bool(self.same.any() and not self.same.all())
        share = max((hit["lexical"] or 0 for hit, same in zip(row["hits"], self.same) if same), default=0)
        pairs = [one["pair"] for one, same in zip(asked.coverage, asked.same) if same]
        self.features = [
            share / (max(asked.question.asked_with, 1) * np.log(row["chunks"] + 1)),
            meaning[~self.same].max() - meaning[self.same].max() if self.mixed else 0, max(pairs, default=0)]
        self.half = zlib.crc32(str(sorted(row["about"])).encode()) % 2

    def first(self, shift):
        """Whether what is right stands first."""
        return bool(self.relevant[np.argmax(self.score + np.where(self.same, 0, shift if self.mixed else 0))])


def fit(found):
    rows = np.array([one.features for one in found if one.mixed])
    elsewhere = np.array([one.elsewhere for one in found if one.mixed])
    weights = np.where(elsewhere, 1 / elsewhere.sum(), 1 / (~elsewhere).sum()) * 1000
    return LogisticRegression(C=100, max_iter=3000).fit(rows, elsewhere, weights)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--again", action="store_true", help="ask the program anew")
    arguments.add_argument("sets", nargs="+", metavar="SET_DIR")
    arguments = arguments.parse_args()
    binary = os.path.abspath(os.environ.get("WENYUAN_BIN", "target/release/wenyuan"))
    found = {}
    for name, corpus, questions in indexes(arguments.sets):
        rows = kept(binary, name, corpus, questions, arguments.again)
        for row, question in zip(rows, questions):
            # Both halves of a parallel pair, and all questions about a document, are judged by the same model.
            row["about"] = [part.split("-", 2)[-1] for part in question["relevant"]]
        found[name] = [Found(row, name != "all") for row in rows if row["hits"]]
    every = [one for some in found.values() for one in some]
    models = [fit([one for one in every if one.half != half]) for half in (0, 1)]
    logit = {id(one): models[one.half].decision_function([one.features])[0] for one in every}
    mixed = [one for one in every if one.mixed]
    print(f"AUC {roc_auc_score([one.elsewhere for one in mixed], [logit[id(one)] for one in mixed]):.3f} of {len(mixed)} questions")
    shift = lambda one: np.clip(STEP * (logit[id(one)] - PRIOR), -MOST, MOST)
    for name, some in found.items():
        before, after = (np.mean([one.first(moved(one)) for one in some]) for moved in (lambda _: 0.0, shift))
        print(f"{name:24} first {before:.4f}, with what is moved {after:.4f}")
    model = fit(every)
    print(f"intercept = {STEP * (model.intercept_[0] - PRIOR):.4f}")
    print("\n".join(f"{name} = {STEP * value:.4f}" for name, value in zip(FEATURES, model.coef_[0])))


if __name__ == "__main__":
    main()
