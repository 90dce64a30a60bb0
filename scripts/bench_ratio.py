"""Helper of scripts/bench: `models` prints the embedder's folder and the GGUF file in use; `table DIR SET...` prints a
Markdown table with the medians over the rounds of both systems and their ratio."""

import json
import os
import pathlib
import statistics
import subprocess
import sys

HIGHER = ["ingest_docs_per_s", "recall_at_1", "recall_at_5", "recall_at_10", "mrr_at_10", "answer_tokens_per_s", "answers_per_s"]
LOWER = ["ready_s", "ingest_s", "search_ms_p50", "search_ms_p95", "ttft_ms_p50", "peak_rss_mb", "cpu_s"]


def models():
    listed = json.loads(subprocess.check_output([os.environ["WENYUAN_BIN"], "models", "list", "--json"]))
    folder = pathlib.Path(listed["folder"])
    active = {model["role"]: model["name"] for model in listed["models"] if model["active"]}
    gguf = next((folder / active["llm"]).glob("*.gguf"))
    print(folder / active["embedder"], gguf)


def medians(work, data_set, system):
    runs = [json.loads(path.read_text()) for path in sorted(work.glob(f"{data_set}.{system}.*.json"))]
    return {key: statistics.median([run[key] for run in runs if key in run])
            for key in HIGHER + LOWER if any(key in run for run in runs)}


def table(work, sets):
    for data_set in sets:
        ours, theirs = medians(work, data_set, "wenyuan"), medians(work, data_set, "baseline")
        print(f"\n### {data_set}\n\n| figure | LangChain | Wenyuan | Wenyuan is |\n|---|---:|---:|---|")
        for key in LOWER[:2] + HIGHER[:1] + LOWER[2:4] + HIGHER[1:5] + LOWER[4:5] + HIGHER[5:] + LOWER[5:]:
            if key not in ours or key not in theirs:
                continue
            if key.startswith(("recall", "mrr")):
                verdict = f"{ours[key] - theirs[key]:+.3f}"
            else:
                better = theirs[key] / ours[key] if key in LOWER and ours[key] else ours[key] / max(theirs[key], 1e-9)
                verdict = f"{better:.2f}× better" if better >= 1 else f"{1 / max(better, 1e-9):.2f}× worse"
            print(f"| {key} | {theirs[key]:.4g} | {ours[key]:.4g} | {verdict} |")


if __name__ == "__main__":
    if sys.argv[1] == "models":
        models()
    else:
        table(pathlib.Path(sys.argv[2]), sys.argv[3:])
