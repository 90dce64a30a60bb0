import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { ConfirmDialog } from "./confirm-dialog";

afterEach(cleanup);

describe("deleting what cannot be brought back", () => {
  it("needs the exact name typed first", async () => {
    const run = vi.fn(() => Promise.resolve());
    const onClose = vi.fn();
    render(
      <QueryClientProvider client={new QueryClient()}>
        <ConfirmDialog title="t" body="b" action="Do it" typed={{ label: "name", text: "合同" }} run={run} onClose={onClose} />
      </QueryClientProvider>,
    );
    const action = screen.getByText("Do it");
    expect(action).toHaveProperty("disabled", true);
    fireEvent.change(screen.getByLabelText("name"), { target: { value: "合" } });
    expect(action).toHaveProperty("disabled", true);
    fireEvent.change(screen.getByLabelText("name"), { target: { value: "合同" } });
    fireEvent.click(action);
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(run).toHaveBeenCalledOnce();
  });
});
