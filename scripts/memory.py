"""How much memory one very large file takes: a PDF of 1,600 pages and 2 million characters, and a text of 200 MB.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/memory.py [pdf] [text] [--text-mb 200] [--embed-seconds 0] [--json FILE]

Both files are generated, half in Chinese and half in English, from a fixed seed. The real server is started on an empty data
folder and asked one question, so that its models are loaded: that is the idle figure. Then the file is uploaded, and until
some time after its job has ended (the index is put in order then), memory of the server and of its reading process is read
ten times a second. Three sums are told: resident memory as `ps` shows it (RSS; pages that both share count twice), the same
with shared pages counted in shares (PSS), and what of it is anonymous, which is memory that the processes took for
themselves; the rest are pages of files (program, models, index), which the system takes back when it needs them. Each peak
above idle must stay under 500 MB.

In the end sentences from all over the file are searched for, and each must be found in the document's own passages.

A text of 200 MB takes a quarter of an hour to embed. With --embed-seconds its job is cancelled when embedding has gone on for so
long, and the table says which stages were seen.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

import documents
from server import Server, ensure_knowledge_base, post_json, request

BOUND_MB = 500
# Longer than the index waits for quiet before it is put in order.
AFTER_SECONDS = 45
SEARCHES = 24
PAGES, CHARACTERS = 1600, 2_000_000
KB = "memory"


def make_pdf(path):
    """Every page is full, and its text is its own."""
    rng = random.Random(1)
    words, writer, total = documents.Words(rng), documents.Pdf(), 0
    for number in range(PAGES):
        language = "en" if number % 2 else "zh"
        lines, length = [], 0
        while length < CHARACTERS // PAGES + 8:
            lines += documents.wrapped(words.paragraph(language, 2), 84)
            length = sum(map(len, lines))
        total += length
        writer.page(lines)
    path.write_bytes(writer.bytes("一千六百页"))
    return f"PDF, {PAGES} pages, {total / 1e6:.2f} million characters, {path.stat().st_size / 1e6:.1f} MB"


def make_text(path, megabytes):
    rng = random.Random(2)
    words, written = documents.Words(rng), 0
    with path.open("wb") as file:
        while written < megabytes * 1_000_000:
            parts = [words.paragraph(language, rng.randint(2, 8)) for language in ("zh", "en", "en") for _ in range(20)]
            written += file.write(("\n\n".join(parts) + "\n\n").encode())
    return f"text, {path.stat().st_size / 1e6:.0f} MB"


def memory_of(process):
    """PSS in bytes, all and anonymous, and RSS; nothing for a process that has ended."""
    values = {}
    try:
        for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            key, value = line.split(":")
            values[key] = int(value.split()[0]) * 1024
    except (OSError, ValueError):
        return 0, 0, 0
    return values.get("Pss", 0), values.get("Pss_Anon", 0) + values.get("Pss_Shmem", 0), values.get("Rss", 0)


def children_of(process):
    try:
        tasks = list(pathlib.Path(f"/proc/{process}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


FIGURES = ("shares", "anonymous", "rss", "server", "reader")


class Sampler(threading.Thread):
    """Reads memory until stopped; keeps the peaks of each stage."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.stage, self.ended, self.peaks, self.samples = process, "uploading", threading.Event(), {}, 0

    def run(self):
        while not self.ended.wait(0.1):
            server, children = memory_of(self.process), [memory_of(child) for child in children_of(self.process)]
            child = [sum(column) for column in zip(*children)] or [0, 0, 0]
            peak = self.peaks.setdefault(self.stage, dict.fromkeys(FIGURES, 0))
            both = [one + other for one, other in zip(server, child)]
            for name, value in zip(FIGURES, (*both, server[1], child[1])):
                peak[name] = max(peak[name], value)
            self.samples += 1


def follow(server, sampler, path, embed_seconds):
    """Uploads with a stream, as a browser does, and watches the job to its end."""
    mark = "wenyuan-memory"
    head = f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'.encode()
    tail = f"\r\n--{mark}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.putrequest("POST", f"/api/v1/knowledge-bases/{KB}/documents")
    connection.putheader("content-type", f"multipart/form-data; boundary={mark}")
    connection.putheader("content-length", str(len(head) + path.stat().st_size + len(tail)))
    connection.endheaders()
    connection.send(head)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            connection.send(piece)
    connection.send(tail)
    taken = json.loads(connection.getresponse().read())["documents"][0]
    if "job_id" not in taken:
        raise SystemExit(f"refused: {taken}")
    seconds, begun, embedding, told = {}, time.monotonic(), None, 0
    while True:
        job = request(server.base, "GET", f"/api/v1/jobs/{taken['job_id']}")
        now = time.monotonic()
        seconds[sampler.stage] = seconds.get(sampler.stage, 0) + now - begun
        begun = now
        if job["status"] in ("ready", "failed", "cancelled"):
            return job, seconds
        sampler.stage = job["stage"]
        if job["stage"] == "embedding":
            embedding = embedding or now
            if now - told > 15:
                told = now
                now_mb = [value / 1e6 for value in memory_of(server.process.pid)]
                print(f"  embedding, {job.get('chunks_done')} of {job.get('chunks_total')} passages: "
                      f"{now_mb[1]:.0f} MB anonymous, {now_mb[2]:.0f} MB RSS", flush=True)
            if embed_seconds and now - embedding > embed_seconds:
                request(server.base, "POST", f"/api/v1/jobs/{taken['job_id']}/cancel")
                embed_seconds = 0
        server.check_running()
        time.sleep(0.1)


def sentences_of(path, count):
    """Sentences from all over a generated text, each from a line of its own."""
    size, found = path.stat().st_size, []
    with path.open("rb") as file:
        for number in range(count):
            file.seek(int(size * (number + 0.5) / count))
            file.readline()
            line = next((line.decode().strip() for line in file if len(line) > 80), "")
            cut = "。" if "。" in line else ". "
            found.append(line.split(cut)[0])
    return [sentence for sentence in found if sentence]


def missing(server, sentences):
    """Those that no passage found for them holds."""
    lost = []
    for sentence in sentences:
        found = post_json(server.base, f"/api/v1/knowledge-bases/{KB}/search", {"query": sentence})
        if not any(sentence in hit["text"] for hit in found["hits"]):
            lost.append(sentence)
    return lost


def measure(binary, name, path, what, embed_seconds):
    with tempfile.TemporaryDirectory(prefix="wenyuan-memory-") as data:
        server = Server(binary, data)
        try:
            server.wait_ready()
            ensure_knowledge_base(server.base, KB)
            post_json(server.base, f"/api/v1/knowledge-bases/{KB}/search", {"query": "仓库的温度 warehouse temperature"})
            time.sleep(2)
            idle = memory_of(server.process.pid)
            sampler = Sampler(server.process.pid)
            sampler.start()
            job, seconds = follow(server, sampler, path, embed_seconds)
            lost, sentences = [], []
            if job["status"] == "ready":
                sampler.stage = "afterwards"
                time.sleep(AFTER_SECONDS)
                sampler.stage = "searching"
                sentences = sentences_of(path, SEARCHES) if name == "text" else []
                lost = missing(server, sentences)
            sampler.ended.set()
            sampler.join()
        finally:
            server.kill()
    mb = 1e6
    bases = dict(zip(FIGURES, idle))
    above = {name: (max(peak[name] for peak in sampler.peaks.values()) - bases[name]) / mb for name in bases}
    print(f"\n{what}: ended {job['status']}, {job.get('chunks_done')} of {job.get('chunks_total')} passages, {sampler.samples} samples")
    print(f"idle with models loaded: {idle[1] / mb:.0f} MB anonymous, {idle[0] / mb:.0f} MB in all, {idle[2] / mb:.0f} MB RSS")
    print("\n| stage | seconds | server, anonymous | reader, anonymous | anonymous above idle | in shares above idle | RSS above idle |")
    print("|---|" + "---:|" * 6)
    for stage, peak in sampler.peaks.items():
        over = [(peak[name] - bases[name]) / mb for name in ("anonymous", "shares", "rss")]
        print(f"| {stage} | {seconds.get(stage, 0):.0f} | {peak['server'] / mb:.0f} | {peak['reader'] / mb:.0f} | "
              + " | ".join(f"{value:.0f}" for value in over) + " |")
    print(f"peak above idle: {above['anonymous']:.0f} MB anonymous, {above['shares']:.0f} MB in shares, {above['rss']:.0f} MB RSS; "
          f"bound {BOUND_MB} MB", flush=True)
    if sentences:
        print(f"sentences searched for: {len(sentences)}, not found: {len(lost)}")
    if job["status"] == "failed":
        print(f"FAILED: {job['error']}")
    held = max(above.values()) < BOUND_MB and job["status"] != "failed" and not lost
    return {"file": name, "what": what, "status": job["status"], "idle_mb": {key: value / mb for key, value in bases.items()}, "above_idle_mb": above,
            "stages": {stage: peak | {"seconds": seconds.get(stage, 0)} for stage, peak in sampler.peaks.items()},
            "not_found": lost, "held": held}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("which", nargs="*", default=[], help="pdf, text; both without")
    arguments.add_argument("--text-mb", type=int, default=200)
    arguments.add_argument("--embed-seconds", type=float, default=0)
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    binary = str(pathlib.Path(os.environ["WENYUAN_BIN"]).resolve())
    results = []
    with tempfile.TemporaryDirectory(prefix="wenyuan-memory-files-") as folder:
        for name in options.which or ["pdf", "text"]:
            path = pathlib.Path(folder) / ("large.pdf" if name == "pdf" else "large.txt")
            what = make_pdf(path) if name == "pdf" else make_text(path, options.text_mb)
            results.append(measure(binary, name, path, what, 0 if name == "pdf" else options.embed_seconds))
            path.unlink()
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1))
    sys.exit(not all(result["held"] for result in results))


if __name__ == "__main__":
    main()
