import type { Reason } from "../api/types";
import { certainty } from "../text/certainty";

/** Warnings about many pages, told as one sentence for each kind without losing a page. */

export type RemarkKind = "ocr" | "empty" | "emptyAfterOcr" | "garbled" | "unreadable" | "incomplete";

export interface Remark {
  /** A kind that we have a sentence for; else null, and `first` stands for all. */
  kind: RemarkKind | null;
  pages: number[];
  /** Least and greatest certainty in percent, where the warnings tell it. */
  sure: [number, number] | null;
  first: Reason;
  count: number;
}

function kindOf({ code, message, page }: Reason): RemarkKind | null {
  if (page === undefined) return null;
  switch (code) {
    case "page_read_by_ocr":
    case "ocr_used":
      return "ocr";
    case "page_without_text":
    case "page_no_text":
      return message.includes("OCR") ? "emptyAfterOcr" : "empty";
    case "page_garbled":
    case "garbled_page":
      return "garbled";
    case "page_unreadable":
    case "page_failed":
      return "unreadable";
    case "page_incomplete":
      return "incomplete";
    default:
      return null;
  }
}

/** One remark for each kind, in the order of first appearance. */
export function remarksOf(warnings: readonly Reason[]): Remark[] {
  const remarks = new Map<string, Remark>();
  for (const warning of warnings) {
    const kind = kindOf(warning);
    const key = kind ?? `${warning.code} ${warning.page === undefined ? warning.message : ""}`;
    const remark = remarks.get(key) ?? { kind, pages: [], sure: null, first: warning, count: 0 };
    remark.count += 1;
    if (warning.page !== undefined) remark.pages.push(warning.page);
    const sure = certainty(warning.message);
    if (sure !== null) {
      const [least, most] = remark.sure ?? [sure, sure];
      remark.sure = [Math.min(least, sure), Math.max(most, sure)];
    }
    remarks.set(key, remark);
  }
  return [...remarks.values()];
}
