import { ApiFailure, isAbort } from "../api/failure";
import type { AskEvent, AskRequest } from "../api/types";
import { after, isRunning, newTurn, type Turn } from "./turn";

/** The questions of this visit to one knowledge base. It outlives the screen: an answer goes on while files are looked at. */

type Ask = (request: AskRequest, signal: AbortSignal) => AsyncIterable<AskEvent>;

export interface Shelf {
  load: () => string | null;
  save: (text: string) => void;
}

export class Conversation {
  #turns: readonly Turn[];
  #listeners = new Set<() => void>();
  #running: AbortController | null = null;

  constructor(
    private readonly ask: Ask,
    private readonly shelf: Shelf,
  ) {
    this.#turns = restored(shelf.load());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): readonly Turn[] => this.#turns;

  /** Asks, unless an answer is still being written. */
  async start(request: AskRequest): Promise<void> {
    if (this.#running !== null) return;
    const controller = new AbortController();
    this.#running = controller;
    const previous = this.#turns.at(-1)?.answer?.conversation_id ?? null;
    const turn = newTurn(crypto.randomUUID(), {
      ...request,
      ...(previous === null ? {} : { conversation_id: previous }),
    });
    this.#set([...this.#turns, turn]);
    try {
      for await (const event of this.ask(turn.request, controller.signal)) {
        if (controller.signal.aborted) return;
        this.#change(turn.id, (now) => after(now, event));
      }
    } catch (error) {
      if (isAbort(error)) return;
      const failure = error instanceof ApiFailure ? error : new ApiFailure("unknown", "", 0);
      this.#change(turn.id, (now) => ({ ...now, phase: "failed", failure }));
    } finally {
      if (this.#running === controller) this.#running = null;
      this.#keep();
    }
  }

  /** Closes the connection, which makes the server stop generating. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.#set(this.#turns.map((turn) => (isRunning(turn) ? { ...turn, phase: "stopped" } : turn)));
    this.#keep();
  }

  /** Asks a turn's question again, in its place if it failed. */
  again(turn: Turn): void {
    if (this.#running !== null) return;
    if (turn.phase === "failed") this.#set(this.#turns.filter((other) => other.id !== turn.id));
    const { question, mode, strict } = turn.request;
    void this.start({ question, mode, strict });
  }

  clear(): void {
    this.stop();
    this.#set([]);
    this.#keep();
  }

  #change(id: string, change: (turn: Turn) => Turn): void {
    this.#set(this.#turns.map((turn) => (turn.id === id ? change(turn) : turn)));
  }

  #set(turns: readonly Turn[]): void {
    this.#turns = turns;
    this.#listeners.forEach((listener) => listener());
  }

  #keep(): void {
    this.shelf.save(JSON.stringify(this.#turns.filter((turn) => turn.phase === "done" || turn.phase === "stopped")));
  }
}

const UNDERSTOOD = { filters: [], unclear: [], phrases: [] };

/** Only this page writes there, so a text that parses to a list is taken as it is; an earlier page kept no `query`. */
function restored(text: string | null): readonly Turn[] {
  if (text === null) return [];
  try {
    const turns: unknown = JSON.parse(text);
    if (!Array.isArray(turns)) return [];
    return (turns as Turn[]).map((turn) =>
      turn.answer === null ? turn : { ...turn, answer: { ...turn.answer, query: { ...UNDERSTOOD, ...turn.answer.query } } },
    );
  } catch {
    return [];
  }
}
