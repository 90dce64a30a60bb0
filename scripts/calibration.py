#!/usr/bin/env python3
"""What a calibrated threshold is worth on people's questions, which it was not fitted to.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/calibration.py SET_DIR [SET_DIR ...] [--seeds 3] [--json FILE]

For every data set (corpus.jsonl, questions.jsonl): the corpus becomes a knowledge base of its own, which is calibrated
without gold questions, from its passages alone. Then the set's questions are asked, and what the built-in and the fitted
threshold refuse of the unanswerable and lose of the answerable ones is told, beside the highest threshold that would have
lost 5% of these very questions (`best`, which nobody can know beforehand).
"""

import argparse
import json
import os
import pathlib
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


def ask(base, place, folder):
    lines = [json.dumps(one, ensure_ascii=False) for one in read(folder / "questions.jsonl")]
    for at in range(0, len(lines), 500):
        body = "\n".join(lines[at:at + 500]).encode()
        done = request(base, "POST", f"{place}/gold-questions/import", body, {"content-type": "application/x-ndjson"})
        if done["refused"]:
            print(f"{folder.name}: {len(done['refused'])} lines refused, such as {done['refused'][0]}", flush=True)
    run = post_json(base, f"{place}/evaluate", {"limit": 5000})
    return [(one["answerability"], one["answerable"]) for one in run["results"] if "answerability" in one]


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
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--json", type=pathlib.Path)
    arguments = arguments.parse_args()
    table = []
    print("| set | questions | made: refused, lost | threshold | people's: refused, lost | built-in: refused, lost | best: threshold, refused |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as data:
        server = Server(os.environ["WENYUAN_BIN"], data)
        try:
            server.wait_ready()
            for folder in arguments.sets:
                place = prepare(server.base, folder)
                fitted = [post_json(server.base, f"{place}/calibrate", {"seed": seed + 1}) for seed in range(arguments.seeds)]
                judged = ask(server.base, place, folder)
                for one in fitted:
                    refused, lost = shares(judged, one["threshold"])
                    built_refused, built_lost = shares(judged, one["built_in"])
                    top = best(judged)
                    table.append({"set": folder.name, **one, "real_refused": refused, "real_lost": lost})
                    print(f"| {folder.name} | {len(judged)} | {one['refused']:.3f}, {one['lost']:.3f} | {one['threshold']:.3f} "
                          f"| {refused:.3f}, {lost:.3f} | {built_refused:.3f}, {built_lost:.3f} "
                          f"| {top:.3f}, {shares(judged, top)[0]:.3f} |", flush=True)
        finally:
            server.stop()
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
