import type { DocumentRow } from "../api/types";

/** How the files of a knowledge base stand, and how long the rest will take. */

export interface Standing {
  ready: number;
  running: number;
  queued: number;
  failed: number;
  cancelled: number;
  /** Up to a thousand of each that is not ready: enough to reckon with. */
  active: DocumentRow[];
  failures: DocumentRow[];
}

interface Sample {
  at: number;
  remaining: number;
}

const FEWEST_FINISHED = 3;
const SHORTEST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 180_000;

/** Reckons from how fast files were finished of late; says nothing before it has seen a few. */
export class Pace {
  #samples: Sample[] = [];

  look(remaining: number, at: number): void {
    const last = this.#samples.at(-1);
    if (remaining === 0 || (last !== undefined && remaining > last.remaining)) this.#samples = [];
    if (remaining === 0) return;
    this.#samples.push({ at, remaining });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= LONGEST_LOOK_MS);
  }

  secondsLeft(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return null;
    const finished = first.remaining - last.remaining;
    const elapsed = last.at - first.at;
    if (finished < FEWEST_FINISHED || elapsed < SHORTEST_LOOK_MS) return null;
    return ((elapsed / finished) * last.remaining) / 1000;
  }
}

/**
 * Until all are read: the server's word where it has one for every file, for they are read side by side; else our own
 * observation; else nothing.
 */
export function secondsLeft(active: readonly DocumentRow[], pace: number | null): number | null {
  if (active.length === 0) return null;
  const known = active.map((row) => row.seconds_left).filter((seconds) => seconds !== null);
  const longest = known.length === 0 ? null : Math.max(...known);
  if (known.length === active.length) return longest;
  return pace === null ? null : Math.max(pace, longest ?? 0);
}
