import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { answer } from "../api/decode";
import { AnswerText } from "./answer-text";
import { signSentences } from "./sentence-marks";

afterEach(cleanup);

function show(json: object) {
  const { answer: text, sentences, citations } = answer(json);
  return render(<AnswerText text={text} sentences={sentences} citations={citations} />).container;
}

const quote = { n: 1, document_name: "手册.pdf", page: 3, quote: "年休假 5 天。", start: 0, end: 8 };

describe("an answer on the page", () => {
  it("marks every sentence with its support and citations", () => {
    const page = show({
      answer: "年休假 5 天。明年会更多。",
      sentences: [
        { text: "年休假 5 天。", support: "supported", citations: [1] },
        { text: "明年会更多。", support: "unsupported", citations: [] },
      ],
      citations: [quote],
    });
    const marks = Array.from(page.querySelectorAll(".sentence"), (mark) => [mark.textContent, mark.getAttribute("data-support")]);
    expect(marks).toEqual([["年休假 5 天。", "supported"], ["明年会更多。", "unsupported"]]);
    expect(page.querySelectorAll(".cite button")).toHaveLength(1);
    expect(page.querySelectorAll(".support")).toHaveLength(1);
  });

  it("sets the document's own words apart from ours", () => {
    const sentences = [{ text: "年休假 5 天。", support: "supported", citations: [1] }];
    expect(show({ answer: "年休假 5 天。", sentences, citations: [quote] }).querySelector(".verbatim")).not.toBeNull();
  });

  it("keeps Markdown whole around the marks", () => {
    const page = show({
      answer: "- **Five days.**\n- Ten days.",
      sentences: [
        { text: "- **Five days.**", support: "supported", citations: [1] },
        { text: "- Ten days.", support: "weak", citations: [] },
      ],
      citations: [quote],
    });
    expect(page.querySelectorAll("li")).toHaveLength(2);
    expect(page.querySelector("strong")?.textContent).toContain("Five days.");
    expect(page.textContent).not.toMatch(/[\uE000-\uF8FF*]/);
  });

  it("never takes markup or pictures from a model", () => {
    const text = '<img src=x onerror=alert(1)> ![p](http://elsewhere/p.png) [a](javascript:alert(1)) <script>alert(1)</script>';
    const page = show({ answer: text });
    expect(page.querySelector("img, script")).toBeNull();
    expect(page.querySelector("a")?.getAttribute("href") ?? "").not.toContain("javascript");
  });

  it("falls back to the sentences where they are not in the answer word for word", () => {
    const sentences = [{ text: "Other words.", support: "supported", citations: [1] }];
    expect(show({ answer: "Words.", sentences, citations: [quote] }).textContent).toContain("Other words.");
  });
});

describe("signing sentences", () => {
  it("gives up rather than mark the wrong place", () => {
    const { sentences } = answer({ sentences: [{ text: "absent" }] });
    expect(signSentences("present", sentences)).toBeNull();
  });
});
