import type { Answer, AskEvent, AskRequest, Citation, Hit, Sentence } from "../api/types";
import type { ApiFailure } from "../api/failure";

/** One question and what has become of it. */

export type Phase = "searching" | "writing" | "checking" | "done" | "stopped" | "failed";

export interface Turn {
  id: string;
  request: AskRequest;
  phase: Phase;
  hits: readonly Hit[];
  text: string;
  sentences: readonly Sentence[];
  citations: readonly Citation[];
  /** The final object, once there. */
  answer: Answer | null;
  failure: ApiFailure | null;
}

export function newTurn(id: string, request: AskRequest): Turn {
  return { id, request, phase: "searching", hits: [], text: "", sentences: [], citations: [], answer: null, failure: null };
}

export function isRunning({ phase }: Turn): boolean {
  return phase === "searching" || phase === "writing" || phase === "checking";
}

/** The turn after one event of its answer. */
export function after(turn: Turn, event: AskEvent): Turn {
  switch (event.type) {
    case "retrieval":
      return { ...turn, hits: event.hits, phase: "writing" };
    case "token":
      return { ...turn, text: turn.text + event.text, phase: "writing" };
    case "sentence":
      return { ...turn, sentences: [...turn.sentences, event.sentence], phase: "checking" };
    case "citation":
      return { ...turn, citations: [...turn.citations, event.citation], phase: "checking" };
    case "done": {
      const { answer, sentences, citations } = event.answer;
      return { ...turn, text: answer, sentences, citations, answer: event.answer, phase: "done" };
    }
  }
}

/** Passages that were found but that the answer does not cite. */
export function notCited({ hits, citations }: Turn): Hit[] {
  const cited = new Set(citations.map((citation) => citation.chunk_id));
  return hits.filter((hit) => !cited.has(hit.chunk_id));
}
