import { ApiFailure, isAbort } from "../api/failure";
import type { Accepted, Preset, Reason } from "../api/types";
import { metadataOf, type Upload } from "../api/upload";

/** Files on their way to the server, a few at a time. Accepted ones leave; refused ones stay with their reason. */

export interface UploadItem extends Upload {
  key: number;
  state: "waiting" | "sending" | "refused" | "known";
  /** Share sent, 0 to 1. */
  sent: number;
  reason: Reason | null;
  /** The document that has the same bytes. */
  knownAs: string | null;
}

/** What is said about every file added from now on. */
export interface UploadOptions {
  preset: Preset;
  tags: readonly string[];
}

type Send = (upload: Upload, onProgress: (sent: number) => void, signal: AbortSignal) => Promise<Accepted>;

const PARALLEL = 3;
const BUSY_PAUSE_SECONDS = 2;

export class UploadStore {
  #items: readonly UploadItem[] = [];
  #options: UploadOptions = { preset: "auto", tags: [] };
  #nextKey = 1;
  #sending = new Map<number, AbortController>();
  #listeners = new Set<() => void>();
  #resumeAt = 0;
  #onAccepted: () => void = () => undefined;

  constructor(private readonly send: Send) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What to do when the server has taken a file. */
  whenAccepted(action: () => void): void {
    this.#onAccepted = action;
  }

  snapshot = (): readonly UploadItem[] => this.#items;

  options = (): UploadOptions => this.#options;

  choose(options: UploadOptions): void {
    this.#options = options;
    this.#listeners.forEach((listener) => listener());
  }

  /** Uploads that say nothing about themselves go with the chosen options. */
  add(uploads: readonly Upload[]): void {
    const metadata = metadataOf(this.#options.preset, this.#options.tags);
    const items = uploads.map((upload): UploadItem => {
      return { metadata, ...upload, key: this.#nextKey++, state: "waiting", sent: 0, reason: null, knownAs: null };
    });
    this.#set([...this.#items, ...items]);
    this.#pump();
  }

  retry(key: number): void {
    this.#change(key, { state: "waiting", sent: 0, reason: null });
    this.#pump();
  }

  /** Takes a file off the list; one that is being sent is stopped. */
  remove(key: number): void {
    this.#sending.get(key)?.abort();
    this.#set(this.#items.filter((item) => item.key !== key));
  }

  #pump(): void {
    const pause = this.#resumeAt - Date.now();
    if (pause > 0) {
      setTimeout(() => this.#pump(), pause);
      return;
    }
    for (const item of this.#items) {
      if (this.#sending.size >= PARALLEL) return;
      if (item.state === "waiting" && !this.#sending.has(item.key)) void this.#start(item);
    }
  }

  async #start(item: UploadItem): Promise<void> {
    const controller = new AbortController();
    this.#sending.set(item.key, controller);
    this.#change(item.key, { state: "sending" });
    try {
      const accepted = await this.send(item, (sent) => this.#change(item.key, { sent }), controller.signal);
      if (accepted.error !== null) this.#change(item.key, { state: "refused", reason: accepted.error });
      else if (accepted.known) this.#change(item.key, { state: "known", knownAs: accepted.name });
      else this.remove(item.key);
      if (accepted.error === null) this.#onAccepted();
    } catch (error) {
      this.#failed(item.key, error);
    } finally {
      this.#sending.delete(item.key);
      this.#pump();
    }
  }

  #failed(key: number, error: unknown): void {
    if (isAbort(error)) return;
    if (error instanceof ApiFailure && error.status === 429) {
      this.#resumeAt = Date.now() + (error.retryAfterSeconds ?? BUSY_PAUSE_SECONDS) * 1000;
      this.#change(key, { state: "waiting", sent: 0 });
      return;
    }
    const reason = error instanceof ApiFailure ? { code: error.code, message: error.message } : { code: "", message: "" };
    this.#change(key, { state: "refused", reason });
  }

  #change(key: number, change: Partial<UploadItem>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly UploadItem[]): void {
    this.#items = items;
    this.#listeners.forEach((listener) => listener());
  }
}
