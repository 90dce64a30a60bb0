// DEVELOPMENT AND TESTS ONLY. Speaks API.md from memory, so that the page can be built and looked at without the server.
// It reads no files, has no model and keeps nothing. Usage: node dev/mock-server.mjs [port] [--empty] [--many]
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { answer, search } from "./mock-answer.mjs";
import { cut, preview } from "./mock-cut.mjs";
import { manyDocuments, shelves } from "./mock-data.mjs";
import { facets, fits, listed, readOut } from "./mock-filter.mjs";
import { asRead, isInside, jobs, newDocument, publicDocument, retry, takeAddress, takeIn, tell } from "./mock-ingest.mjs";
import { changedSettings, explained, narrowed, whyNot } from "./mock-lab.mjs";
import { boxesOf, picture } from "./mock-page.mjs";

const dist = join(fileURLToPath(new URL(".", import.meta.url)), "..", "dist");
const csp =
  "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const bases = new Map();

function addBase(name, documents = []) {
  const base = { id: crypto.randomUUID(), name, description: "", created_at: new Date().toISOString(), retrieval: changedSettings(), list: [] };
  documents.forEach((document) => base.list.push(newDocument(base, document)));
  bases.set(base.id, base);
  return base;
}

const shown = ({ id, name, description, created_at, retrieval, list }) => ({
  id, name, description, created_at, retrieval, embedder: "mock", documents: list.length,
  chunks: list.reduce((sum, { chunks }) => sum + chunks, 0),
  ...Object.fromEntries(["queued", "running", "failed"].map((state) => [state, list.filter(({ status }) => status === state).length])),
});

const speaksChinese = (request) => (request.headers["accept-language"] ?? "").startsWith("zh");

function failure(response, request, status, code, zh, en, headers = {}) {
  const message = speaksChinese(request) ? zh : en;
  json(response, status, { error: { code, message, hint: null, request_id: crypto.randomUUID() } }, headers);
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(body === null ? "" : JSON.stringify(body));
}

function stream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.flushHeaders();
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Names and bytes of a multipart body's files, and what is said about them; good enough for browsers. */
function formOf(buffer, type) {
  const boundary = `--${/boundary=(.+)$/.exec(type)[1]}`;
  const form = { files: [], metadata: {} };
  for (const part of buffer.toString("latin1").split(boundary)) {
    const content = Buffer.from(part.slice(part.indexOf("\r\n\r\n") + 4, -2), "latin1");
    const name = /filename="([^"]*)"/.exec(part)?.[1];
    if (name !== undefined) form.files.push({ name: Buffer.from(name, "latin1").toString("utf8"), content });
    else if (part.includes('name="metadata"')) form.metadata = JSON.parse(content.toString("utf8"));
  }
  return form;
}

async function ask(base, request, response) {
  const asked = JSON.parse((await body(request)).toString("utf8"));
  if (asked.question.includes("429")) {
    failure(response, request, 429, "overloaded", "语言模型正忙。", "The language model is busy.", { "Retry-After": "3" });
    return;
  }
  const { hits, done } = answer(base.list, asked);
  stream(response);
  let open = true;
  response.on("close", () => (open = false));
  const send = (name, data) => open && response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  await pause(250);
  send("retrieval", { hits });
  const letters = Array.from(done.answer);
  const wait = asked.question.includes("…") ? 400 : Number(process.env.MOCK_TOKEN_MS ?? 12);
  for (let index = 0; open && index < letters.length; index += 3) {
    send("token", { text: letters.slice(index, index + 3).join("") });
    await pause(wait);
  }
  done.sentences.forEach((sentence) => send("sentence", sentence));
  done.citations.forEach((citation) => send("citation", citation));
  send("done", done);
  response.end();
}

async function document(base, request, response, [id, what, ...rest]) {
  const found = base.list.find((one) => one.id === id);
  if (found === undefined) return failure(response, request, 404, "document_not_found", "没有这份文件。", "No such document.");
  if (what === "pages") {
    const svg = picture(found, Number.parseInt(rest[0], 10));
    if (svg === null) return failure(response, request, 404, "page_not_found", "没有这一页的图像。", "There is no picture of this page.");
    response.writeHead(200, { "Content-Type": "image/svg+xml" });
    return response.end(svg);
  }
  if (what === "chunks") {
    const chunks = cut(found, found.preset).map((chunk) => ({ ...chunk, id: `${found.id}-${chunk.ordinal}`, boxes: boxesOf(found, chunk.start, chunk.end) }));
    return json(response, 200, { chunks, next_from: null });
  }
  if (request.method === "PATCH") Object.assign(found, JSON.parse((await body(request)).toString("utf8")));
  if (request.method === "DELETE") {
    base.list = base.list.filter((one) => one !== found);
    return json(response, 204, null);
  }
  if (what === "text" || what === "content") {
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
    return response.end(found.text ?? "");
  }
  return json(response, 200, publicDocument(found));
}

async function inBase(base, request, response, url, [part, ...rest]) {
  const [id] = rest;
  const { method } = request;
  if (part === undefined) {
    if (method === "DELETE") bases.delete(base.id);
    if (method === "PATCH") {
      const { retrieval, ...change } = JSON.parse((await body(request)).toString("utf8"));
      Object.assign(base, change, { retrieval: changedSettings(base.retrieval, retrieval) });
    }
    return json(response, 200, shown(base));
  }
  if (part === "ask") return ask(base, request, response);
  if (part === "search" || part === "why-not") {
    const asked = JSON.parse((await body(request)).toString("utf8"));
    const settings = changedSettings(base.retrieval, asked.settings);
    const { text, filters, narrow } = readOut(asked.query);
    const among = base.list.filter((one) => fits(one, asked.filter) && fits(one, narrow));
    const query = { text, filters, phrases: [] };
    const all = search(among, text, 1_000);
    if (part === "why-not") return json(response, 200, whyNot(among, all, asked, settings, speaksChinese(request)));
    const hits = narrowed(all, settings);
    const told = asked.explain === true ? explained(hits, text, settings) : { hits };
    return json(response, 200, { query, ...told, timings_ms: { total: 41.3 } });
  }
  if (part === "dictionary") {
    if (method === "PUT") base.words = JSON.parse((await body(request)).toString("utf8")).words;
    return json(response, 200, { words: base.words ?? [], documents_waiting: 0 });
  }
  if (part === "facets") return json(response, 200, facets(base.list));
  if (id !== undefined) return document(base, request, response, rest);
  if (method === "POST") {
    const type = request.headers["content-type"];
    const chinese = speaksChinese(request);
    if (type.startsWith("application/json")) {
      const address = JSON.parse((await body(request)).toString("utf8"));
      const { hostname } = new URL(address.url);
      if (isInside(hostname)) {
        const zh = `不抓取 ${hostname}：它位于内部网络或保留网络。`;
        return failure(response, request, 422, "url_refused", zh, `${hostname} is not fetched: it lies in a private or reserved network.`);
      }
      return json(response, 202, { documents: [takeAddress(base, address, chinese)] });
    }
    const { files, metadata } = formOf(await body(request), type);
    return json(response, 202, { documents: files.map((file) => takeIn(base, file, metadata, chinese)) });
  }
  const limit = Number(url.searchParams.get("limit") ?? 100);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const list = listed(base.list, url.searchParams);
  const next = from + limit < list.length ? String(from + limit) : null;
  return json(response, 200, { documents: list.slice(from, from + limit).map(publicDocument), next_cursor: next });
}

async function inJob(job, request, response, what) {
  if (what === "events") {
    stream(response);
    job.watchers.add(response);
    response.on("close", () => job.watchers.delete(response));
    return tell(job);
  }
  if (what === "cancel") Object.assign(job.document, { status: "cancelled", error: { code: "cancelled", message: "" } });
  if (what === "retry") {
    const text = (await body(request)).toString("utf8");
    retry(job, text === "" ? {} : JSON.parse(text), speaksChinese(request));
  }
  tell(job);
  return json(response, 200, publicDocument(job.document));
}

async function page(url, response) {
  const path = normalize(url.pathname).replace(/^\/+/, "");
  const file = extname(path) === "" ? "index.html" : path;
  try {
    const content = await readFile(join(dist, file));
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": csp });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function route(request, response) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/readyz" || url.pathname === "/healthz") return json(response, 200, { status: "ok" });
  if (!url.pathname.startsWith("/api/v1/")) return page(url, response);
  const [kind, id, ...rest] = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  if (kind === "split") {
    const { files, metadata } = formOf(await body(request), request.headers["content-type"]);
    await pause(300);
    const documents = files.map((file) => preview(asRead(file, metadata, speaksChinese(request)), metadata.preset));
    return json(response, 200, { documents });
  }
  if (kind === "jobs") return inJob(jobs.get(id), request, response, rest[0]);
  if (id === undefined) {
    if (request.method === "GET") return json(response, 200, { knowledge_bases: [...bases.values()].map(shown) });
    const { name } = JSON.parse((await body(request)).toString("utf8"));
    const taken = [...bases.values()].some((base) => base.name === name);
    return taken
      ? failure(response, request, 409, "name_taken", `已经有名为“${name}”的知识库。`, `There is already a knowledge base “${name}”.`)
      : json(response, 201, shown(addBase(name)));
  }
  const base = bases.get(id) ?? [...bases.values()].find((one) => one.name === id);
  if (base === undefined) {
    return failure(response, request, 404, "knowledge_base_not_found", "没有这个知识库。", "There is no such knowledge base.");
  }
  return inBase(base, request, response, url, rest);
}

if (process.argv.includes("--many")) addBase("Many", manyDocuments(5_000));
if (!process.argv.includes("--empty")) shelves.forEach(({ name, documents }) => addBase(name, documents));
const server = createServer((request, response) => {
  route(request, response).catch((error) => json(response, 500, { error: { code: "internal", message: String(error) } }));
});
server.listen(Number(process.argv[2] ?? 8099), "127.0.0.1", () => {
  process.stdout.write(`MOCK server, not Wenyuan: http://127.0.0.1:${server.address().port}\n`);
});
