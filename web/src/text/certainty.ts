/** How sure the recognition was, in percent, as the server's sentence says. */
export function certainty(message: string): number | null {
  const found = /(\d{1,3})(?:\.\d+)?\s*[%％]/.exec(message)?.[1];
  return found === undefined ? null : Number(found);
}
