import { type ReactNode } from "react";

import { useWords } from "../i18n/words";
import { useSource } from "../source/source-context";
import { SourceReader } from "../source/source-reader";
import { Header } from "./header";
import { ServerBanner } from "./server-banner";

interface PageProps {
  knowledgeBase: { id: string; name: string } | null;
  children: ReactNode;
}

/** The frame of every screen: header, text, and beside it the opened source. */
export function Page({ knowledgeBase, children }: PageProps) {
  const { t } = useWords();
  const { opened } = useSource();
  return (
    <div className={opened === null ? "frame" : "frame reading"}>
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <Header knowledgeBase={knowledgeBase} />
      <ServerBanner />
      <div className="table">
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        {opened !== null && <SourceReader />}
      </div>
    </div>
  );
}
