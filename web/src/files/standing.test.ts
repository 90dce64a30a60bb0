import { describe, expect, it } from "vitest";

import * as decode from "../api/decode";
import { Pace, secondsLeft } from "./standing";

const row = (seconds: number | null) => decode.documentRow({ id: "d", status: "running", seconds_left: seconds });

describe("the time until all is read", () => {
  it("is the longest of what the server says of each file", () => {
    expect(secondsLeft([row(5), row(70)], 9_000)).toBe(70);
    expect(secondsLeft([], 12)).toBeNull();
  });

  it("is our own observation where the server knows too little, and nothing where we do as well", () => {
    expect(secondsLeft([row(5), row(null)], 300)).toBe(300);
    expect(secondsLeft([row(600), row(null)], 300)).toBe(600);
    expect(secondsLeft([row(5), row(null)], null)).toBeNull();
  });
});

describe("the pace of reading", () => {
  it("is told only after a few files and seconds", () => {
    const pace = new Pace();
    pace.look(100, 0);
    pace.look(98, 20_000);
    expect(pace.secondsLeft()).toBeNull();
    pace.look(90, 20_000);
    expect(pace.secondsLeft()).toBe(180);
  });

  it("begins anew when files are added, and forgets what is long past", () => {
    const pace = new Pace();
    pace.look(10, 0);
    pace.look(5, 10_000);
    pace.look(50, 11_000);
    expect(pace.secondsLeft()).toBeNull();
    pace.look(40, 21_000);
    pace.look(30, 221_000);
    expect(pace.secondsLeft()).toBeNull();
  });
});
