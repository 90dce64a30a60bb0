import { createContext, memo, use, useMemo, type ComponentProps } from "react";
import Markdown, { type Components } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";

import type { Citation, Sentence } from "../api/types";
import { useWords } from "../i18n/words";
import { languageOf } from "../text/language";
import { CitationChip } from "./citation-chip";
import { markSentences, signSentences } from "./sentence-marks";

/** The only place that turns Markdown into a page. Images are left out: nothing is ever fetched from elsewhere. */

interface AnswerTextProps {
  text: string;
  sentences: readonly Sentence[];
  citations: readonly Citation[];
}

const schema = { ...defaultSchema, tagNames: (defaultSchema.tagNames ?? []).filter((name) => name !== "img") };

const Marks = createContext<Omit<AnswerTextProps, "text">>({ sentences: [], citations: [] });

const components: Components = { span: MarkedSpan, a: OutwardLink };

export const AnswerText = memo(function AnswerText({ text, sentences, citations }: AnswerTextProps) {
  const signed = useMemo(() => signSentences(text, sentences), [text, sentences]);
  const marks = useMemo(() => ({ sentences, citations }), [sentences, citations]);
  // Where the sentences cannot be found in the answer, the sentences are the answer.
  const shown = signed ?? signSentences(sentences.map((sentence) => sentence.text).join(" "), sentences) ?? text;
  return (
    <div className="answer-text" lang={languageOf(text)}>
      <Marks value={marks}>
        <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[[rehypeSanitize, schema], markSentences]} components={components}>
          {shown}
        </Markdown>
      </Marks>
    </div>
  );
});

type SpanProps = ComponentProps<"span"> & { "data-sentence"?: string; "data-cites-of"?: string };

function MarkedSpan({ children, ...rest }: SpanProps) {
  const { sentences, citations } = use(Marks);
  const cites = rest["data-cites-of"];
  const sentence = sentences[Number(cites ?? rest["data-sentence"])];
  if (sentence === undefined) return <span>{children}</span>;
  const cited = citations.filter((citation) => sentence.citations.includes(citation.n));
  if (cites !== undefined) return <SentenceEnd sentence={sentence} cited={cited} />;
  const verbatim = cited.some((citation) => citation.quote.includes(sentence.text.trim()));
  return (
    <span className={verbatim ? "sentence verbatim" : "sentence"} data-support={sentence.support}>
      {children}
    </span>
  );
}

function SentenceEnd({ sentence, cited }: { sentence: Sentence; cited: readonly Citation[] }) {
  const { t } = useWords();
  const { citations } = use(Marks);
  return (
    <>
      {cited.map((citation) => (
        <CitationChip key={citation.n} citation={citation} all={citations} />
      ))}
      {sentence.support !== "supported" && <small className="support">{t(`ask.support.${sentence.support}`)}</small>}
    </>
  );
}

function OutwardLink({ href, children }: ComponentProps<"a">) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
