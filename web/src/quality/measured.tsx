import { useMutation } from "@tanstack/react-query";

import { evaluate, type Figure } from "../api/quality";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";

/** Asks the gold questions and shows the figures with their intervals. */
export function Measured({ kb }: { kb: string }) {
  const { t } = useWords();
  const run = useMutation({ mutationFn: () => evaluate(kb) });
  return (
    <section>
      <h2>{t("quality.figures")}</h2>
      <button type="button" disabled={run.isPending} onClick={() => run.mutate()}>
        {run.isPending ? t("quality.measuring") : t("quality.measure")}
      </button>
      {run.isError && <FailureNote error={run.error} />}
      {run.isSuccess && <Figures figures={run.data} />}
    </section>
  );
}

function Figures({ figures }: { figures: readonly Figure[] }) {
  const { t } = useWords();
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{t("quality.figure")}</th>
          <th scope="col">{t("quality.value")}</th>
          <th scope="col">{t("quality.interval")}</th>
        </tr>
      </thead>
      <tbody>
        {figures.map(({ name, value, low, high }) => (
          <tr key={name}>
            <th scope="row">{t(`quality.names.${name as "recall_at_1"}`)}</th>
            <td>{value.toFixed(3)}</td>
            <td>{low === null || high === null ? "" : `${low.toFixed(3)} – ${high.toFixed(3)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
