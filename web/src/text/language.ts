/** Which typesetting a piece of text wants: the reader's language says nothing about a document's. */
export function languageOf(text: string): "zh" | "en" {
  const sample = text.slice(0, 2000);
  const han = sample.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = sample.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return han * 4 > letters ? "zh" : "en";
}
