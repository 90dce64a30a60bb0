import { describe, expect, it } from "vitest";

import { EventParser, readEvents, type ServerEvent } from "./sse";

function parse(...pieces: string[]): ServerEvent[] {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("an event stream", () => {
  it("gives the name and data of each event", () => {
    expect(parse('event: token\ndata: {"text":"你"}\n\nevent: done\ndata: {}\n\n')).toEqual([
      { name: "token", data: '{"text":"你"}' },
      { name: "done", data: "{}" },
    ]);
  });

  it("may be cut anywhere", () => {
    const stream = "event: token\r\ndata: a\r\ndata: b\r\n\r\n: waiting\r\n\r\ndata: c\r\n\r\n";
    const whole = [
      { name: "token", data: "a\nb" },
      { name: "message", data: "c" },
    ];
    for (let cut = 0; cut <= stream.length; cut += 1) {
      expect(parse(stream.slice(0, cut), stream.slice(cut)), `cut at ${cut}`).toEqual(whole);
    }
    expect(parse(...Array.from(stream))).toEqual(whole);
  });

  it("takes all three line ends and a byte order mark", () => {
    expect(parse("\uFEFFdata:x\r\rdata: y\n\ndata:  z\r\n\r\n").map((event) => event.data)).toEqual(["x", "y", " z"]);
  });

  it("drops an event that never ended, and events without data", () => {
    expect(parse("event: ping\n\ndata: lost")).toEqual([]);
  });

  it("survives characters cut in the middle of their bytes", async () => {
    const bytes = new TextEncoder().encode('data: {"text":"文渊😀"}\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const events: ServerEvent[] = [];
    for await (const event of readEvents(body)) events.push(event);
    expect(events).toEqual([{ name: "message", data: '{"text":"文渊😀"}' }]);
  });

  it("closes the connection when the reader leaves early", async () => {
    let closed = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
      cancel: () => {
        closed = true;
      },
    });
    for await (const event of readEvents(body)) {
      expect(event.data).toBe("x");
      break;
    }
    expect(closed).toBe(true);
  });
});
