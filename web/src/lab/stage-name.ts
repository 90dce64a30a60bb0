import { useWords } from "../i18n/words";

const STAGES = ["dense", "lexical", "sentences", "fused", "reranked", "cross_encoder", "final"] as const;

/** What a stage is called; one of a newer server stays as it is named. */
export function useStageName(): (stage: string) => string {
  const { t } = useWords();
  return (stage) => {
    const known = STAGES.find((one) => one === stage);
    return known === undefined ? stage : t(`lab.stages.${known}`);
  };
}
