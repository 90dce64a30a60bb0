#!/usr/bin/env python3
"""Fits [few_others] of src/retrieve/evidence.toml: whether a passage in the other language answers where few passages are
searched, and shows what `near_from` and `too_far` do where there are more.

    python3 -m venv .venv && .venv/bin/pip install numpy onnx scikit-learn tokenizers
    .venv/bin/python scripts/fit_few.py [--bench PROGRAM] [--again]

PROGRAM is the benchmark `scale`, which embeds lines; without it, cargo builds it. Vectors are kept in .work/few. Passages of
../shared/data are drawn at random, one to six hundred; questions in the other language are asked of them with and without the
passage that answers. Others are of other sets, and twenty in each language are about the world at large. Each language is judged
by a model fitted on the other; what is fitted on both comes last, as it stands in the file. Features are those of
src/retrieve/evidence/other.rs, reckoned here."""
import argparse
import json
import math
import pathlib
import random
import re
import subprocess

import numpy as np
from fit_across import Aligner
from scale import SHARED, built
from sklearn.linear_model import LogisticRegression

WORK = pathlib.Path(".work/few")
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100, 160, 240, 400, 600)
FEW, LOST, LEG, TITLE, READ = 64, 0.05, 64, 0.3, 12
# What a unit of cosine adds to the score of a passage, by the question's language (src/retrieve/fuse.rs), and what words across the
# languages add (src/retrieve/rerank.toml).
MEANING, WORDS = {"zh": 0.9 / 1.9, "en": 1.2 / 2.2}, (0.25, 0.25)
DOCUMENTS = {"zh": {"xquad-zh": None, "cmrc2018": 250, "drcd": 250}, "en": {"xquad-en": None, "clapnq": 400}}
QUESTIONS = {"xquad-zh": None, "xquad-en": None, "cmrc2018": 400, "drcd": 400, "clapnq": 400, "rgb-zh": 300, "rgb-en-fact": 300}
WORLD = {
    "zh": "法国的首都是哪里？|水的沸点是多少度？|谁写了红楼梦？|珠穆朗玛峰有多高？|如何做红烧肉？|光速是多少？|中国有多少个省？|比特币现在多少钱？|"
          "明天天气怎么样？|特斯拉的创始人是谁？|长江有多长？|怎么学习游泳？|你好|帮我写一首诗|世界上最大的海洋是哪个？|一年有多少天？|谁发明了电话？|"
          "怎样减肥？|地球到月亮有多远？|美国总统是谁？",
    "en": "What is the capital of France?|Who wrote Hamlet?|How tall is Mount Everest?|What is the boiling point of water?|How do I bake bread?|"
          "What is the speed of light?|Who founded Tesla?|How many planets are there?|What is the weather tomorrow?|hello|Write a poem|What time is it?|"
          "Who is the president of the United States?|How long is the Nile?|Who invented the telephone?|How far is the moon?|How can I lose weight?|"
          "What is the largest ocean?|When did World War II end?|Who painted the Mona Lisa?",
}
NEAR = ("top_cosine", "cosine_gap", "dense_gap", "across")


def rows(name, file, most, rng):
    found = [json.loads(line) for line in (SHARED / name / f"{file}.jsonl").open(encoding="utf-8")]
    return rng.sample(found, most) if most and len(found) > most else found


def sentences(text):
    found = [part.strip() for line in text.split("\n") for part in re.split(r"(?<=[。！？；])|(?<=[.!?;])\s+", line)]
    return [part for part in found if part][:40] or [text]


def length_one(vectors):
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def embedded(bench, texts, again):
    """The vectors of the texts, as the program has them."""
    lines = "\n".join(" ".join(text.split()) or "." for text in texts) + "\n"
    source, out = WORK / "texts.txt", WORK / "vectors.f32"
    if again or not out.exists() or source.read_text(encoding="utf-8") != lines:
        WORK.mkdir(parents=True, exist_ok=True)
        source.write_text(lines, encoding="utf-8")
        out.unlink(missing_ok=True)
        subprocess.run([bench, "vectors", source, out], check=True)
    return length_one(np.fromfile(out, dtype=np.float32).reshape(len(texts), -1))


def first_over(values, others):
    """The best of some values over the mean of the next ones; what evidence.rs takes where there are too few."""
    ordered = np.sort(values)[::-1]
    return ordered[0] - ordered[1:1 + others].mean() if len(ordered) > others else 0.1


def features(passages, best_sentences, across, meaning):
    """Of what a search finds: the nearest by passage, with their best sentences. `across` gives a passage's shares."""
    nearest = np.argsort(-passages)[:LEG]
    sentence, dense = best_sentences[nearest], (passages + best_sentences)[nearest] / 2
    ordered = np.sort(sentence)[::-1]
    ground = ordered[10:30]
    rise = ordered[0] - ground.mean() if len(ground) > 5 else ordered[0] - ordered[1:].mean() if len(ordered) > 1 else 0.2
    read = np.argsort(-dense)[:READ]
    shares = np.array([across(nearest[at]) for at in read])
    top = int(np.argmax(meaning * dense[read] + shares @ WORDS))
    rest = np.delete(shares[:, 0], top)
    ratio = min(shares[top, 0] / max(rest.mean(), 0.05), 3.0) if len(rest) else 1.3
    return sentence[read[top]], first_over(sentence, 3), first_over(dense, 3), shares[top, 0], rise, ratio


def examples(bench, again):
    """Label, whether the question is about the world, its language, passages searched, and features, of every trial."""
    rng = random.Random(1)
    documents = [dict(one, language=language, cut=sentences(one["text"][:1800]))
                 for language, sets in DOCUMENTS.items() for name, most in sets.items() for one in rows(name, "corpus", most, rng)]
    questions = [dict(text=one["question"], language="zh" if name in ("xquad-zh", "cmrc2018", "drcd", "rgb-zh") else "en", world=False,
                      answer=(one.get("parallel") or [None])[0] if one.get("answerable", True) else None)
                 for name, most in QUESTIONS.items() for one in rows(name, "questions", most, rng)]
    questions += [dict(text=text, language=language, world=True, answer=None) for language, all_of in WORLD.items() for text in all_of.split("|")]
    texts = [part for one in documents for part in (one.get("title") or ".", *one["cut"])] + [one["text"] for one in questions]
    vectors = iter(np.split(embedded(bench, texts, again), np.cumsum([1 + len(one["cut"]) for one in documents] + [1] * len(questions))[:-1]))
    for number, one in enumerate(documents):
        own = next(vectors)
        # Every other document goes without its title.
        one["shown"] = one.get("title") if number % 2 else None
        one["vectors"] = length_one(own[1:] + TITLE * own[0]) if one.get("title") and number % 2 else own[1:]
        one["vector"] = length_one(one["vectors"].sum(axis=0))
    for question in questions:
        vector = next(vectors)[0]
        among = [one for one in documents if one["language"] != question["language"]]
        passage = np.array([one["vector"] @ vector for one in among])
        sentence = np.array([(one["vectors"] @ vector).max() for one in among])
        aligner, known = Aligner(question["text"]), {}

        def across(at):
            if at not in known:
                one = among[at]
                known[at] = aligner.across(one["shown"], one["cut"])
            return known[at]
        right = next((at for at, one in enumerate(among) if one["id"] == question["answer"]), None)
        for size in SIZES:
            if size > len(among) or not question["world"] and rng.random() > 0.35:
                continue
            drawn = [at for at in rng.sample(range(len(among)), min(len(among), size + 1)) if at != right]
            trials = [(1, [right, *drawn[:size - 1]])] if right is not None else []
            trials += [(0, drawn[:size])] if len(drawn) >= size else []
            for label, chosen in trials:
                yield label, question["world"], question["language"], size, *features(passage[chosen], sentence[chosen], lambda at: across(chosen[at]), MEANING[question["language"]])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bench", help="the benchmark `scale`, built")
    arguments.add_argument("--again", action="store_true", help="embed anew")
    arguments = arguments.parse_args()
    data = np.array(list(examples(arguments.bench or built(), arguments.again)), dtype=object)
    right, world, language, size = data[:, 0].astype(bool), data[:, 1].astype(bool), data[:, 2], data[:, 3].astype(int)
    values = data[:, 4:].astype(float)
    near, few = values[:, :len(NEAR)], size < FEW
    weights = np.where(world & ~right, 3.0, 1.0)
    for one in SIZES:
        for label in (True, False):
            part = (size == one) & (right == label)
            weights[part] *= 1000 / weights[part].sum()

    def fitted(part):
        mean, spread = near[part].mean(axis=0), near[part].std(axis=0)
        model = LogisticRegression(C=10, max_iter=5000).fit((near[part] - mean) / spread, right[part], weights[part])
        slope = model.coef_[0] / spread
        return model.intercept_[0] - slope @ mean, slope

    def told(name, passed, sizes):
        share = lambda part: f"{(~passed[part]).mean():.2f}" if part.any() else "-"
        for one in sizes:
            part = size == one
            print(f"{name}, {one:3} passages: lost {share(part & right)}, refused: about the world {share(part & ~right & world)}, "
                  f"others {share(part & ~right & ~world)}")

    logits = np.zeros(len(data))
    for asked in ("zh", "en"):
        intercept, slope = fitted(few & (language != asked))
        logits[language == asked] = intercept + near[language == asked] @ slope
    told("fitted on the other language", logits >= np.quantile(logits[few & right], LOST), [one for one in SIZES if one < FEW])
    intercept, slope = fitted(few)
    logits = intercept + near @ slope
    file = re.sub(r"#.*", "", pathlib.Path("src/retrieve/evidence.toml").read_text())
    section = file.split("[other_writing]")[1].split("[")[0]
    many = {name: float(value) for name, value in re.findall(r"(\w+) = (-?[\d.]+)", section)}
    stands_out = many["intercept"] + values @ [many.get(name, 0) for name in (*NEAR, "cosine_rise", "across_ratio")]
    larger = [one for one in SIZES if one >= FEW]
    enough = math.log(many["threshold"] / (1 - many["threshold"]))
    near_enough = math.log(many["near_from"] / (1 - many["near_from"]))
    told("[other_writing] without near_from", stands_out >= enough, larger)
    told("[other_writing]", stands_out + np.where(logits < near_enough, many["too_far"], 0) >= enough, larger)
    bar = np.quantile(logits[few & right], LOST)
    print("[few_others]", f"threshold = {1 / (1 + math.exp(-bar)):.3f}", f"intercept = {intercept:.4f}",
          *(f"{name} = {value:.4f}" for name, value in zip(NEAR, slope)), sep="\n")


if __name__ == "__main__":
    main()
