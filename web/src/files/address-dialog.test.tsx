import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import i18n from "../i18n";
import { answering, show } from "../testing";
import { AddressDialog } from "./address-dialog";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function enter(address: string) {
  fireEvent.change(screen.getByLabelText("Address"), { target: { value: address } });
  fireEvent.submit(screen.getByLabelText("Address"));
}

describe("adding a web address", () => {
  it("tells a refusal in the server's words with its hint, and keeps the address", async () => {
    const error = { code: "url_refused", message: "10.0.0.1 is not fetched.", hint: "Upload the file instead." };
    answering(() => Response.json({ error }, { status: 422 }));
    const onClose = vi.fn();
    show(<AddressDialog kb="k" onClose={onClose} />);
    enter("http://10.0.0.1/");
    expect((await screen.findByRole("alert")).textContent).toBe("10.0.0.1 is not fetched.Upload the file instead.");
    expect(screen.getByLabelText("Address")).toHaveProperty("value", "http://10.0.0.1/");
    expect(onClose).not.toHaveBeenCalled();
  });

  it("tells a refusal that came on the list of outcomes", async () => {
    answering(() => ({ documents: [{ name: "x", error: { code: "file_too_large", message: "It is too large." } }] }));
    show(<AddressDialog kb="k" onClose={() => undefined} />);
    enter("https://example.org/x");
    expect((await screen.findByRole("alert")).textContent).toBe("It is too large.");
  });

  it("sends what was completed, and closes", async () => {
    const calls = answering(() => ({ documents: [{ document_id: "d", job_id: "j", name: "x" }] }));
    const onClose = vi.fn();
    show(<AddressDialog kb="k" onClose={onClose} />);
    enter("example.org/x");
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(calls[0]?.body).toEqual({ url: "https://example.org/x" });
  });
});
