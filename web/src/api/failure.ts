import { isRecord, optionalText } from "./decode";

/** A call that did not succeed, in the server's own words where it had any. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly hint: string | null = null,
    readonly requestId: string | null = null,
    readonly retryAfterSeconds: number | null = null,
    /** The JSON that came with it, for the calls whose refusals say more. */
    readonly body: unknown = null,
  ) {
    super(message);
  }

  /** The server was not reached at all. */
  static unreachable(): ApiFailure {
    return new ApiFailure("unreachable", "", 0);
  }

  /** The answer to a call that failed; `body` is whatever JSON came with it. */
  static fromBody(body: unknown, status: number, retryAfter: string | null): ApiFailure {
    const outer = isRecord(body) ? body : {};
    const error = isRecord(outer["error"]) ? outer["error"] : outer;
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    return new ApiFailure(
      optionalText(error["code"]) ?? `http_${status}`,
      optionalText(error["message"]) ?? "",
      status,
      optionalText(error["hint"]),
      optionalText(error["request_id"]),
      Number.isFinite(seconds) ? Math.max(0, seconds) : null,
      body,
    );
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
