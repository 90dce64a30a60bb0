import { useMutation, useQueryClient } from "@tanstack/react-query";

import { calibrate, forgetCalibration } from "../api/quality";
import type { Calibration } from "../api/types";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** What the threshold refuses and loses, and the two ways to change it. */
export function CalibrationNote({ kb, calibration }: { kb: string; calibration: Calibration | null }) {
  const { t, count } = useWords();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (fit: boolean) => (fit ? calibrate(kb) : forgetCalibration(kb)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["knowledge-base"] }),
  });
  return (
    <section>
      <h2>{t("quality.refusal")}</h2>
      {calibration === null ? (
        <p>{t("quality.builtIn")}</p>
      ) : (
        <>
          <p>{t("quality.calibrated", { refused: percent(calibration.refused), lost: percent(calibration.lost) })}</p>
          <p className="fine">
            {t("quality.basis", {
              threshold: calibration.threshold.toFixed(3),
              builtIn: calibration.built_in.toFixed(3),
              made: count(calibration.made),
              gold: count(calibration.gold),
            })}
          </p>
          {!calibration.in_use && <p role="alert">{t("quality.stale")}</p>}
        </>
      )}
      {change.isError && <FailureNote error={change.error} />}
      <div className="row-actions">
        <button type="button" disabled={change.isPending} onClick={() => change.mutate(true)}>
          {change.isPending ? t("quality.calibrating") : t("quality.calibrate")}
        </button>
        {calibration !== null && (
          <button type="button" className="quiet" disabled={change.isPending} onClick={() => change.mutate(false)}>
            {t("quality.reset")}
          </button>
        )}
      </div>
    </section>
  );
}
