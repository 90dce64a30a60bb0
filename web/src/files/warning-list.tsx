import { useState } from "react";

import type { Reason } from "../api/types";
import { useWords } from "../i18n/words";
import { remarksOf, type Remark } from "./remarks";

const FEW = 3;

/** What a reader should know about a file: a few remarks as they are; many as one sentence of each kind, and page by page. */
export function WarningList({ warnings }: { warnings: readonly Reason[] }) {
  const { t, reason } = useWords();
  const [unfolded, setUnfolded] = useState(false);
  if (warnings.length <= FEW) return <Lines lines={warnings.map(reason)} />;
  return (
    <div className="file-warning">
      <ul>
        {remarksOf(warnings).map((remark, index) => (
          <li key={index}>
            <RemarkLine remark={remark} />
          </li>
        ))}
      </ul>
      <details onToggle={(event) => setUnfolded(event.currentTarget.open)}>
        <summary>{t("files.pageByPage")}</summary>
        {unfolded && <Lines lines={warnings.map(reason)} />}
      </details>
    </div>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="file-warning">
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}

function RemarkLine({ remark }: { remark: Remark }) {
  const { t, reason, ranges, counted } = useWords();
  const { kind, count, first, sure } = remark;
  if (count === 1) return reason(first);
  if (kind === null) return `${reason(first)} ${t("files.remarks.more", counted(count - 1))}`;
  const pages = ranges(remark.pages);
  if (kind !== "ocr") return t(`files.remarks.${kind}`, { pages });
  if (sure === null) return t("files.remarks.ocrUnsure", { pages });
  const [least, most] = sure;
  return t("files.remarks.ocr", { pages, sure: least === most ? `${least}%` : `${least}–${most}%` });
}
