import { useId, useState, type ReactNode, type SyntheticEvent } from "react";

import type { Preset, SplitDocument } from "../api/types";
import type { Upload } from "../api/upload";
import { needsPassword } from "../files/password-form";
import { PasswordField } from "../files/password-field";
import { WarningList } from "../files/warning-list";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { CutPassages } from "./cut-passages";
import { useSplit } from "./use-split";

interface CutProps {
  upload: Upload;
  preset: Preset;
  password: string | undefined;
  onPassword: (password: string) => void;
  /** The button that adds the file, shown where there is something to add. */
  add: ReactNode;
}

/** What would come of one file: what was found in it, what was not, and its passages. */
export function Cut({ upload, preset, password, onPassword, add }: CutProps) {
  const { t, reason, count } = useWords();
  const split = useSplit(upload, preset, password);
  if (split.isPending) {
    return (
      <p className="muted" role="status">
        {t("preview.reading")}
      </p>
    );
  }
  if (split.isError) return <FailureNote error={split.error} onRetry={() => void split.refetch()} />;
  const document = split.data;
  if (needsPassword(document.error)) {
    return <Locked key={password ?? ""} name={upload.name} wrong={password !== undefined} onPassword={onPassword} />;
  }
  return (
    <section className="cut" aria-label={document.name}>
      <Found document={document} />
      {document.error !== null && <p className="failure">{reason(document.error)}</p>}
      {document.warnings.length > 0 && <WarningList warnings={document.warnings} />}
      {document.error === null && document.chunks.length > 0 && <div className="cut-add">{add}</div>}
      {document.error === null && document.chunks.length === 0 && <p className="muted">{t("preview.nothing")}</p>}
      {document.chunk_count > document.chunks.length && (
        <p className="notice">
          {t("preview.firstOf", { shown: count(document.chunks.length), total: count(document.chunk_count) })}
        </p>
      )}
      <CutPassages key={`${document.name} ${preset}`} chunks={document.chunks} />
    </section>
  );
}

function Found({ document }: { document: SplitDocument }) {
  const { t, counted, kindName, languageName, presetName } = useWords();
  const { title, kind, language, pages, characters, chunks, preset, name } = document;
  const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
  const average = t("preview.tokens", counted(chunks.length === 0 ? 0 : Math.round(tokens / chunks.length)));
  const facts = [
    kind === "" ? null : kindName(kind),
    language === null ? null : languageName(language),
    pages === null || pages === 0 ? null : t("files.pages", counted(pages)),
    characters === 0 ? null : t("preview.characters", counted(characters)),
    chunks.length === 0 ? null : t("shelves.chunks", counted(document.chunk_count)),
    tokens === 0 ? null : t("preview.average", { tokens: average }),
    preset === null ? null : t("preview.cutAs", { preset: presetName(preset) }),
  ];
  return (
    <header className="cut-head">
      <h2>{title ?? name}</h2>
      <p className="fine">{facts.filter((fact) => fact !== null).join(" · ")}</p>
    </header>
  );
}

function Locked({ name, wrong, onPassword }: { name: string; wrong: boolean; onPassword: (password: string) => void }) {
  const { t } = useWords();
  const note = useId();
  const [typed, setTyped] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (typed !== "") onPassword(typed);
  };
  return (
    <form className="password" onSubmit={submit}>
      <p id={note} className={wrong ? "file-reason" : undefined} role={wrong ? "alert" : undefined}>
        {t(wrong ? "files.password.wrong" : "files.password.ask")}
      </p>
      <PasswordField name={name} note={note} value={typed} onChange={setTyped} busy={false} />
    </form>
  );
}
