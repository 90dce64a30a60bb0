import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter, Link, RouterProvider } from "react-router";

import { ApiFailure } from "./api/failure";
import { AskPage } from "./ask/ask-page";
import { FilesPage } from "./files/files-page";
import { useWords } from "./i18n/words";
import { LabPage } from "./lab/lab-page";
import { Announcer } from "./parts/announcer";
import { PreviewPage } from "./preview/preview-page";
import { QualityPage } from "./quality/quality-page";
import { SearchPage } from "./search/search-page";
import { KnowledgeBaseLayout } from "./shell/knowledge-base-layout";
import { Page } from "./shell/page";
import { ShelvesPage } from "./shelves/shelves-page";

/** Only what may succeed by itself is tried again: an unreachable or overloaded server. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof ApiFailure && (error.status === 0 || error.status >= 502);
}

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: worthRetrying, staleTime: 5_000, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

function NotFound() {
  const { t } = useWords();
  return (
    <Page knowledgeBase={null}>
      <div className="column empty">
        <h1>{t("common.notFound")}</h1>
        <p>{t("common.notFoundHint")}</p>
        <Link to="/">{t("common.home")}</Link>
      </div>
    </Page>
  );
}

const router = createBrowserRouter([
  { path: "/", element: <ShelvesPage /> },
  {
    path: "/kb/:kb",
    element: <KnowledgeBaseLayout />,
    children: [
      { index: true, element: <AskPage /> },
      { path: "files", element: <FilesPage /> },
      { path: "files/preview", element: <PreviewPage /> },
      { path: "search", element: <SearchPage /> },
      { path: "lab", element: <LabPage /> },
      { path: "quality", element: <QualityPage /> },
    ],
  },
  { path: "*", element: <NotFound /> },
]);

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Announcer>
        <RouterProvider router={router} />
      </Announcer>
    </QueryClientProvider>
  );
}
