import { createContext, use } from "react";

import type { Box, Citation, Hit } from "../api/types";

/** Which place of which document is open beside the page, and its neighbours. */

export interface Passage {
  documentId: string;
  documentName: string;
  chunkId: string;
  page: number | null;
  heading: string | null;
  start: number;
  end: number;
  quote: string;
  /** The citation's number, where the passage is one. */
  n: number | null;
  /** Where it lies on its pages; empty where that is not known (yet). */
  boxes: readonly Box[];
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

/** What was kept from an earlier visit may lack the boxes. */
type Found = Omit<Citation | Hit, "boxes"> & { boxes?: readonly Box[] };

function passage(found: Found, quote: string, n: number | null): Passage {
  const { document_id, document_name, chunk_id, page, heading, start, end, boxes = [] } = found;
  return { documentId: document_id, documentName: document_name, chunkId: chunk_id, page, heading, start, end, quote, n, boxes };
}

export function citationPassage(citation: Citation): Passage {
  return passage(citation, citation.quote, citation.n);
}

export function hitPassage(hit: Hit): Passage {
  return passage(hit, hit.text, null);
}
