import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";

/** For tests of components: a page without a server, whose answers the test gives. */

export interface Call {
  method: string;
  path: string;
  body: unknown;
}

/** Answers every call by `answer`, and keeps the calls. */
export function answering(answer: (call: Call) => unknown): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", (path: string, options: RequestInit = {}) => {
    const body: unknown = typeof options.body === "string" ? JSON.parse(options.body) : null;
    const call = { method: options.method ?? "GET", path, body };
    calls.push(call);
    const said = answer(call);
    return Promise.resolve(said instanceof Response ? said : Response.json(said ?? {}));
  });
  return calls;
}

export function show(children: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(<QueryClientProvider client={client}>{children}</QueryClientProvider>);
}
