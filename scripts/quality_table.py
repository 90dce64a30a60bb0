#!/usr/bin/env python3
"""Tables of docs/quality.md from the reports that `make quality` leaves in .work/quality.

    MODES="hybrid dense lexical" make quality && python3 scripts/quality_table.py

One table compares both legs alone with all together, the other says what share of unanswerable questions is refused when the
bar is set so that 5 % of the answerable ones of the same set are lost, and at the bar that ships.
"""
import json
import pathlib

FIGURES = ("recall_at_1", "recall_at_5", "ndcg_at_10")
LOST = 0.05


def reports(work, mode):
    return {path.name.split(".")[0]: json.loads(path.read_text()) for path in sorted(work.glob(f"*.{mode}.json"))}


def legs(hybrid, dense, lexical):
    print("| set | " + " | ".join(f"{name}: words, meaning, **both**" for name in FIGURES) + " |\n|---|" + "---:|" * len(FIGURES))
    for name, both in hybrid.items():
        if name not in dense or name not in lexical:
            continue
        cells = [f"{lexical[name][one]:.3f} {dense[name][one]:.3f} **{both[one]:.3f}**" for one in FIGURES]
        print(f"| {name} | " + " | ".join(cells) + " |")


def refusals(hybrid):
    print("\n| set | refused at 5 % lost | refused as shipped | lost as shipped |\n|---|---:|---:|---:|")
    for name, report in hybrid.items():
        rows = [(row["answerable"], row.get("answerability") or 0) for row in report.get("results", [])]
        answerable = sorted(value for yes, value in rows if yes)
        others = [value for yes, value in rows if not yes]
        if len(others) < 20 or not answerable:
            continue
        bar = answerable[int(LOST * len(answerable))]
        refused = sum(value < bar for value in others) / len(others)
        print(f"| {name} | {refused:.2f} | {report['gate_refusal_recall']:.2f} | {report['gate_false_refusal_rate']:.3f} |")


def by_set(pool):
    """Hits at the first place in the pooled index, for each set that is in it; ids begin with the set's name."""
    print("\n| pooled index, hit@1 | " + " | ".join(pool) + " |\n|---|" + "---:|" * len(pool))
    ranks = {mode: {} for mode in pool}
    for mode, report in pool.items():
        for row in report["results"]:
            ranks[mode].setdefault(row["id"].split("/")[0], []).append(row.get("rank") == 1)
    for name in sorted(next(iter(ranks.values()))):
        cells = [f"{sum(found[name]) / len(found[name]):.3f}" for found in ranks.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("| all questions | " + " | ".join(f"{report['recall_at_1']:.3f}" for report in pool.values()) + " |")


def main():
    work = pathlib.Path(".work/quality")
    runs = {mode: reports(work, mode) for mode in ("lexical", "dense", "hybrid")}
    pool = {mode: found.pop("pool") for mode, found in runs.items() if "pool" in found}
    legs(runs["hybrid"], runs["dense"], runs["lexical"])
    refusals(runs["hybrid"])
    if pool:
        by_set(pool)


if __name__ == "__main__":
    main()
