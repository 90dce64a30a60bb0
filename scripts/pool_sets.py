#!/usr/bin/env python3
"""Puts data sets together into one, with all their documents in one index: what hides a passage is then everything else.

    python3 scripts/pool_sets.py OUT_DIR SET_DIR [SET_DIR ...]

Ids get the set's name in front. Only answerable questions are taken: what one set leaves out another may hold. A document
with the same text as a right one is right too: two sets may hold the same page.
"""
import collections
import json
import pathlib
import sys


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def pooled(folders):
    """All documents and all answerable questions; "parallel" names documents as their own sets do."""
    corpus, questions = [], []
    for folder in map(pathlib.Path, folders):
        own = lambda name, folder=folder: f"{folder.name}/{name}"
        corpus += [{**document, "id": own(document["id"])} for document in lines(folder / "corpus.jsonl")]
        questions += [
            {**question, "id": own(question.get("id", number)), "relevant": [own(name) for name in question["relevant"]],
             "parallel": question.get("parallel") or []}
            for number, question in enumerate(lines(folder / "questions.jsonl"))
            if question.get("answerable", True) and question.get("relevant")]
    text = {document["id"]: " ".join(document["text"].split()) for document in corpus}
    same = collections.defaultdict(list)
    for name, words in text.items():
        same[words].append(name)
    for question in questions:
        question["relevant"] = [name for right in question["relevant"] for name in same[text[right]]]
    return corpus, questions


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    out = pathlib.Path(sys.argv[1])
    corpus, questions = pooled(sys.argv[2:])
    questions = [{**question, "parallel": []} for question in questions]
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("corpus", corpus), ("questions", questions)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / f"{name}.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(corpus)} documents, {len(questions)} questions")


if __name__ == "__main__":
    main()
