import { Link, NavLink } from "react-router";

import { chooseLanguage, LANGUAGES } from "../i18n";
import { useWords } from "../i18n/words";
import { chooseTheme, THEMES, useTheme } from "../settings/theme";
import { Choice } from "../parts/choice";

const LANGUAGE_NAMES = { zh: "中文", en: "English" } as const;

export function Header({ knowledgeBase }: { knowledgeBase: { id: string; name: string } | null }) {
  const { t } = useWords();
  return (
    <header className="header">
      <Link to="/" className="wordmark">
        <span lang="zh-Hans">文渊</span>
        <span className="visually-hidden"> {t("nav.shelves")}</span>
      </Link>
      {knowledgeBase !== null && <Sections id={knowledgeBase.id} name={knowledgeBase.name} />}
      <Preferences />
    </header>
  );
}

function Sections({ id, name }: { id: string; name: string }) {
  const { t } = useWords();
  const base = `/kb/${encodeURIComponent(id)}`;
  return (
    <>
      <span className="shelf-name" title={name}>
        {name}
      </span>
      <nav className="sections" aria-label={t("nav.label")}>
        <NavLink to={base} end>
          {t("nav.ask")}
        </NavLink>
        <NavLink to={`${base}/files`}>{t("nav.files")}</NavLink>
        <NavLink to={`${base}/search`}>{t("nav.search")}</NavLink>
        <NavLink to={`${base}/lab`}>{t("nav.lab")}</NavLink>
        <NavLink to={`${base}/quality`}>{t("nav.quality")}</NavLink>
      </nav>
    </>
  );
}

function Preferences() {
  const { t, language } = useWords();
  const theme = useTheme();
  return (
    <div className="preferences">
      <Choice
        legend={t("settings.language")}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        value={LANGUAGES.find((value) => value === language) ?? "en"}
        onChange={chooseLanguage}
      />
      <label className="theme">
        <span className="visually-hidden">{t("settings.theme")}</span>
        <select
          value={theme}
          onChange={(event) => chooseTheme(THEMES.find((value) => value === event.target.value) ?? "system")}
        >
          {THEMES.map((value) => (
            <option key={value} value={value}>
              {t(`settings.themes.${value}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
