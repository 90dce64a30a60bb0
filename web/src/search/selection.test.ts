import { describe, expect, it } from "vitest";

import { filterOf, isChosen, NOTHING, toggled, type Selection } from "./selection";

const choose = (...values: [Parameters<typeof toggled>[1], string][]): Selection =>
  values.reduce((now, [field, value]) => toggled(now, field, value), NOTHING);

describe("a narrowed search", () => {
  it("sends nothing where nothing is chosen", () => {
    expect(filterOf(NOTHING)).toEqual({});
    expect(filterOf(choose(["tags", "a"], ["tags", "a"]))).toEqual({});
  });

  it("takes several values of several kinds", () => {
    const selection = choose(["kinds", "pdf"], ["kinds", "docx"], ["tags", "合同"], ["authors", "人力资源部"], ["languages", "zh"]);
    expect(filterOf(selection)).toEqual({
      filter: { kinds: ["pdf", "docx"], tags: ["合同"], authors: ["人力资源部"], languages: ["zh"] },
    });
  });
});

describe("chosen years", () => {
  const span = (...years: string[]) => filterOf(choose(...years.map((year) => ["years", year] as [ "years", string])));

  it("are whole, first to last day", () => {
    expect(span("2024")).toEqual({ filter: { created_after: "2024-01-01", created_before: "2024-12-31" } });
  });

  it("span what lies between them, and show it", () => {
    expect(span("2024", "2021")).toEqual({ filter: { created_after: "2021-01-01", created_before: "2024-12-31" } });
    expect(isChosen(choose(["years", "2024"], ["years", "2021"]), "years", "2022")).toBe(true);
    expect(isChosen(choose(["years", "2024"], ["years", "2021"]), "years", "2025")).toBe(false);
  });

  it("are let go one by one", () => {
    expect(span("2021", "2024", "2021")).toEqual(span("2024"));
    expect(span("2021", "2024", "2022")).toEqual(span("2022"));
    expect(span("2024", "2024")).toEqual({});
  });
});
