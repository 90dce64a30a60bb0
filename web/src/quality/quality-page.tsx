import { useWords } from "../i18n/words";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { CalibrationNote } from "./calibration-note";
import { GoldList } from "./gold-list";
import { Measured } from "./measured";

/** How well a knowledge base answers: its threshold, the questions it is measured by, and the figures. */
export function QualityPage() {
  const { t } = useWords();
  const kb = useKnowledgeBase();
  return (
    <div className="column quality">
      <h1>{t("quality.title", { name: kb.name })}</h1>
      <CalibrationNote kb={kb.id} calibration={kb.calibration ?? null} />
      <GoldList kb={kb.id} />
      <Measured kb={kb.id} />
    </div>
  );
}
