#!/usr/bin/env python3
"""How the verdict fares in small knowledge bases: a dozen paragraphs each, questions that they answer and others.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/small_shelves.py [--paragraphs 12] [--shelves 12]

Paragraphs of xquad-en and xquad-zh are dealt out to knowledge bases. Each is asked questions in its own language and in the
other one, 25 at most that one of its paragraphs answers and 25 whose paragraphs lie elsewhere. Printed is how many of each
kind are refused. Needs the data of WENYUAN_SHARED, else ../shared; says so and ends well without it."""

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


def shelves(arguments):
    """Knowledge bases: a name, the language, paragraphs, questions."""
    rng = random.Random(3)
    for language in LANGUAGES:
        corpus = lines(DATA / f"xquad-{language}" / "corpus.jsonl")
        rng.shuffle(corpus)
        for number in range(arguments.shelves):
            some = corpus[number * arguments.paragraphs:][:arguments.paragraphs]
            if some:
                yield f"{language}{number}", language, some, list(drawn(rng, language, {one["id"] for one in some}))


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
    with tempfile.TemporaryDirectory() as data:
        server = Server(binary, data)
        try:
            server.wait_ready()
            made = list(shelves(arguments))
            for name, _, paragraphs, _ in made:
                ensure_knowledge_base(server.base, name)
                for number, paragraph in enumerate(paragraphs):
                    upload(server.base, name, number, paragraph)
            for name, *_ in made:
                wait_settled(server.base, name)
            asked = [(name, language, *one) for name, language, _, questions in made for one in questions]
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                answers = list(pool.map(lambda one: refused(server.base, one[0], one[4]), asked))
        finally:
            server.kill()
    for (_, language, own, answerable, _), answer in zip(asked, answers):
        counts.setdefault((own, language, answerable), []).append(answer)
    print("| paragraphs | questions | refused of those that they answer | refused of the others |\n|---|---|---:|---:|")
    for own in (True, False):
        for language in LANGUAGES:
            asked_in = language if own else LANGUAGES[language]
            shares = [counts[own, language, answerable] for answerable in (True, False)]
            print(f"| {language} | {asked_in} | " + " | ".join(f"{sum(some) / len(some):.3f} of {len(some)}" for some in shares) + " |")


if __name__ == "__main__":
    main()
