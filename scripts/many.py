"""Thousands of generated files of every kind, one in twenty of them hostile, in one go, with kill -9 every few seconds.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/many.py [--files 2000] [--kills 30] [--seed N] [--read-seconds N] [--json FILE]

Files are made from a seed (documents.py, hostile.py) and uploaded from two threads, while the server is killed with SIGKILL
after two to seven seconds and started again, until all have been acknowledged and nothing is queued or running. Then every
file must be there exactly once, ready or failed with a code and a sentence; every valid one with text must be ready; the mark
in each of a sample must be found by search in its own document and nowhere else; and `doctor` must find catalog and index in
agreement.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error

import documents
import hostile
from server import Server, all_documents, ensure_knowledge_base, multipart, post_json, request, text_of, wait_settled

PLACE = "/api/v1/knowledge-bases/many/documents"
BATCH = 20
SAMPLE = 300

# `mark` is a word that stands in no other file; `None` where no text is expected.
File = collections.namedtuple("File", "name ending content mark hostile")


def valid_file(number, rng):
    ending, language, writer = documents.KINDS[number % len(documents.KINDS)]
    words, mark = documents.Words(rng), f"MARK{number:06d}"
    paragraphs = [words.paragraph(language or "zh", rng.randint(1, 4)) for _ in range(rng.randint(2, 5))]
    at = rng.randrange(len(paragraphs))
    paragraphs[at] = f"{mark} {paragraphs[at]}"
    content = writer(f"{words.rng.choice(documents.LATIN)} {number}", paragraphs)
    return File(f"{number:05d}-{rng.choice(documents.LATIN)}.{ending}", ending, content, mark if language else None, None)


def hostile_file(number, rng):
    maker = hostile.MAKERS[number % len(hostile.MAKERS)]
    ending, content = maker(rng)
    name = f"{number:05d}-{maker.__name__}.{ending}"
    if rng.random() < 0.3:
        name = rng.choice(hostile.NAMES).format(name)
    return File(name, ending, content, None, maker.__name__)


def make(count, rng):
    bad = count // 20
    files = [valid_file(number, rng) for number in range(count - bad)]
    files += [hostile_file(number, rng) for number in range(bad)]
    rng.shuffle(files)
    return files


class Load:
    """What is still to be uploaded, and what became of the rest."""

    def __init__(self, files):
        self.waiting, self.lock = queue.Queue(), threading.Lock()
        self.taken, self.refused, self.repeated = {}, {}, 0
        for start in range(0, len(files), BATCH):
            self.waiting.put(files[start:start + BATCH])

    def run(self, base):
        while True:
            try:
                batch = self.waiting.get_nowait()
            except queue.Empty:
                return
            body, headers = multipart([(file.name, file.content) for file in batch])
            try:
                answered = request(base, "POST", PLACE, body, headers)["documents"]
            except urllib.error.HTTPError as error:
                # Not one file of it is accounted for, which the count at the end tells.
                print(f"an upload was refused with {error.code}: {error.read()[:400]}", flush=True)
                return
            except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
                # The bytes may have arrived although the answer did not; they are sent again, as any client would.
                with self.lock:
                    self.repeated += 1
                self.waiting.put(batch)
                return
            with self.lock:
                for file, document in zip(batch, answered, strict=True):
                    if document.get("document_id"):
                        self.taken[file.name] = (file, document["document_id"])
                    else:
                        self.refused[file.name] = (file, document.get("error") or {})


def is_settled(base):
    return not any(request(base, "GET", f"{PLACE}?status={status}&limit=1")["documents"] for status in ("queued", "running"))


def drive(binary, data, load, rng, most_kills, environment):
    """Kills the server again and again until everything is in and done; the last run is left alone."""
    kills = 0
    while True:
        server = Server(binary, data, environment)
        if kills < most_kills and rng.random() < 0.1:  # also in the middle of starting
            time.sleep(rng.uniform(0.01, 0.6))
            server.kill()
            kills += 1
            continue
        server.wait_ready()
        ensure_knowledge_base(server.base, "many")
        threads = [threading.Thread(target=load.run, args=(server.base,), daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + rng.uniform(2, 7)
        settled = False
        while time.monotonic() < end and not settled:
            time.sleep(0.3)
            settled = load.waiting.empty() and not any(map(threading.Thread.is_alive, threads)) and is_settled(server.base)
        if settled or kills >= most_kills:
            for thread in threads:
                thread.join()
            return server, kills
        server.kill()
        kills += 1
        for thread in threads:
            thread.join()
        print(f"kill {kills}: {len(load.taken) + len(load.refused)} files acknowledged", flush=True)


def says_why(error):
    return bool(error.get("code")) and len(error.get("message", "").split()) >= 3


def judge(server, load, files):
    problems = []
    listed = wait_settled(server.base, "many", 3600)
    by_id = {document["id"]: document for document in listed}
    names = collections.Counter(document["name"] for document in listed)
    problems += [f"{name!r} is there {count} times" for name, count in names.items() if count > 1]
    if len(load.taken) + len(load.refused) != len(files):
        problems.append(f"{len(files)} files sent, {len(load.taken)} taken, {len(load.refused)} refused")
    known = {identity for _, identity in load.taken.values()}
    problems += [f"{document['name']!r} is there and was never acknowledged" for document in listed if document["id"] not in known]
    outcomes = {}
    for file, error in load.refused.values():
        outcomes[file.name] = (file, "refused", error)
    for file, identity in load.taken.values():
        document = by_id.get(identity)
        if document is None:
            problems.append(f"{file.name!r} was acknowledged and is gone")
            continue
        outcomes[file.name] = (file, document["status"], document.get("error") or {})
    for file, status, error in outcomes.values():
        if status not in ("ready", "failed", "refused"):
            problems.append(f"{file.name!r} is {status}")
        if status != "ready" and not says_why(error):
            problems.append(f"{file.name!r} {status} without a reason: {error}")
        if file.mark and status != "ready":
            problems.append(f"{file.name!r} is valid and {status}: {error}")
    return outcomes, problems


def look_for(server, load, sample):
    """The mark of each file stands in its own document, exactly once, and search finds it there and nowhere else."""
    problems = []
    for file in sample:
        identity = load.taken[file.name][1]
        asked = {"query": file.mark, "top_k": 10, "mode": "lexical"}
        hits = post_json(server.base, "/api/v1/knowledge-bases/many/search", asked)["hits"]
        holders = {hit["document_id"] for hit in hits if file.mark in hit["text"]}
        if holders != {identity}:
            problems.append(f"{file.mark} of {file.name!r} is found in {len(holders)} documents")
        if len({hit["chunk_id"] for hit in hits}) != len(hits):
            problems.append(f"{file.mark}: a passage is found twice")
        if file.mark not in text_of(server.base, "many", identity):
            problems.append(f"{file.mark} is not in the text of {file.name!r}")
    return problems


def tables(outcomes):
    kinds, bad = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for file, status, error in outcomes.values():
        if file.hostile:
            bad[file.hostile]["ready" if status == "ready" else error.get("code", "no code")] += 1
        else:
            kinds[file.ending]["ready" if status == "ready" else error.get("code", "no code")] += 1
    for title, counts in (("valid files", kinds), ("hostile files", bad)):
        yield f"\n| {title} | outcome |\n|---|---|"
        for name, counted in sorted(counts.items()):
            yield f"| {name} | {', '.join(f'{code} {count}' for code, count in counted.most_common())} |"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--files", type=int, default=2000)
    arguments.add_argument("--kills", type=int, default=30, help="most kills")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--read-seconds", type=int, help="limit for reading one file, in place of the setting's 120")
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    binary = str(pathlib.Path(os.environ["WENYUAN_BIN"]).resolve())
    rng = random.Random(options.seed)
    files = make(options.files, rng)
    marked = [file for file in files if file.mark]
    load, begun = Load(files), time.monotonic()
    environment = {"WENYUAN_INGEST__READ_SECONDS": str(options.read_seconds)} if options.read_seconds else {}
    with tempfile.TemporaryDirectory(prefix="wenyuan-many-") as data:
        server, kills = drive(binary, data, load, rng, options.kills, environment)
        try:
            outcomes, problems = judge(server, load, files)
            seconds = time.monotonic() - begun
            problems += look_for(server, load, rng.sample(marked, min(SAMPLE, len(marked))))
        except BaseException:
            server.kill()
            raise
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=120)
        doctor = subprocess.run([binary, "doctor", "--data", data], capture_output=True, text=True, check=False)
        if doctor.returncode != 0:
            problems.append(f"doctor: {doctor.stdout}{doctor.stderr}")
    for line in tables(outcomes):
        print(line)
    counts = collections.Counter(status for _, status, _ in outcomes.values())
    for problem in problems:
        print(f"PROBLEM: {problem}")
    figures = {"seed": options.seed, "files": len(files), "hostile": sum(bool(file.hostile) for file in files), "kills": kills,
               "seconds": round(seconds, 1), "uploads_repeated": load.repeated, **counts, "searched": min(SAMPLE, len(marked)),
               "problems": len(problems)}
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures | {"list": problems}, ensure_ascii=False, indent=1))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
