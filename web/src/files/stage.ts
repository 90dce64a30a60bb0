const STAGES = ["queued", "reading", "splitting", "embedding", "publishing"] as const;

export type Stage = (typeof STAGES)[number];

/** A stage that we have words for; a newer server's unknown one is null. */
export function knownStage(stage: string | null): Stage | null {
  return STAGES.find((known) => known === stage) ?? null;
}
