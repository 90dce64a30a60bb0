import { memo } from "react";

import { originalAddress } from "../api/endpoints";
import type { DocumentRow } from "../api/types";
import { useWords } from "../i18n/words";
import { DocumentActions } from "./document-actions";
import { DocumentState } from "./document-state";
import { FileName } from "./file-name";
import { hasLockedParts, needsPassword, PasswordForm } from "./password-form";
import { WarningList } from "./warning-list";

interface DocumentItemProps {
  kb: string;
  row: DocumentRow;
  onTag: (tag: string) => void;
}

/** One file: how far it is, what went wrong, and what can be done. Drawn again only when its row has changed. */
export const DocumentItem = memo(function DocumentItem({ kb, row, onTag }: DocumentItemProps) {
  const { t, reason } = useWords();
  const { error } = row;
  return (
    <div className="file" data-status={row.status}>
      <div className="file-head">
        <FileName name={row.name} href={originalAddress(kb, row.id)} title={t("files.original")} />
        <About row={row} onTag={onTag} />
      </div>
      <DocumentState row={row} />
      <DocumentActions kb={kb} row={row} />
      {row.status === "failed" && needsPassword(error) && <PasswordForm kb={kb} row={row} />}
      {row.status === "failed" && error !== null && !needsPassword(error) && <p className="file-reason">{reason(error)}</p>}
      {row.searchable && row.status !== "ready" && <p className="file-warning">{t("files.earlierAnswers")}</p>}
      {row.warnings.length > 0 && <WarningList warnings={row.warnings} />}
      {hasLockedParts(row) && <PasswordForm kb={kb} row={row} />}
    </div>
  );
});

/** What the name does not say: title, author, date, an unusual way of cutting; and the tags. */
function About({ row, onTag }: Omit<DocumentItemProps, "kb">) {
  const { t, day, presetName } = useWords();
  const { title, author, created, preset } = row;
  const named = title !== null && row.name.toLowerCase().includes(title.toLowerCase());
  const facts = [
    named ? null : title,
    author === null ? null : t("files.by", { author }),
    created === null || day(created) === "" ? null : t("files.dated", { day: day(created) }),
    preset === null || preset === "prose" ? null : t("preview.cutAs", { preset: presetName(preset) }),
  ];
  const words = facts.filter((fact) => fact !== null).join(" · ");
  if (words === "" && row.tags.length === 0) return null;
  return (
    <p className="file-about">
      {words !== "" && <span>{words}</span>}
      {row.tags.map((tag) => (
        <button key={tag} type="button" className="tag" aria-label={t("files.showTag", { tag })} onClick={() => onTag(tag)}>
          {tag}
        </button>
      ))}
    </p>
  );
}
