#!/usr/bin/env python3
"""How the verdict fares in knowledge bases as people have them: small ones, and such with texts in both languages.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/shelves.py [--paragraphs 12] [--shelves 12]

Small: paragraphs of xquad-en and xquad-zh are dealt out, a dozen to a knowledge base. Each is asked questions in its own
language and in the other one, 25 at most that one of its paragraphs answers and 25 whose paragraphs lie elsewhere.

Mixed: the paragraphs of xquad in one language beside 200 texts about other things in the other one. 300 questions are asked
in the language of the latter that only the former answer, and up to 300 that nothing there answers.

Printed is how many of each kind are refused. Needs the data of WENYUAN_SHARED, else ../shared; says so and ends well
without it."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import tempfile

from server import Server, ensure_knowledge_base, multipart, post_json, request, wait_settled

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("WENYUAN_SHARED") or ROOT.parent / "shared") / "data"
LANGUAGES = {"en": "zh", "zh": "en"}
MOST = 25
# Beside paragraphs in a language: texts in the other one, questions in that one about other things.
BESIDE = {"en": ("cmrc2018", "drcd"), "zh": ("clapnq", "rgb-en-fact")}
TEXTS_BESIDE, MOST_MIXED = 200, 300


def lines(path):
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def upload(base, knowledge_base, number, document):
    title = (document.get("title") or "").replace("_", " ").strip()
    body, headers = multipart([(f"{number}.txt", document["text"].encode())], {"title": title} if title else {})
    request(base, "POST", f"/api/v1/knowledge-bases/{knowledge_base}/documents", body, headers)


def drawn(rng, language, ids):
    """Questions for these paragraphs: whether they are in their language, whether they can be answered, and how they go."""
    for asked, key in ((language, "relevant"), (LANGUAGES[language], "parallel")):
        questions = [one for one in lines(DATA / f"xquad-{asked}" / "questions.jsonl") if one.get("answerable", True) and one.get(key)]
        for answerable in (True, False):
            some = [one["question"] for one in questions if bool(set(one[key]) & ids) == answerable]
            for question in rng.sample(some, min(MOST, len(some))):
                yield language == asked, answerable, question


def small(arguments):
    """Knowledge bases: a name, the kind that their figures go under, documents, questions with whether they can be answered."""
    rng = random.Random(3)
    for language in LANGUAGES:
        corpus = lines(DATA / f"xquad-{language}" / "corpus.jsonl")
        rng.shuffle(corpus)
        for number in range(arguments.shelves):
            some = corpus[number * arguments.paragraphs:][:arguments.paragraphs]
            questions = list(drawn(rng, language, {one["id"] for one in some}))
            for own in (True, False):
                kind = f"{arguments.paragraphs} paragraphs, {language} | {language if own else LANGUAGES[language]}"
                yield f"{language}{number}", kind, some if own else [], [one[1:] for one in questions if one[0] == own]


def mixed():
    """The same, of both languages."""
    rng = random.Random(5)
    for language, (texts, elsewhere) in BESIDE.items():
        documents = lines(DATA / f"xquad-{language}" / "corpus.jsonl")
        documents += rng.sample(lines(DATA / texts / "corpus.jsonl"), TEXTS_BESIDE)
        questions = lines(DATA / f"xquad-{LANGUAGES[language]}" / "questions.jsonl")
        questions = [one["question"] for one in questions if one.get("answerable", True)]
        others = [one["question"] for one in lines(DATA / elsewhere / "questions.jsonl")][:MOST_MIXED]
        asked = [(True, one) for one in rng.sample(questions, MOST_MIXED)] + [(False, one) for one in others]
        yield f"mixed-{language}", f"{language} that answers, {LANGUAGES[language]} that does not | {LANGUAGES[language]}", documents, asked


def refused(base, knowledge_base, question):
    found = post_json(base, f"/api/v1/knowledge-bases/{knowledge_base}/search", {"query": question, "top_k": 5})
    return found["evidence"]["verdict"] == "insufficient"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, default=12)
    parser.add_argument("--shelves", type=int, default=12)
    arguments = parser.parse_args()
    if not (DATA / "xquad-en").exists():
        print(f"SKIPPED: {DATA} is not here")
        return
    binary = os.path.abspath(os.environ.get("WENYUAN_BIN", "target/release/wenyuan"))
    counts = {}
    with tempfile.TemporaryDirectory() as data, concurrent.futures.ThreadPoolExecutor(4) as pool:
        server = Server(binary, data)
        try:
            server.wait_ready()
            shelves = [*small(arguments), *mixed()]
            for name, _, documents, _ in shelves:
                ensure_knowledge_base(server.base, name)
                list(pool.map(lambda pair, name=name: upload(server.base, name, *pair), enumerate(documents)))
            for name, *_ in shelves:
                wait_settled(server.base, name)
            for name, kind, _, questions in shelves:
                answers = pool.map(lambda one, name=name: refused(server.base, name, one[1]), questions)
                for (answerable, _), answer in zip(questions, answers):
                    counts.setdefault(kind, {True: [], False: []})[answerable].append(answer)
        finally:
            server.kill()
    print("| texts | questions | refused of those that they answer | refused of the others |\n|---|---|---:|---:|")
    for kind, answers in counts.items():
        print(f"| {kind} | " + " | ".join(f"{sum(some) / len(some):.3f} of {len(some)}" for some in answers.values()) + " |")


if __name__ == "__main__":
    main()
