// DEVELOPMENT AND TESTS ONLY. Speaks API.md from memory, so that the page can be built and looked at without the server.
// It reads no files, has no model and keeps nothing. Usage: node dev/mock-server.mjs [port] [--empty]
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { answer, search } from "./mock-answer.mjs";
import { enReport, shelves, zhHandbook } from "./mock-data.mjs";

const dist = join(fileURLToPath(new URL(".", import.meta.url)), "..", "dist");
const csp =
  "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const bases = new Map();
const jobs = new Map();

function addBase(name, documents = []) {
  const base = { id: crypto.randomUUID(), name, description: "", created_at: new Date().toISOString(), list: [] };
  documents.forEach((document) => base.list.push(newDocument(base, document)));
  bases.set(base.id, base);
  return base;
}

function newDocument(base, fields) {
  const document = {
    id: crypto.randomUUID(), job_id: crypto.randomUUID(), created_at: new Date().toISOString(), tags: [], pages_done: 0,
    pages_total: fields.pages ?? null, chunks_done: 0, chunks_total: null, ...fields,
  };
  jobs.set(document.job_id, { base, document, watchers: new Set() });
  return document;
}

const shown = ({ id, name, description, created_at, list }) => ({
  id, name, description, created_at, embedder: "mock", documents: list.length,
  chunks: list.reduce((sum, { chunks }) => sum + chunks, 0),
});

const publicDocument = ({ text: _, bytesOf: __, ...document }) => document;

function tell(job) {
  const { document } = job;
  const event = { job_id: document.job_id, document_id: document.id, ...publicDocument(document), eta_s: 3 };
  for (const response of job.watchers) {
    response.write(`event: ${["queued", "running"].includes(document.status) ? "progress" : "done"}\ndata: ${JSON.stringify(event)}\n\n`);
    if (!["queued", "running"].includes(document.status)) response.end();
  }
}

async function read(job) {
  const { document } = job;
  const step = async (change) => {
    if (document.status === "cancelled") return false;
    Object.assign(document, change);
    tell(job);
    await pause(Number(process.env.MOCK_STEP_MS ?? 120));
    return document.status !== "cancelled";
  };
  if (!(await step({ status: "running", stage: "reading", error: null, pages_done: 0, pages_total: 12 }))) return;
  if (document.damaged) {
    const error = { code: "damaged_file", message: "The file is damaged and cannot be opened." };
    await step({ status: "failed", error });
    return;
  }
  for (let page = 1; page <= 12; page += 1) if (!(await step({ pages_done: page }))) return;
  if (!(await step({ stage: "embedding", chunks_done: 0, chunks_total: 40 }))) return;
  for (let chunk = 10; chunk <= 40; chunk += 10) if (!(await step({ chunks_done: chunk }))) return;
  await step({ status: "ready", stage: "publishing", chunks: 40, pages: 12 });
}

function failure(response, request, status, code, zh, en, headers = {}) {
  const message = (request.headers["accept-language"] ?? "").startsWith("zh") ? zh : en;
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

/** Names and bytes of a multipart body; good enough for browsers. */
function filesOf(buffer, type) {
  const boundary = `--${/boundary=(.+)$/.exec(type)[1]}`;
  return buffer.toString("latin1").split(boundary).flatMap((part) => {
    const name = /filename="([^"]*)"/.exec(part)?.[1];
    if (name === undefined) return [];
    const content = Buffer.from(part.slice(part.indexOf("\r\n\r\n") + 4, -2), "latin1");
    return [{ name: Buffer.from(name, "latin1").toString("utf8"), content }];
  });
}

function takeIn(base, { name, content }) {
  const same = base.list.find((one) => one.bytesOf?.equals(content));
  if (same !== undefined) {
    return { document_id: same.id, job_id: same.job_id, name: same.name, status: same.status, known: true };
  }
  if (content.length === 0) return { name, error: { code: "empty_file", message: "The file is empty." } };
  if (/\.(exe|zip)$/i.test(name)) {
    return { name, error: { code: "unsupported_kind", message: "This is a program, which cannot be read." } };
  }
  const plain = /\.(txt|md)$/i.test(name);
  const pdf = content.subarray(0, 5).toString("latin1") === "%PDF-";
  const document = newDocument(base, {
    name, kind: extname(name).slice(1), bytes: content.length, pages: null, chunks: 0, status: "queued", stage: "queued",
    warnings: [], error: null, text: plain ? content.toString("utf8") : /\.docx$/i.test(name) ? enReport : zhHandbook,
    damaged: pdf && content.length < 600, bytesOf: content,
  });
  base.list.unshift(document);
  setTimeout(() => void read(jobs.get(document.job_id)), 150);
  return { document_id: document.id, job_id: document.job_id, name, status: "queued" };
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

async function document(base, request, response, id, what) {
  const found = base.list.find((one) => one.id === id);
  if (found === undefined) return failure(response, request, 404, "document_not_found", "没有这份文件。", "No such document.");
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

async function inBase(base, request, response, url, [part, id, what]) {
  const { method } = request;
  if (part === undefined) {
    if (method === "DELETE") bases.delete(base.id);
    if (method === "PATCH") Object.assign(base, JSON.parse((await body(request)).toString("utf8")));
    return json(response, 200, shown(base));
  }
  if (part === "ask") return ask(base, request, response);
  if (part === "search") {
    const asked = JSON.parse((await body(request)).toString("utf8"));
    return json(response, 200, { hits: search(base.list, asked.query, asked.top_k), timings_ms: { total: 41.3 } });
  }
  if (id !== undefined) return document(base, request, response, id, what);
  if (method === "POST") {
    const files = filesOf(await body(request), request.headers["content-type"]);
    return json(response, 202, { documents: files.map((file) => takeIn(base, file)) });
  }
  const status = url.searchParams.get("status");
  const limit = Number(url.searchParams.get("limit") ?? 100);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const list = base.list.filter((one) => status === null || one.status === status);
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
    Object.assign(job.document, { status: "queued", stage: "queued", error: null });
    setTimeout(() => void read(job), 150);
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

if (!process.argv.includes("--empty")) shelves.forEach(({ name, documents }) => addBase(name, documents));
const server = createServer((request, response) => {
  route(request, response).catch((error) => json(response, 500, { error: { code: "internal", message: String(error) } }));
});
server.listen(Number(process.argv[2] ?? 8099), "127.0.0.1", () => {
  process.stdout.write(`MOCK server, not Wenyuan: http://127.0.0.1:${server.address().port}\n`);
});
