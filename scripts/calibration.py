#!/usr/bin/env python3
"""What a calibrated threshold is worth on people's questions, which it was not fitted to.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/calibration.py SET_DIR [SET_DIR ...] [--gold 60] [--json FILE]

For every data set (corpus.jsonl, questions.jsonl): the corpus becomes a knowledge base of its own, which is calibrated
first from its passages alone and then with some of the set's questions as gold ones. All other questions are asked, and what
each threshold refuses of the unanswerable and loses of the answerable ones is told. `best` is the highest threshold that would
have lost 5% of these very questions, which nobody can know beforehand.
"""

import argparse
import json
import os
import pathlib
import random
import tempfile

from server import Server, post_json, request, wait_settled


def read(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def upload(base, place, document):
    mark = "wenyuan-calibration-script"
    parts = []
    if document.get("title"):
        metadata = json.dumps({"title": document["title"]})
        parts.append(f'--{mark}\r\ncontent-disposition: form-data; name="metadata"\r\n\r\n{metadata}\r\n')
    parts.append(f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="{document["id"]}.txt"\r\n\r\n')
    body = "".join(parts).encode() + document["text"].encode() + f"\r\n--{mark}--\r\n".encode()
    request(base, "POST", f"{place}/documents", body, {"content-type": f"multipart/form-data; boundary={mark}"})


def prepare(base, folder):
    place = f"/api/v1/knowledge-bases/{folder.name}"
    post_json(base, "/api/v1/knowledge-bases", {"name": folder.name})
    for document in read(folder / "corpus.jsonl"):
        upload(base, place, document)
    wait_settled(base, folder.name)
    return place


def add_gold(base, place, questions):
    lines = [json.dumps(one, ensure_ascii=False) for one in questions]
    for at in range(0, len(lines), 500):
        body = "\n".join(lines[at:at + 500]).encode()
        done = request(base, "POST", f"{place}/gold-questions/import", body, {"content-type": "application/x-ndjson"})
        if done["refused"]:
            print(f"{place}: {len(done['refused'])} lines refused, such as {done['refused'][0]}", flush=True)


def asked(base, place, but):
    run = post_json(base, f"{place}/evaluate", {"limit": 5000})
    results = [one for one in run["results"] if "answerability" in one and one["question"] not in but]
    return [(one["answerability"], one["answerable"]) for one in results]


def shares(judged, threshold):
    of = lambda answerable: [score < threshold for score, known in judged if known == answerable]
    share = lambda refused: sum(refused) / len(refused) if refused else float("nan")
    return share(of(False)), share(of(True))


def best(judged):
    scores = sorted(score for score, answerable in judged if answerable)
    return scores[int(0.05 * len(scores))]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("sets", type=pathlib.Path, nargs="+")
    arguments.add_argument("--gold", type=int, default=60)
    arguments.add_argument("--json", type=pathlib.Path)
    arguments = arguments.parse_args()
    table = []
    print("| set | asked | threshold of | value | of what it was fitted to: refused, lost | people's: refused | lost |\n|---|---:|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as data:
        server = Server(os.environ["WENYUAN_BIN"], data)
        try:
            server.wait_ready()
            for folder in arguments.sets:
                place = prepare(server.base, folder)
                questions = read(folder / "questions.jsonl")
                random.Random(0).shuffle(questions)
                gold = questions[:min(arguments.gold, len(questions) // 2)]
                passages = post_json(server.base, f"{place}/calibrate", {})
                add_gold(server.base, place, gold)
                both = post_json(server.base, f"{place}/calibrate", {})
                add_gold(server.base, place, questions)
                judged = asked(server.base, place, {one["question"] for one in gold})
                made = lambda one, end="": f"{one['refused' + end]:.3f}, {one['lost' + end]:.3f}"
                rows = [("the program", passages["built_in"], made(passages, "_built_in")),
                        ("passages", passages["threshold"], made(passages)),
                        (f"passages and {both['gold']} gold", both["threshold"], made(both)), ("best", best(judged), "")]
                for name, value, fitted in rows:
                    refused, lost = shares(judged, value)
                    table.append({"set": folder.name, "of": name, "threshold": value, "refused": refused, "lost": lost})
                    print(f"| {folder.name} | {len(judged)} | {name} | {value:.3f} | {fitted} | {refused:.3f} | {lost:.3f} |", flush=True)
        finally:
            server.stop()
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
