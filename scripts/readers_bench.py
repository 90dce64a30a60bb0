"""Reading, splitting and whole ingestion beside LangChain's loaders and splitter: the same files, in turn, in one run.

    WENYUAN_BIN=target/release/wenyuan python3 scripts/readers_bench.py [--rounds 3] [--only read,split,ingest] [--json FILE]

Files: every PDF, DOCX and HTML file of the shared collections that both sides can read. Reading is PyPDFLoader, Docx2txtLoader
and BSHTMLLoader against `wenyuan split --timings-only`, whose time for reading a file includes the start of the process that
reads it. Splitting is RecursiveCharacterTextSplitter, by characters and by the embedder's tokens, against Wenyuan's splitter,
which always counts tokens, on real Chinese and English text. Ingestion is loaders, splitter, the same ONNX embedder and
in-memory Qdrant against `wenyuan ingest` of a folder. Tables show medians over the rounds; memory is the peak of the sum over
all processes of one side, shared pages counted in shares (PSS).

Needs a folder with docs and data (WENYUAN_SHARED, else ../shared) and the packages of the baseline; says so and ends well
without the folder.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from memory import children_of, memory_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = pathlib.Path(os.environ.get("BASELINE_VENV", ROOT / ".venv-baseline")) / "bin" / "python"
KINDS = {".pdf": "PDF", ".docx": "DOCX", ".html": "HTML"}
TEXT_MB = 3
# Sets whose texts make up the files to split.
TEXTS = {"zh": ("cmrc2018", "crud-news", "drcd", "rgb-zh"), "en": ("clapnq", "financebench", "xquad-en", "rgb-en-fact")}


class Peak(threading.Thread):
    """The most memory of a process and its children together."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.bytes = process, 0

    def run(self):
        while self.process.poll() is None:
            family = [self.process.pid, *children_of(self.process.pid)]
            self.bytes = max(self.bytes, sum(memory_of(one)[0] for one in family))
            time.sleep(0.05)


def run(command, may_fail=False):
    """What a command printed, and the most memory that it took, in bytes."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = Peak(process)
    peak.start()
    out, errors = process.communicate()
    if process.returncode != 0 and not may_fail:
        raise SystemExit(f"{command[:4]} ended with {process.returncode}: {errors[-2000:]}")
    return out, peak.bytes


def baseline(what, files, onnx):
    out, peak = run([PYTHON, ROOT / "scripts" / "readers_baseline.py", what, *files, "--onnx", onnx])
    return json.loads(out), peak


def ours_split(binary, files):
    out, _ = run([binary, "split", *files, "--json", "--timings-only"], may_fail=True)
    return [json.loads(line) for line in out.splitlines()]


def table(heads, rows):
    print("\n| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}×" if theirs else "-"


def compare_reading(binary, onnx, files, rounds):
    """Seconds for each file and side; the files that both read come back."""
    theirs, ours, pages, errors = (collections.defaultdict(list) for _ in range(4))
    for number in range(rounds):
        for row in baseline("read", files, onnx)[0]["files"]:
            theirs[row["file"]].append(row["seconds"])
            pages[row["file"]] = row["pages"]
            if row["error"]:
                errors[row["file"]] = f"LangChain: {row['error']}"
        for path, row in zip(files, ours_split(binary, files), strict=True):
            ours[str(path)].append(row["timings_ms"]["parse"] / 1000)
            if row.get("error"):
                errors[str(path)] = f"Wenyuan: {row['error']['code']}"
        print(f"reading, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    good = [path for path in files if str(path) not in errors]
    rows, figures = [], {}
    for ending, kind in KINDS.items():
        chosen = [str(path) for path in good if path.suffix == ending]
        units = sum(pages[name] for name in chosen) if kind == "PDF" else len(chosen)
        seconds = [sum(statistics.median(side[name]) for name in chosen) for side in (theirs, ours)]
        unit = "pages" if kind == "PDF" else "files"
        rates = [units / max(value, 1e-9) for value in seconds]
        figures[kind] = {"files": len(chosen), unit: units, "langchain_per_s": rates[0], "wenyuan_per_s": rates[1]}
        rows.append((f"{kind}: {len(chosen)} files, {units} {unit}", f"{rates[0]:.1f}", f"{rates[1]:.1f}", ratio(rates[1], rates[0])))
    table(["reading, per second", "LangChain", "Wenyuan", "Wenyuan is"], rows)
    slow = sorted((name for name in map(str, good)), key=lambda name: -statistics.median(ours[name]))[:8]
    table(["slowest files, seconds", "pages", "LangChain", "Wenyuan"],
          [(pathlib.Path(name).name, str(pages[name]), f"{statistics.median(theirs[name]):.2f}", f"{statistics.median(ours[name]):.2f}") for name in slow])
    print("\nLeft out, since one side cannot read them: " + "; ".join(f"{pathlib.Path(name).name} ({why})" for name, why in errors.items()))
    return figures, good


def text_files(data, folder):
    """Real texts as plain files: what the data sets hold, up to some megabytes for each language."""
    for language, sets in TEXTS.items():
        path, size = folder / f"{language}.txt", 0
        with path.open("w", encoding="utf-8") as out:
            for name in sets:
                corpus = data / name / "corpus.jsonl"
                for line in corpus.open(encoding="utf-8") if corpus.exists() else ():
                    if size < TEXT_MB << 20:
                        size += len(json.loads(line)["text"].encode()) + 2
                        out.write(json.loads(line)["text"] + "\n\n")
        yield path


def compare_splitting(binary, onnx, data, rounds):
    theirs, ours, figures = collections.defaultdict(list), collections.defaultdict(list), {}
    with tempfile.TemporaryDirectory(prefix="wenyuan-texts-") as folder:
        files = list(text_files(data, pathlib.Path(folder)))
        sizes = {path.stem: path.stat().st_size / 1e6 for path in files}
        for number in range(rounds):
            for row in baseline("split", files, onnx)[0]["files"]:
                theirs[pathlib.Path(row["file"]).stem, row["by"]].append(row["bytes"] / 1e6 / row["seconds"])
            for path, row in zip(files, ours_split(binary, files), strict=True):
                ours[path.stem].append(sizes[path.stem] / (row["timings_ms"]["split"] / 1000))
            print(f"splitting, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    rows = []
    for language, size in sizes.items():
        own = statistics.median(ours[language])
        by = {name: statistics.median(theirs[language, name]) for name in ("characters", "tokens")}
        figures[language] = {"megabytes": size, "wenyuan_mb_s": own, **{f"langchain_{name}_mb_s": value for name, value in by.items()}}
        for name, value in by.items():
            rows.append((f"{language}, {size:.1f} MB; LangChain by {name}", f"{value:.2f}", f"{own:.2f}", ratio(own, value)))
    table(["splitting, MB/s", "LangChain", "Wenyuan (by tokens)", "Wenyuan is"], rows)
    return figures


def compare_ingestion(binary, onnx, files, rounds):
    """A folder of the same files, each under its own name."""
    runs = {"langchain": [], "wenyuan": []}
    with tempfile.TemporaryDirectory(prefix="wenyuan-folder-") as folder:
        for path in files:
            shutil.copy(path, folder)
        copies = sorted(pathlib.Path(folder).iterdir())
        for number in range(rounds):
            report, peak = baseline("ingest", copies, onnx)
            runs["langchain"].append(report | {"peak": peak})
            with tempfile.TemporaryDirectory(prefix="wenyuan-ingest-") as data:
                begun = time.monotonic()
                out, peak = run([binary, "ingest", folder, "--kb", "bench", "--data", data, "--json"], may_fail=True)
                report = json.loads(out)
                runs["wenyuan"].append({"seconds": report["ingest_s"], "whole_s": time.monotonic() - begun, "cpu_s": report["cpu_s"],
                                        "documents": len(report["files"]) - report["failed"], "peak": peak,
                                        "failed": [row["path"] for row in report["files"] if row["status"] != "ready"]})
            print(f"ingestion, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    middle = {side: sorted(reports, key=lambda report: report["seconds"])[len(reports) // 2] for side, reports in runs.items()}
    theirs, ours = middle["langchain"], middle["wenyuan"]
    rates = [report["documents"] / report["seconds"] for report in (theirs, ours)]
    print(f"\n{len(copies)} files; failed: {theirs['failed']} and {ours['failed']}")
    table(["whole ingestion", "LangChain", "Wenyuan", "Wenyuan is"], [
        ("documents per second", f"{rates[0]:.2f}", f"{rates[1]:.2f}", ratio(rates[1], rates[0])),
        ("seconds", f"{theirs['seconds']:.1f}", f"{ours['seconds']:.1f}", ratio(ours["seconds"], theirs["seconds"])),
        ("peak memory, MB", f"{theirs['peak'] / 1e6:.0f}", f"{ours['peak'] / 1e6:.0f}", ratio(ours["peak"], theirs["peak"])),
    ])
    totals = [sum(report["cpu_s"].values()) for report in (theirs, ours)]
    table(["processor time, s (share)", "LangChain", "Wenyuan"], [
        (stage, *(f"{report['cpu_s'][stage]:.1f} ({100 * report['cpu_s'][stage] / total:.0f}%)" for report, total in zip((theirs, ours), totals)))
        for stage in ("reading", "splitting", "embedding", "rest")])
    return middle


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="read,split,ingest")
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    shared = pathlib.Path(os.environ.get("WENYUAN_SHARED") or ROOT.parent / "shared")
    if not (shared / "docs").exists():
        print(f"SKIPPED: no documents in {shared}/docs; set WENYUAN_SHARED to a folder that has docs/ and data/.")
        return
    binary = str(pathlib.Path(os.environ["WENYUAN_BIN"]).resolve())
    named = subprocess.check_output([sys.executable, ROOT / "scripts" / "bench_ratio.py", "models"], text=True, env={**os.environ, "WENYUAN_BIN": binary})
    onnx = named.split()[0]
    files = sorted(path for folder in (shared / "docs", shared / "data" / "financebench" / "pdfs") for path in folder.glob("*") if path.suffix in KINDS)
    figures, what = {}, options.only.split(",")
    if "split" in what:
        figures["splitting"] = compare_splitting(binary, onnx, shared / "data", options.rounds)
    if "read" in what or "ingest" in what:
        figures["reading"], good = compare_reading(binary, onnx, files, options.rounds if "read" in what else 1)
    if "ingest" in what:
        figures["ingestion"] = compare_ingestion(binary, onnx, good, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
