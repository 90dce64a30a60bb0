import { createContext, use } from "react";

import type { Citation, Hit } from "../api/types";

/** Which place of which document is open beside the page, and its neighbours. */

export interface Passage {
  documentId: string;
  documentName: string;
  page: number | null;
  heading: string | null;
  start: number;
  end: number;
  quote: string;
  /** The citation's number, where the passage is one. */
  n: number | null;
}

export interface OpenedSource {
  passages: readonly Passage[];
  index: number;
}

interface SourceControl {
  kb: string;
  opened: OpenedSource | null;
  open: (passages: readonly Passage[], index: number) => void;
  close: () => void;
}

const nowhere: SourceControl = { kb: "", opened: null, open: () => undefined, close: () => undefined };

export const SourceState = createContext<SourceControl>(nowhere);

export function useSource(): SourceControl {
  return use(SourceState);
}

export function citationPassage(citation: Citation): Passage {
  const { document_id, document_name, page, heading, start, end, quote, n } = citation;
  return { documentId: document_id, documentName: document_name, page, heading, start, end, quote, n };
}

export function hitPassage(hit: Hit): Passage {
  const { document_id, document_name, page, heading, start, end, text } = hit;
  return { documentId: document_id, documentName: document_name, page, heading, start, end, quote: text, n: null };
}
