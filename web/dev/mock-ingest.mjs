// DEVELOPMENT AND TESTS ONLY. Files coming in and being read, with nothing read in truth.
import { extname } from "node:path";

import { enReport, kelpNotes, zhHandbook } from "./mock-data.mjs";
import { pagesOf } from "./mock-page.mjs";

const PASSWORD = "kelp-and-lantern";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const jobs = new Map();
export const publicDocument = ({ text: _, bytesOf: __, password: ___, ...document }) => document;

export function newDocument(base, fields) {
  const document = {
    id: crypto.randomUUID(), job_id: crypto.randomUUID(), created_at: new Date().toISOString(), tags: [], title: null,
    author: null, created: null, modified: null, preset: "prose", pages_done: 0, pages_total: fields.pages ?? null,
    chunks_done: 0, chunks_total: null, seconds_left: null, ...fields,
  };
  jobs.set(document.job_id, { base, document, watchers: new Set() });
  return document;
}

export function tell(job) {
  const { document } = job;
  const event = { job_id: document.job_id, document_id: document.id, ...publicDocument(document) };
  const over = !["queued", "running"].includes(document.status);
  for (const response of job.watchers) {
    response.write(`event: ${over ? "done" : "progress"}\ndata: ${JSON.stringify(event)}\n\n`);
    if (over) response.end();
  }
}

const refusal = (code, zh, en, chinese) => ({ code, message: chinese ? zh : en });
const damagedPdf = (content) => content.subarray(0, 5).toString("latin1") === "%PDF-" && content.length < 600;
const locked = (content) => content.includes("/Encrypt");

/** What reading would end with, or null where it would succeed. */
function failureOf({ bytesOf: content, password }, chinese) {
  if (content === undefined) return null;
  if (damagedPdf(content)) return refusal("damaged_file", "文件已损坏，打不开。", "The file is damaged and cannot be opened.", chinese);
  if (locked(content) && password !== PASSWORD) {
    return refusal("password_required", "文件有密码保护，或密码不对。", "The file has a password, or it is not this one.", chinese);
  }
  return null;
}

export async function read(job, chinese) {
  const { document } = job;
  const step = async (change) => {
    if (document.status === "cancelled") return false;
    Object.assign(document, change);
    tell(job);
    await pause(Number(process.env.MOCK_STEP_MS ?? 120));
    return document.status !== "cancelled";
  };
  const total = Math.max(12, pagesOf(document).length);
  if (!(await step({ status: "running", stage: "reading", error: null, pages_done: 0, pages_total: total }))) return;
  const error = failureOf(document, chinese);
  if (error !== null) {
    await step({ status: "failed", error });
    return;
  }
  for (let page = 1; page <= total; page += 1) if (!(await step({ pages_done: page, seconds_left: 2 + total - page }))) return;
  if (!(await step({ stage: "embedding", chunks_done: 0, chunks_total: 40 }))) return;
  for (let chunk = 10; chunk <= 40; chunk += 10) if (!(await step({ chunks_done: chunk, seconds_left: 1 }))) return;
  const pages = document.kind === "pdf" ? pagesOf(document).length : null;
  await step({ status: "ready", stage: "publishing", chunks: 40, pages, seconds_left: null });
}

/** A file as it would be read; nothing is kept. */
export function asRead({ name, content }, metadata, chinese) {
  const plain = /\.(txt|md)$/i.test(name);
  const kind = { ".md": "markdown", ".txt": "text", ".htm": "html", ".png": "image" }[extname(name).toLowerCase()] ?? extname(name).slice(1);
  const document = {
    name, kind, bytes: content.length, bytesOf: content, password: metadata.password,
    text: plain ? content.toString("utf8") : /kelp/.test(name) ? kelpNotes : /\.docx$/i.test(name) ? enReport : zhHandbook,
  };
  return { ...document, error: failureOf(document, chinese) };
}

export function takeIn(base, file, metadata, chinese) {
  const { name, content } = file;
  const same = base.list.find((one) => one.bytesOf?.equals(content));
  if (same !== undefined) {
    return { document_id: same.id, job_id: same.job_id, name: same.name, status: same.status, known: true };
  }
  if (content.length === 0) return { name, error: refusal("empty_file", "文件是空的。", "The file is empty.", chinese) };
  if (/\.(exe)$/i.test(name)) {
    return { name, error: refusal("unsupported_kind", "这是程序，读不了。", "This is a program, which cannot be read.", chinese) };
  }
  return start(base, { ...asRead(file, metadata, chinese), error: null }, metadata, chinese);
}

function start(base, fields, { tags = [], title = null, preset = "prose" }, chinese) {
  const document = newDocument(base, {
    pages: null, chunks: 0, status: "queued", stage: "queued", warnings: [], tags, title, preset, ...fields,
  });
  base.list.unshift(document);
  setTimeout(() => void read(jobs.get(document.job_id), chinese), 150);
  return { document_id: document.id, job_id: document.job_id, name: document.name, status: "queued" };
}

export const isInside = (host) => /^(127\.|10\.|192\.168\.|localhost$|\[)/.test(host);

/** An address: a made-up page. */
export function takeAddress(base, { url, metadata = {} }, chinese) {
  const { hostname, pathname } = new URL(url);
  return start(base, { name: `${hostname}${pathname}`, kind: "html", bytes: 48_120, text: enReport, error: null }, metadata, chinese);
}

export function retry(job, { password }, chinese) {
  const { document } = job;
  if (password !== undefined) document.password = password;
  Object.assign(document, { status: "queued", stage: "queued", error: null });
  setTimeout(() => void read(job, chinese), 150);
}
