#!/usr/bin/env python3
"""Puts data sets together into one, with all their documents in one index: what hides a passage is then everything else.

    python3 scripts/pool_sets.py OUT_DIR SET_DIR [SET_DIR ...]

Ids get the set's name in front. Only answerable questions are taken: what one set leaves out another may hold.
"""
import json
import pathlib
import sys


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    out, corpus, questions = pathlib.Path(sys.argv[1]), [], []
    for folder in map(pathlib.Path, sys.argv[2:]):
        own = lambda name, folder=folder: f"{folder.name}/{name}"
        corpus += [{**document, "id": own(document["id"])} for document in lines(folder / "corpus.jsonl")]
        questions += [
            {**question, "id": own(question.get("id", number)), "relevant": [own(name) for name in question["relevant"]], "parallel": []}
            for number, question in enumerate(lines(folder / "questions.jsonl"))
            if question.get("answerable", True) and question.get("relevant")]
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("corpus", corpus), ("questions", questions)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / f"{name}.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(corpus)} documents, {len(questions)} questions")


if __name__ == "__main__":
    main()
