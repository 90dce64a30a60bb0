import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import * as decode from "../api/decode";
import { splitFile } from "../api/upload";
import i18n from "../i18n";
import { show } from "../testing";
import { Cut } from "./cut";

vi.mock(import("../api/upload"), async (original) => ({ ...(await original()), splitFile: vi.fn() }));

beforeEach(() => i18n.changeLanguage("en"));
afterEach(cleanup);

function view(document: object, onPassword: (password: string) => void = () => undefined) {
  const [decoded] = decode.splitDocuments({ documents: [document] });
  if (decoded !== undefined) vi.mocked(splitFile).mockResolvedValue(decoded);
  const upload = { file: new File(["x"], "a.pdf"), name: "a.pdf" };
  const add = <button type="button">Add it</button>;
  return show(<Cut upload={upload} preset="manual" password={undefined} onPassword={onPassword} add={add} />);
}

describe("a file before it is added", () => {
  it("tells what was found, and what will not all be shown", async () => {
    const chunks = [{ ordinal: 0, text: "one", tokens: 10 }, { ordinal: 1, text: "two", tokens: 20 }];
    view({ name: "a.pdf", kind: "pdf", language: "en", pages: 1, characters: 6, preset: "manual", chunk_count: 7_000, chunks });
    expect(await screen.findByText("PDF · English · 1 page · 6 characters · 7,000 passages · 15 tokens each on average · cut as: Manual")).toBeTruthy();
    expect(screen.getByText("The first 2 of 7,000 are shown.")).toBeTruthy();
    expect(screen.getByText("Add it")).toBeTruthy();
    expect(vi.mocked(splitFile).mock.lastCall?.[0].metadata).toEqual({ preset: "manual" });
  });

  it("offers nothing to add where it cannot be read", async () => {
    view({ name: "a.pdf", error: { code: "damaged_file", message: "It is damaged." }, chunks: [] });
    expect(await screen.findByText("It is damaged.")).toBeTruthy();
    expect(screen.queryByText("Add it")).toBeNull();
  });

  it("asks for the password of a locked one", async () => {
    const onPassword = vi.fn();
    view({ name: "a.pdf", error: { code: "password_required", message: "locked" }, chunks: [] }, onPassword);
    fireEvent.change(await screen.findByLabelText("Password of “a.pdf”"), { target: { value: "rope" } });
    fireEvent.click(screen.getByText("Open with password"));
    expect(onPassword).toHaveBeenCalledWith("rope");
  });
});
