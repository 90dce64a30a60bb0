import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiFailure } from "../api/failure";
import type { Reason } from "../api/types";
import { formatBytes, formatCount, formatDate, formatDuration } from "../text/format";
import { zh } from "./zh";

/** Translation and number formatting bound to the page's language, for components. */

function isKey<T extends object>(table: T, code: string): code is Extract<keyof T, string> {
  return Object.hasOwn(table, code);
}

export function useWords() {
  const { t, i18n } = useTranslation();
  const language = i18n.resolvedLanguage ?? "en";
  return useMemo(() => {
    const reason = ({ code, message, page }: Reason): string => {
      if (isKey(zh.errors, code)) return t(`errors.${code}`);
      if (page !== undefined && isKey(zh.warnings, code)) return t(`warnings.${code}`, { page });
      return message === "" ? t("errors.unknown") : message;
    };
    return {
      t,
      language,
      reason,
      /** What went wrong with a call: the server words it in our language, with the particulars; else by its code. */
      failure: (error: unknown): string => {
        if (!(error instanceof ApiFailure)) return t("errors.unknown");
        return error.message === "" ? reason({ code: error.code, message: "" }) : error.message;
      },
      /** `count` chooses the plural, `formatted` is shown. */
      counted: (count: number) => ({ count, formatted: formatCount(count, language) }),
      count: (value: number) => formatCount(value, language),
      bytes: (value: number) => formatBytes(value, language),
      duration: (value: number) => formatDuration(value, language),
      date: (iso: string) => formatDate(iso, language),
    };
  }, [t, language]);
}
