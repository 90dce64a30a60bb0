/** Server-sent events over `fetch`, because `EventSource` can neither POST nor send headers. */

export interface ServerEvent {
  name: string;
  data: string;
}

/** Takes text in any pieces and gives back the events completed so far; an unfinished last event is dropped. */
export class EventParser {
  #rest = "";
  #name = "";
  #data: string[] = [];
  #atStart = true;

  push(piece: string): ServerEvent[] {
    let text = this.#rest + piece;
    if (this.#atStart && text !== "") {
      text = text.replace(/^\uFEFF/, "");
      this.#atStart = false;
    }
    // A final CR may be the first half of CRLF: keep it for the next piece.
    const held = text.endsWith("\r") ? "\r" : "";
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + held;
    return lines.map((line) => this.#line(line)).filter((event) => event !== null);
  }

  #line(line: string): ServerEvent | null {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return null;
  }

  #dispatch(): ServerEvent | null {
    const event = this.#data.length === 0 ? null : { name: this.#name || "message", data: this.#data.join("\n") };
    this.#name = "";
    this.#data = [];
    return event;
  }
}

/** The events of a response body, until it ends. Leaving the loop early closes the connection. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* parser.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
