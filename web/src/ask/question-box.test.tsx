import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { QuestionBox } from "./question-box";

afterEach(cleanup);

function box(running = false) {
  const onAsk = vi.fn();
  const onStop = vi.fn();
  render(<QuestionBox running={running} onAsk={onAsk} onStop={onStop} />);
  const area = screen.getByRole("textbox");
  fireEvent.change(area, { target: { value: "年假几天" } });
  return { area, onAsk, onStop };
}

describe("the question box", () => {
  it("sends with Enter and empties itself", () => {
    const { area, onAsk } = box();
    fireEvent.keyDown(area, { key: "Enter" });
    expect(onAsk).toHaveBeenCalledWith({ question: "年假几天", mode: "answer", strict: false });
    expect(area).toHaveProperty("value", "");
  });

  it("does not send while an input method is composing", () => {
    const { area, onAsk } = box();
    fireEvent.keyDown(area, { key: "Enter", isComposing: true });
    fireEvent.keyDown(area, { key: "Enter", keyCode: 229 });
    expect(onAsk).not.toHaveBeenCalled();
  });

  it("starts a new line with Shift and Enter", () => {
    const { area, onAsk } = box();
    fireEvent.keyDown(area, { key: "Enter", shiftKey: true });
    expect(onAsk).not.toHaveBeenCalled();
  });

  it("stops instead of asking while an answer is being written", () => {
    const { area, onAsk, onStop } = box(true);
    fireEvent.keyDown(area, { key: "Enter" });
    const [stop] = screen.getAllByRole("button");
    if (stop !== undefined) fireEvent.click(stop);
    expect(onAsk).not.toHaveBeenCalled();
    expect(onStop).toHaveBeenCalledOnce();
  });
});
