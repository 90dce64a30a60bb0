/** Numbers for people, in the page's language. */

export function formatCount(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number, language: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit] ?? "TB"}`;
}

/** Milliseconds below a second, else seconds to one place; Intl sets no space before Chinese units. */
export function formatDuration(milliseconds: number, language: string): string {
  const short = milliseconds < 1000;
  const digits = new Intl.NumberFormat(language, { maximumFractionDigits: short ? 0 : 1 });
  const [small, large] = language.startsWith("zh") ? ["毫秒", "秒"] : ["ms", "s"];
  return short ? `${digits.format(milliseconds)} ${small}` : `${digits.format(milliseconds / 1000)} ${large}`;
}
