import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { whyNot } from "../api/endpoints";
import type { RetrievalSettings, WhyNotRequest } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { Choice } from "../parts/choice";
import { FailureNote } from "../parts/failure-note";
import { useNamedDocument } from "./use-named-document";
import { WhyNotReport, useVerdict } from "./why-not-report";

const WAYS = ["document", "text"] as const;

interface WhyNotProps {
  kb: string;
  query: string;
  settings: RetrievalSettings;
  /** Puts other settings on the sliders. */
  onTry: (settings: RetrievalSettings) => void;
}

/** Asks about what should have come. */
export function WhyNot({ kb, query, settings, onTry }: WhyNotProps) {
  const { t } = useWords();
  const announce = useAnnounce();
  const verdict = useVerdict();
  const [way, setWay] = useState<(typeof WAYS)[number]>("document");
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const document = useNamedDocument(kb, way === "document" ? name : "");
  const run = useMutation({
    mutationFn: (request: WhyNotRequest) => whyNot(kb, request),
    onSuccess: (report) => announce(verdict(report.verdict)),
  });
  const expected = way === "text" ? (text.trim() === "" ? null : { text: text.trim() }) : document.found;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (expected !== null) run.mutate({ query, settings, ...expected });
  };
  return (
    <section className="why-not">
      <h2>{t("lab.why.title")}</h2>
      <p className="fine">{t("lab.why.hint")}</p>
      <form onSubmit={submit}>
        <Choice
          legend={t("lab.why.by")}
          options={WAYS.map((value) => ({ value, label: t(`lab.why.ways.${value}`) }))}
          value={way}
          onChange={setWay}
        />
        {way === "document" ? (
          <DocumentField name={name} options={document.names} unknown={document.unknown} onChange={setName} />
        ) : (
          <TextField text={text} onChange={setText} />
        )}
        <button type="submit" disabled={expected === null || run.isPending}>
          {t("lab.why.action")}
        </button>
      </form>
      {run.isPending && <p className="muted">{t("lab.why.working")}</p>}
      {run.isError && <FailureNote error={run.error} />}
      {run.isSuccess && <WhyNotReport report={run.data} settings={settings} onTry={onTry} />}
    </section>
  );
}

interface DocumentFieldProps {
  name: string;
  options: readonly string[];
  unknown: boolean;
  onChange: (name: string) => void;
}

function DocumentField({ name, options, unknown, onChange }: DocumentFieldProps) {
  const { t } = useWords();
  const [field, list] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={field}>{t("lab.why.document")}</label>
      <input
        id={field}
        list={list}
        value={name}
        autoComplete="off"
        placeholder={t("lab.why.documentPlaceholder")}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {options.map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
      {unknown && (
        <p className="hint" role="status">
          {t("lab.why.documentUnknown")}
        </p>
      )}
    </div>
  );
}

function TextField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useWords();
  const field = useId();
  return (
    <div className="field">
      <label htmlFor={field}>{t("lab.why.text")}</label>
      <textarea
        id={field}
        rows={3}
        maxLength={2_000}
        value={text}
        placeholder={t("lab.why.textPlaceholder")}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
