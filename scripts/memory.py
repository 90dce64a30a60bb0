"""How much memory one very large file takes: a PDF of 1,600 pages and 2 million characters, and a text of 200 MB.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/memory.py [pdf] [text] [--text-mb 200] [--embed-seconds 120] [--json FILE]

Both files are generated, half in Chinese and half in English, from a fixed seed. The real server is started on an empty data
folder and asked one question, so that its models are loaded: that is the idle figure. Then the file is uploaded, and until
its job has ended, memory is read ten times a second from /proc/PID/smaps_rollup of the server and of its reading process,
shared pages counted in shares (PSS). Two sums are told: all resident memory, and what of it is anonymous, which is memory
that the processes took for themselves; the rest are pages of files (program, models, index), which the system takes back
when it needs them. The peak above idle must stay under 500 MB.

A text of 200 MB takes long to embed. Its job is cancelled when embedding has gone on for --embed-seconds (0: never), and the
table says which stages were seen.
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
    """PSS in bytes: all, and anonymous; nothing for a process that has ended."""
    values = {}
    try:
        for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            key, value = line.split(":")
            values[key] = int(value.split()[0]) * 1024
    except (OSError, ValueError):
        return 0, 0
    return values.get("Pss", 0), values.get("Pss_Anon", 0) + values.get("Pss_Shmem", 0)


def children_of(process):
    try:
        tasks = list(pathlib.Path(f"/proc/{process}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


class Sampler(threading.Thread):
    """Reads memory until stopped; keeps the peaks of each stage."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.stage, self.ended, self.peaks, self.samples = process, "uploading", threading.Event(), {}, 0

    def run(self):
        while not self.ended.wait(0.1):
            server, children = memory_of(self.process), [memory_of(child) for child in children_of(self.process)]
            child = [sum(column) for column in zip(*children)] or [0, 0]
            peak = self.peaks.setdefault(self.stage, dict.fromkeys(("all", "anonymous", "server", "reader"), 0))
            figures = {"all": server[0] + child[0], "anonymous": server[1] + child[1], "server": server[1], "reader": child[1]}
            for name, value in figures.items():
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
                print(f"  embedding, {job.get('chunks_done')} of {job.get('chunks_total')} passages: "
                      f"{memory_of(server.process.pid)[1] / 1e6:.0f} MB anonymous", flush=True)
            if embed_seconds and now - embedding > embed_seconds:
                request(server.base, "POST", f"/api/v1/jobs/{taken['job_id']}/cancel")
                embed_seconds = 0
        server.check_running()
        time.sleep(0.1)


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
            sampler.ended.set()
            sampler.join()
        finally:
            server.kill()
    mb = 1e6
    above = max(peak["anonymous"] for peak in sampler.peaks.values()) - idle[1]
    above_all = max(peak["all"] for peak in sampler.peaks.values()) - idle[0]
    print(f"\n{what}: ended {job['status']}, {job.get('chunks_done')} of {job.get('chunks_total')} passages, {sampler.samples} samples")
    print(f"idle with models loaded: {idle[1] / mb:.0f} MB anonymous, {idle[0] / mb:.0f} MB in all")
    print("\n| stage | seconds | server, anonymous | reader, anonymous | both above idle | all pages above idle |\n|---|---:|---:|---:|---:|---:|")
    for stage, peak in sampler.peaks.items():
        print(f"| {stage} | {seconds.get(stage, 0):.0f} | {peak['server'] / mb:.0f} | {peak['reader'] / mb:.0f} | "
              f"{(peak['anonymous'] - idle[1]) / mb:.0f} | {(peak['all'] - idle[0]) / mb:.0f} |")
    print(f"peak above idle: {above / mb:.0f} MB anonymous, {above_all / mb:.0f} MB with pages of files; bound {BOUND_MB} MB", flush=True)
    if job["status"] == "failed":
        print(f"FAILED: {job['error']}")
    return {"file": name, "what": what, "status": job["status"], "idle_mb": idle[1] / mb, "above_idle_mb": above / mb,
            "above_idle_all_mb": above_all / mb, "stages": {stage: peak | {"seconds": seconds.get(stage, 0)} for stage, peak in sampler.peaks.items()},
            "held": above / mb < BOUND_MB and job["status"] != "failed"}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("which", nargs="*", default=[], help="pdf, text; both without")
    arguments.add_argument("--text-mb", type=int, default=200)
    arguments.add_argument("--embed-seconds", type=float, default=120)
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
