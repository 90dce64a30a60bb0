import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import { remember, recall } from "../settings/storage";
import { en } from "./en";
import { zh } from "./zh";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof zh };
  }
}

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language chosen before, else the first of the browser's that we have, else English. */
export function firstLanguage(stored: string | null, preferred: readonly string[]): Language {
  const known = (tag: string): Language | undefined => LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
  return known(stored ?? "") ?? preferred.map(known).find((language) => language !== undefined) ?? "en";
}

function showLanguage(language: string): void {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
}

export function chooseLanguage(language: Language): void {
  remember("language", language);
  void i18n.changeLanguage(language);
}

i18n.on("languageChanged", showLanguage);
void i18n.use(initReactI18next).init({
  resources: { zh: { translation: zh }, en: { translation: en } },
  lng: firstLanguage(recall("language"), navigator.languages),
  fallbackLng: "en",
  supportedLngs: LANGUAGES,
  initAsync: false,
  showSupportNotice: false,
  interpolation: { escapeValue: false },
});

export default i18n;
