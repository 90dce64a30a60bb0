"""The index in this process with 10,000 chunks, with 100,000 and with a million, and beside LangChain's Qdrant and FAISS.

    python3 scripts/scale.py [--sizes 10000,100000] [--sentences 6] [--rounds 5] [--beside 100000] [--nice 0] [--work DIR] [--bench PROGRAM]

PROGRAM is the benchmark `scale`; without it, cargo builds it. An index that is in WORK already is asked, not made anew. Texts of ../shared/data are cut into pieces and embedded by the
starter model, as are the questions of the same data sets; without that folder, generated ones. Every piece is a chunk in the first
round; the chunks that a size needs beyond those are copies, each moved by half the difference of two other pieces' vectors, so
that they vary as real vectors do. Terms are drawn from 50,000, skewed as words are. Chunks are written in batches, and the index
is put in order after every 2,500 as an ingestion does.

What is exactly nearest is reckoned in single precision while the index is filled. Then questions are asked one after the other:
through our store, and of edge itself with the same request, of all sizes in turn, for some rounds. With --beside, LangChain's in-memory Qdrant
and a flat FAISS index hold the same vectors at that size, and take turns too. Everything found goes to WORK/scale.json."""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys

import documents

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("WENYUAN_SHARED") or ROOT.parent / "shared") / "data"
PIECE, PIECES, QUESTIONS = 400, 12_000, 300
PYTHON = ROOT / ".venv-baseline" / "bin" / "python"
MILLION, MB = 1_000_000, 1e6
KINDS = {"raw 10": "edge itself, 10 nearest", "raw 100": "edge itself, 100 nearest", "store 10": "our store, 10 nearest",
         "store 100": "our store, 100 nearest", "lexical": "100 best by words", "both": "both in one batch",
         "sentences": "best sentence of their union"}
OTHERS = ("langchain", "faiss")


class Contender:
    """A process that answers each line with a line of JSON."""

    def __init__(self, niceness, *command):
        command = [str(part) for part in command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        if niceness:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, niceness)
            # Where the kernel shares processors out by session, that alone would count within the session only.
            group = pathlib.Path(f"/proc/{self.process.pid}/autogroup")
            if group.exists():
                group.write_text(str(niceness))

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def built():
    """The benchmark as cargo builds it."""
    command = ["cargo", "bench", "--locked", "--workspace", "--bench", "scale", "--no-run", "--message-format=json"]
    messages = map(json.loads, subprocess.check_output(command, cwd=ROOT, text=True).splitlines())
    return next(message["executable"] for message in messages
                if message.get("executable") and message.get("target", {}).get("name") == "scale")


def lines_of(pattern, key):
    for path in sorted(SHARED.glob(pattern)):
        for line in path.read_text().splitlines():
            yield " ".join(json.loads(line)[key].split())


def texts(rng):
    """Pieces of texts, and questions."""
    pieces = [text[start:start + PIECE] for text in lines_of("*/corpus.jsonl", "text") for start in range(0, len(text), PIECE)]
    pieces = sorted({piece for piece in pieces if len(piece) > 40})
    questions = sorted(set(lines_of("*/questions.jsonl", "question")))
    if not pieces:
        print(f"no texts in {SHARED}: generated ones take their place, which are less varied", file=sys.stderr)
        words = documents.Words(rng)
        pieces = [words.paragraph(("zh", "en")[number % 2], 3) for number in range(PIECES)]
        questions = [words.paragraph(("zh", "en")[number % 2], 1) for number in range(QUESTIONS)]
    rng.shuffle(pieces)
    rng.shuffle(questions)
    return pieces[:PIECES], questions[:QUESTIONS]


def prepare(bench, work):
    seeds, questions = work / "seeds.f32", work / "questions.f32"
    if not (seeds.exists() and questions.exists()):
        for out, some in zip((seeds, questions), texts(random.Random(1))):
            (work / "texts.txt").write_text("\n".join(some) + "\n")
            subprocess.run([bench, "vectors", work / "texts.txt", out], check=True)
    return seeds, questions


def percentiles(runs):
    """Medians over the rounds of their medians and of their 95th percentiles."""
    def at(run, part):
        ordered = sorted(run["ms"])
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
    return {f"p{int(part * 100)}": statistics.median(at(run, part) for run in runs) for part in (0.5, 0.95)}


def summary(runs):
    return {**percentiles(runs), "recall": runs[-1].get("recall"), "rounds": len(runs)}


def fill(arguments, size, seeds, questions):
    """Makes the index of this size, unless it is there."""
    folder, result = arguments.work / f"index-{size}", arguments.work / f"filled-{size}.json"
    if not result.exists():
        folder.mkdir()
        command = [arguments.bench, "fill", folder, size, arguments.sentences, seeds, questions]
        command += [arguments.work / f"chunks-{size}.f32"] if size == arguments.beside else []
        result.write_bytes(subprocess.check_output([str(part) for part in command]))
    filled = json.loads(result.read_text())
    answers = sorted(filled.pop("answers_meanwhile_ms")) or [0]
    filled["meanwhile_p95_ms"], filled["meanwhile_slowest_ms"] = answers[int(len(answers) * 0.95)], answers[-1]
    return filled


def measure(ours, others, rounds):
    """All sizes and kinds of questions in turn; others are asked between ours."""
    runs = {size: {} for size in ours}
    for _ in range(rounds):
        for kind in KINDS:
            for size, contender in ours.items():
                runs[size].setdefault(kind, []).append(contender.ask(kind))
        for (size, name), other in others.items():
            runs[size].setdefault(name, []).append(other.ask(10))
    return runs


def result(filled, runs):
    questions = {kind: summary(of) for kind, of in runs.items()}
    for name in OTHERS:
        if name in runs:
            questions[name] |= {key: runs[name][-1][key] for key in ("built_s", "grew_mb")}
    last = runs["sentences"][-1]
    opened = [run["opened_ms"] for kind, of in runs.items() if kind.startswith("store") for run in of if run["opened_ms"]]
    return {**filled, "questions": questions, "memory": last["memory"], "segments": last["segments"], "opened_ms": statistics.median(opened)}


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def table(results):
    row("", *(f"{result['chunks']:,} chunks" for result in results))
    row("---", *("---" for _ in results))
    for kind, words in KINDS.items():
        row(f"{words}: p50 / p95, ms", *("{p50:.2f} / {p95:.2f}".format(**result["questions"][kind]) for result in results))
    for kind in ("store 10", "store 100"):
        row(f"recall@{kind.split()[1]} against exact", *(f"{result['questions'][kind]['recall']:.4f}" for result in results))

    def per(words, value):
        row(words, *(value(result) for result in results))
    per("sentence vectors of a chunk", lambda result: result["sentences"])
    per("segments", lambda result: result["segments"])
    per("written in, s", lambda result: f"{result['written_s']:.0f}")
    per("put in order in, s", lambda result: f"{result['ordered_s']:.0f}")
    per("asked meanwhile: p95 / slowest, ms", lambda result: f"{result['meanwhile_p95_ms']:.0f} / {result['meanwhile_slowest_ms']:.0f}")
    per("opened in, ms", lambda result: f"{result['opened_ms']:.0f}")
    per("disk, MB", lambda result: f"{result['disk'] / MB:.0f}")
    per("most anonymous memory while filled, MB", lambda result: f"{result['peak_anonymous'] / MB:.0f}")
    per("anonymous memory, asked, MB", lambda result: f"{result['memory']['anonymous'] / MB:.0f}")
    per("resident memory, asked, MB", lambda result: f"{result['memory']['resident'] / MB:.0f}")
    per("anonymous memory for a million chunks, MB", lambda result: f"{result['memory']['anonymous'] / MB * MILLION / result['chunks']:.0f}")
    for result in results:
        for name in OTHERS:
            if other := result["questions"].get(name):
                print(f"{name} at {result['chunks']:,}: p50 {other['p50']:.2f} ms, p95 {other['p95']:.2f} ms, recall {other['recall']:.4f}, "
                      f"built in {other['built_s']:.0f} s, memory grew by {other['grew_mb']:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench")
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--sentences", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=int, default=0)
    parser.add_argument("--python", default=PYTHON)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".work" / "scale")
    parser.add_argument("--nice", type=int, default=0, help="priority of all that are asked, where neighbours would be measured too")
    arguments = parser.parse_args()
    arguments.bench = arguments.bench or built()
    arguments.work.mkdir(parents=True, exist_ok=True)
    seeds, questions = prepare(arguments.bench, arguments.work)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    filled = {size: fill(arguments, size, seeds, questions) for size in sizes}
    folder = {size: arguments.work / f"index-{size}" for size in sizes}
    others = {}
    if arguments.beside in sizes:
        chunks, exact = arguments.work / f"chunks-{arguments.beside}.f32", folder[arguments.beside] / "exact.json"
        for name in OTHERS:
            command = [arguments.nice, arguments.python, ROOT / "scripts" / "scale_others.py", name, chunks, questions, exact]
            others[arguments.beside, name] = Contender(*command)
    ours = {size: Contender(arguments.nice, arguments.bench, "serve", folder[size], questions) for size in sizes}
    runs = measure(ours, others, arguments.rounds)
    for contender in (*ours.values(), *others.values()):
        contender.close()
    results = [result(filled[size], runs[size]) for size in sizes]
    (arguments.work / "scale.json").write_text(json.dumps(results, indent=1))
    table(results)


if __name__ == "__main__":
    main()
