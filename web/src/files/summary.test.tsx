import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import i18n from "../i18n";
import { answering, show, type Call } from "../testing";
import { Summary } from "./summary";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const failed = [
  { id: "a", job_id: "ja", status: "failed", error: { code: "damaged_file" } },
  { id: "b", job_id: "jb", status: "failed", error: { code: "password_required" } },
];
const running = [{ id: "c", job_id: "jc", status: "running", seconds_left: 110 }];

function server({ path }: Call): unknown {
  const status = new URL(path, "http://x").searchParams.get("status");
  if (status === null) return { id: "k", documents: 121 };
  return { documents: status === "failed" ? failed : status === "running" ? running : [], next_cursor: null };
}

describe("the line above the files", () => {
  it("counts all of them and says how long the rest takes", async () => {
    answering(server);
    show(<Summary kb="k" />);
    expect(await screen.findByText("118 ready, 1 being read, 2 failed · about 2 minutes left")).toBeTruthy();
  });

  it("reads again all that failed, but not what needs a password first", async () => {
    const calls = answering(server);
    show(<Summary kb="k" />);
    fireEvent.click(await screen.findByText("Retry all failed"));
    const retried = () => calls.filter(({ method }) => method === "POST").map(({ path }) => path);
    await waitFor(() => expect(retried()).toEqual(["/api/v1/jobs/ja/retry"]));
    expect(screen.getByText("1 waits for its password.")).toBeTruthy();
  });
});
