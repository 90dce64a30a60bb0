import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./i18n";
import "./styles/index.css";
import { App } from "./app";
import { applyTheme } from "./settings/theme";

applyTheme();
const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
