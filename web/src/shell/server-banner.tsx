import { useQuery } from "@tanstack/react-query";

import { readReadiness } from "../api/endpoints";
import { useWords } from "../i18n/words";

/** Says why nothing happens while the server is away or still starting. */
export function ServerBanner() {
  const { t } = useWords();
  const { data } = useQuery({
    queryKey: ["readiness"],
    queryFn: ({ signal }) => readReadiness(signal),
    refetchInterval: (query) => (query.state.data?.state === "ready" ? 15_000 : 3_000),
    networkMode: "always",
  });
  const { state, hints } = data ?? { state: "ready", hints: [] };
  return (
    <div role="status" aria-live="polite">
      {state !== "ready" && <p className="banner">{[t(`status.${state}`), ...hints].join(" ")}</p>}
    </div>
  );
}
