import i18n from "i18next";

import { ApiFailure, isAbort } from "./failure";
import { readEvents, type ServerEvent } from "./sse";

/** Every request of this page goes through here: language, errors and cancellation are handled once. */

export interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export function languageHeaders(): Record<string, string> {
  return { "Accept-Language": i18n.resolvedLanguage ?? "zh" };
}

async function send(path: string, options: CallOptions, accept: string): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const headers: Record<string, string> = { ...languageHeaders(), Accept: accept };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw ApiFailure.unreachable();
  }
  if (response.ok) return response;
  const json: unknown = await response.json().catch(() => null);
  throw ApiFailure.fromBody(json, response.status, response.headers.get("Retry-After"));
}

/** The JSON answer, or null where there is none. */
export async function callJson(path: string, options: CallOptions = {}): Promise<unknown> {
  const response = await send(path, options, "application/json");
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as unknown);
}

export async function callText(path: string, options: CallOptions = {}): Promise<string> {
  return (await send(path, options, "text/plain")).text();
}

/** The answer's events with their JSON; an `error` event is thrown as a failure. */
export async function* callEvents(
  path: string,
  options: CallOptions = {},
): AsyncGenerator<{ name: string; value: unknown }, void> {
  const response = await send(path, options, "text/event-stream");
  if (response.body === null) throw ApiFailure.unreachable();
  try {
    for await (const event of readEvents(response.body)) yield { name: event.name, value: eventJson(event) };
  } catch (error) {
    if (isAbort(error) || error instanceof ApiFailure) throw error;
    throw ApiFailure.unreachable();
  }
}

function eventJson(event: ServerEvent): unknown {
  let value: unknown;
  try {
    value = JSON.parse(event.data) as unknown;
  } catch {
    value = { text: event.data, message: event.data };
  }
  if (event.name === "error") throw ApiFailure.fromBody(value, 200, null);
  return value;
}
