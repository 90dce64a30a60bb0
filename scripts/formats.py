"""Every shared document and every fixture through the running program: what comes out, against what is known of it.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/formats.py [--output docs/formats.md] [--only PART_OF_A_NAME]

The real server is started on an empty data folder and gets one file after another, each in its own upload. When a file
has ended, its text is compared with the phrase that the manifest of the collection expects, white space removed on both
sides. The result is written as a page of Markdown; the exit code is 1 if any file did not come out as expected.
"""

import argparse
import collections
import csv
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = "/api/v1/knowledge-bases/formats/documents"
# Longest wait for a file; one that is made to have no end must be stopped earlier.
WAIT_S, LIMIT_S = 300, 150
# A phrase of each of the product's own documents: kind, phrase.
FIXTURES = {
    "compressor-manual-en.docx": ("docx", "Place the compressor on a level floor that carries at least 180 kg"),
    "delivery-note-zh-scanned.pdf": ("pdf", "本次送到次氯酸钠消毒液二十四桶"),
    "handbook-zh-font-not-embedded.pdf": ("pdf", "上午九点上班，下午六点下班"),
    "library-rules-zh-gbk.txt": ("txt", "均可免费办理借书证，押金为五十元"),
    "night-ferry-two-columns.tif": ("image", "stay on the open deck. The kitchen serves hot soup"),
    "pool-hours-zh-en.png": ("image", "身高不足一米二的儿童须由成人陪同"),
    "tea-guide-zh.html": ("html", "白石茶园位于海拔九百二十米的云溪谷"),
    "weather-station-zh-font-embedded.pdf": ("pdf", "每秒五十一点三米的最大阵风"),
}
READ, REFUSED, WRONG = "read", "refused", "not as expected"

Case = collections.namedtuple("Case", "path kind group exercises phrase")
Ending = collections.namedtuple("Ending", "document text seconds")
Row = collections.namedtuple("Row", "case verdict outcome ending")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def request(base, method, path, body=None, headers=None, timeout=120):
    call = urllib.request.Request(base + path, data=body, method=method, headers={"accept-language": "en", **(headers or {})})
    with urllib.request.urlopen(call, timeout=timeout) as response:
        return json.loads(response.read() or b"null")


def multipart(name, content, metadata):
    mark = uuid.uuid4().hex
    parts = []
    if metadata is not None:
        head = f'--{mark}\r\ncontent-disposition: form-data; name="metadata"\r\ncontent-type: application/json\r\n\r\n'
        parts.append(head.encode() + json.dumps(metadata).encode() + b"\r\n")
    head = f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    parts.append(head.encode() + content + f"\r\n--{mark}--\r\n".encode())
    return b"".join(parts), {"content-type": f"multipart/form-data; boundary={mark}"}


class Server:
    """One run of the real program."""

    def __init__(self, binary, data):
        listen = f"127.0.0.1:{free_port()}"
        self.base = f"http://{listen}"
        # To a file: nobody reads a pipe here, and a full one would hold the server up in the middle of a log line.
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--listen", listen],
            env={**os.environ, "WENYUAN_GENERATE__ENABLED": "false"}, stdout=subprocess.DEVNULL, stderr=self.log)

    def wait_ready(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check_running()
            try:
                request(self.base, "GET", "/readyz", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise SystemExit("the server did not become ready")

    def check_running(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise SystemExit(f"the server ended by itself: {self.log.read().decode(errors='replace')[-2000:]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.log.close()

    def read(self, path, metadata=None):
        """Uploads a file and waits for its end. A refusal at the door looks like a failed document."""
        body, headers = multipart(path.name, path.read_bytes(), metadata)
        begun = time.monotonic()
        try:
            taken = request(self.base, "POST", DOCUMENTS, body, headers)["documents"][0]
        except urllib.error.HTTPError as refusal:
            taken = json.loads(refusal.read() or b"{}")
        if not taken.get("document_id"):
            return Ending({"status": "failed", "error": taken.get("error")}, "", time.monotonic() - begun)
        place = f"{DOCUMENTS}/{taken['document_id']}"
        while True:
            document = request(self.base, "GET", place)
            seconds = time.monotonic() - begun
            if document["status"] not in ("queued", "running") or seconds > WAIT_S:
                break
            self.check_running()
            time.sleep(0.02)
        if document["status"] != "ready":
            return Ending(document, "", seconds)
        with urllib.request.urlopen(f"{self.base}{place}/text", timeout=60) as response:
            return Ending(document, response.read().decode(), seconds)


def code_of(ending):
    error = ending.document.get("error") or {}
    # A failure without a sentence for the reader counts as none.
    return error.get("code") if error.get("message") else None


def is_ready(ending):
    return ending.document["status"] == "ready"


def failed(ending, *codes):
    return ending.document["status"] == "failed" and code_of(ending) in codes


def unexpected(case, ending):
    status = ending.document["status"]
    if status == "ready":
        return WRONG, f"read, but “{case.phrase}” is not in the text"
    if status == "failed":
        return WRONG, f"failed: {code_of(ending) or 'without a reason'}"
    return WRONG, f"still {status} after {WAIT_S} s"


def bare(text):
    return "".join(text.split())


def judge_text(case, ending):
    if is_ready(ending) and bare(case.phrase) in bare(ending.text):
        return READ, "phrase found"
    return unexpected(case, ending)


def judge_ocr(case, ending):
    # The collection lets some scans be refused; a picture that can be read by eye must be read.
    if "`no text` status" in case.exercises and failed(ending, "no_text"):
        return REFUSED, "refused: no_text"
    if is_ready(ending) and not any(warning["code"] == "page_read_by_ocr" for warning in ending.document["warnings"]):
        return WRONG, "read, and does not say that it was read by OCR"
    return judge_text(case, ending)


def judge_garbled(case, ending):
    if failed(ending, "garbled_text"):
        return REFUSED, "refused: garbled_text"
    if is_ready(ending):
        chinese = (ending.document.get("language") or "").startswith("zh")
        return (READ, "read as Chinese") if chinese else (WRONG, "read, and the text is garbled")
    return unexpected(case, ending)


def judge_error(case, ending):
    if ending.document["status"] == "failed" and code_of(ending):
        return REFUSED, f"refused: {code_of(ending)}"
    if is_ready(ending):
        return (READ, "read after all") if bare(ending.text) else (WRONG, "ready, and without any text")
    return unexpected(case, ending)


def judge_limit(case, ending):
    if ending.seconds > LIMIT_S:
        return WRONG, f"did not end within {LIMIT_S} s"
    if is_ready(ending):
        return READ, "ended within the limits"
    return judge_error(case, ending)


JUDGES = {"text": judge_text, "ocr": judge_ocr, "garbled": judge_garbled, "error": judge_error, "limit": judge_limit}


def judge_password(server, case):
    """First without the password, which must be asked for by name, then with it."""
    first = server.read(case.path)
    if not failed(first, "password_required"):
        return Row(case, *unexpected(case, first), first)
    second = server.read(case.path, {"password": case.exercises.split("`")[1]})
    unknown = failed(second, "invalid_request", "invalid_parameter", "invalid_metadata")
    # A server that does not know the field says the same as before; one that does says that the password is wrong.
    if unknown or second.document.get("error") == first.document["error"]:
        return Row(case, REFUSED, "refused: password_required (a password cannot be given yet)", first)
    verdict, outcome = judge_text(case, second)
    return Row(case, verdict, f"password_required, then with it: {outcome}", second)


def examine(server, case):
    if case.group == "password":
        return judge_password(server, case)
    ending = server.read(case.path)
    return Row(case, *JUDGES[case.group](case, ending), ending)


def cases(folder):
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as manifest:
        for line in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Case(folder / line["file"], line["kind"], line["class"], line["exercises"], line["expected"])
    for name, (kind, phrase) in FIXTURES.items():
        yield Case(ROOT / "tests" / "fixtures" / name, kind, "text", "", phrase)


def cell(value):
    return str(value).replace("|", "\\|").replace("\n", " ")


def table(heads, numbers_from, rows):
    """Markdown; columns from `numbers_from` on stand to the right."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "".join("---|" if at < numbers_from else "---:|" for at in range(len(heads)))
    for row in rows:
        yield "| " + " | ".join(cell(value) for value in row) + " |"


def summary(rows):
    kinds = collections.defaultdict(list)
    for row in rows:
        kinds[row.case.kind].append(row)
    for kind, members in [*sorted(kinds.items()), ("all", rows)]:
        counts = [sum(row.verdict == verdict for row in members) for verdict in (READ, REFUSED, WRONG)]
        yield kind, len(members), *counts, f"{statistics.median(row.ending.seconds for row in members):.2f}"


def line_of(row):
    document = row.ending.document
    outcome = f"**{row.outcome}**" if row.verdict == WRONG else row.outcome
    shown = ["" if document.get(name) is None else document[name] for name in ("pages", "chunks")]
    shown += [len(document.get("warnings") or []), f"{row.ending.seconds:.2f}"]
    return row.case.path.name, row.case.kind, row.case.group, outcome, *shown


def page(rows):
    yield "# Formats\n"
    yield "Generated by `make formats` (`scripts/formats.py`), which uploads every document of the shared collection and the"
    yield "product's own fixtures to the running program, one at a time, and looks for a known phrase in the text that comes"
    yield "out, white space removed on both sides. Seconds are from the upload to the end of the job, embedding included.\n"
    yield "\"Refused\" is a failure with the reason that is expected of the file: protected by a password, without any text,"
    yield "garbled, damaged or made to do harm. Files not as expected are in bold.\n"
    yield "## By kind\n"
    yield from table(["kind", "files", "read", "refused with the reason expected", "not as expected", "seconds, median"], 1, summary(rows))
    yield "\n## By file\n"
    yield from table(["file", "kind", "class", "outcome", "pages", "passages", "warnings", "seconds"], 4, map(line_of, rows))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--output", type=pathlib.Path, default=ROOT / "docs" / "formats.md")
    arguments.add_argument("--only", default="", help="only files whose name holds this")
    options = arguments.parse_args()
    folder = pathlib.Path(os.environ.get("WENYUAN_SHARED") or ROOT.parent / "shared") / "docs"
    if not (folder / "MANIFEST.tsv").exists():
        print("SKIPPED: no documents in ../shared/docs; set WENYUAN_SHARED to a folder that has docs/MANIFEST.tsv.")
        return
    binary = str(pathlib.Path(os.environ["WENYUAN_BIN"]).resolve())
    rows = []
    with tempfile.TemporaryDirectory(prefix="wenyuan-formats-") as data:
        server = Server(binary, data)
        try:
            server.wait_ready()
            request(server.base, "POST", "/api/v1/knowledge-bases", b'{"name":"formats"}', {"content-type": "application/json"})
            for case in (case for case in cases(folder) if options.only in case.path.name):
                rows.append(examine(server, case))
                print(f"{rows[-1].ending.seconds:7.2f} s  {case.path.name}: {rows[-1].outcome}", flush=True)
        finally:
            server.stop()
    if not rows:
        raise SystemExit("no file has such a name")
    options.output.write_text("\n".join(page(rows)) + "\n", encoding="utf-8")
    wrong = [row for row in rows if row.verdict == WRONG]
    for row in wrong:
        print(f"NOT AS EXPECTED: {row.case.path.name}: {row.outcome}")
    print(f"{len(rows)} files, {len(wrong)} not as expected")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
