"""kill -9 at random moments while documents come in; afterwards nothing acknowledged may be missing, half there, or twice.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/torture.py [--kills 50] [--seed N]

Each round starts the real server on one data folder, uploads new documents from two threads (and sometimes replaces one
that is there), and kills the process with SIGKILL after a random time. At the end a last start must bring every document
whose upload was answered with 202 to `ready`, exactly once, with all its text, in its newest acknowledged version, and
`doctor` must find index and catalog in agreement.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error

from server import Server, ensure_knowledge_base, multipart, post_json, request, text_of, wait_settled

COMMON = "档案 制度 规定 设备 温度 压力 合同 期限 员工 假期 valve pump sensor contract period leave archive rule budget".split()


def paragraph(rng, mark):
    """Words of an ordinary text among rare ones: paragraphs alike would be taken for repetitions and shown once."""
    rare = ["".join(chr(rng.randint(0x4E00, 0x8FFF)) for _ in range(2)) for _ in range(40)]
    words = rare + rng.choices(COMMON, k=20)
    rng.shuffle(words)
    return " ".join(words) + f" {mark}。"


class Load:
    """What was uploaded, and what the server acknowledged."""

    def __init__(self, rng):
        self.rng, self.lock, self.count = rng, threading.Lock(), 0
        self.acknowledged = {}  # name -> (document id, marks of versions acknowledged or possibly taken, newest last)

    def next_document(self):
        with self.lock:
            replace = self.acknowledged and self.rng.random() < 0.15
            name = self.rng.choice(list(self.acknowledged)) if replace else f"文件-{self.count}.txt"
            self.count += 1
            mark = f"MARK{self.count:06d}"
            text = "\n\n".join(paragraph(self.rng, mark) for _ in range(self.rng.randint(1, 12)))
            return name, mark, text

    def run(self, base, stop):
        while not stop.is_set():
            name, mark, text = self.next_document()
            body, headers = multipart([(name, text.encode())])
            with self.lock:
                # The bytes may arrive although the answer does not: then either version may be the newest.
                self.acknowledged.setdefault(name, [None, [], []])[2].append(mark)
            try:
                document = request(base, "POST", "/api/v1/knowledge-bases/t/documents", body, headers)["documents"][0]
            except (urllib.error.URLError, OSError, ValueError):
                return
            if "document_id" not in document:
                raise SystemExit(f"refused at the door: {document}")
            with self.lock:
                entry = self.acknowledged[name]
                entry[0] = document["document_id"]
                entry[1].append(mark)
            time.sleep(0.03)  # a flood would only lengthen the queue that the last start has to work off


def check(base, load):
    problems = []
    documents = wait_settled(base, "t")
    by_name = {}
    for document in documents:
        by_name.setdefault(document["name"], []).append(document)
        if document["status"] != "ready":
            problems.append(f"{document['name']} is {document['status']}: {document.get('error')}")
    marks = {}
    for name, (identity, acknowledged, sent) in load.acknowledged.items():
        found = by_name.get(name, [])
        if acknowledged and len(found) != 1:
            problems.append(f"{name} is there {len(found)} times")
        if not found or found[0]["status"] != "ready":
            continue  # said above
        text = text_of(base, "t", found[0]["id"])
        inside = {mark for mark in sent if mark in text}
        # Nothing sent after the last acknowledged version was acknowledged, but it may have been taken.
        last = sent.index(acknowledged[-1]) if acknowledged else 0
        if len(inside) != 1 or not inside & set(sent[last:]):
            problems.append(f"{name} holds {inside}, acknowledged last was {acknowledged[-1:]}")
        marks[name] = (inside.pop() if inside else None, found[0], set(sent))
    for name, (mark, document, sent) in marks.items():
        for wanted in sent:
            asked = {"query": wanted, "top_k": 50, "mode": "lexical"}
            hits = post_json(base, "/api/v1/knowledge-bases/t/search", asked)["hits"]
            exact = [hit for hit in hits if wanted in hit["text"]]
            if wanted == mark and len(exact) != min(50, document["chunks"]):
                problems.append(f"{name}: {len(exact)} chunks found, {document['chunks']} expected")
            if wanted != mark and exact:
                problems.append(f"{name}: the replaced or unfinished version {wanted} is still visible")
            if len({hit["chunk_id"] for hit in hits}) != len(hits):
                problems.append(f"{name}: a chunk is found twice")
    return len(documents), problems


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    options = arguments.parse_args()
    binary = str(pathlib.Path(os.environ["WENYUAN_BIN"]).resolve())
    rng = random.Random(options.seed)
    load = Load(rng)
    with tempfile.TemporaryDirectory(prefix="wenyuan-torture-") as data:
        for round_number in range(options.kills + 1):
            server = Server(binary, data)
            last = round_number == options.kills
            early = not last and rng.random() < 0.15
            if early:  # also in the middle of starting
                time.sleep(rng.uniform(0.01, 0.4))
                server.kill()
                continue
            server.wait_ready()
            ensure_knowledge_base(server.base, "t")
            if last:
                try:
                    count, problems = check(server.base, load)
                except BaseException:
                    server.kill()
                    raise
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(timeout=60)
                break
            stop = threading.Event()
            threads = [threading.Thread(target=load.run, args=(server.base, stop)) for _ in range(2)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.05, 2.0))
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            print(f"kill {round_number + 1}/{options.kills}: {len(load.acknowledged)} documents sent", flush=True)
        doctor = subprocess.run([binary, "doctor", "--data", data], capture_output=True, text=True, check=False)
        if doctor.returncode != 0:
            problems.append(f"doctor: {doctor.stdout}{doctor.stderr}")
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print(f"seed {options.seed}: {options.kills} kills, {count} documents, {len(problems)} problems")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
