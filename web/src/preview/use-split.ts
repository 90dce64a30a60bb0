import { useQuery } from "@tanstack/react-query";

import { ApiFailure } from "../api/failure";
import type { Preset, SplitDocument } from "../api/types";
import { metadataOf, splitFile, type Upload } from "../api/upload";
import { useWords } from "../i18n/words";

const MOST_WAITS = 10;
const WAIT_MS = 2_000;

/** Files cannot be keys of a query, numbers can. */
const numbers = new WeakMap<File, number>();
let next = 1;

function numberOf(file: File): number {
  const number = numbers.get(file) ?? next++;
  numbers.set(file, number);
  return number;
}

/** How a file would be cut. What was cut before is there at once when one goes back to it. */
export function useSplit(upload: Upload, preset: Preset, password: string | undefined) {
  const { language } = useWords();
  return useQuery<SplitDocument>({
    // The number of the attempt in place of the password: keys are shown in logs and tools.
    queryKey: ["split", numberOf(upload.file), preset, language, attemptOf(upload.file, password)],
    queryFn: ({ signal }) => splitFile({ ...upload, metadata: metadataOf(preset, [], password) }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    // Others may be looking at files; their turn is short.
    retry: (failures, error) => failures < MOST_WAITS && error instanceof ApiFailure && error.status === 429,
    retryDelay: WAIT_MS,
    refetchOnWindowFocus: false,
  });
}

const attempts = new WeakMap<File, string[]>();

/** Which of the passwords tried on this file it is, from 1; 0 for none. */
function attemptOf(file: File, password: string | undefined): number {
  if (password === undefined) return 0;
  const known = attempts.get(file) ?? [];
  if (!known.includes(password)) known.push(password);
  attempts.set(file, known);
  return known.indexOf(password) + 1;
}
