import type { Element, ElementContent, Root, RootContent, Text } from "hast";

import type { Sentence } from "../api/types";

/**
 * Tells which part of a Markdown answer is which sentence. The source gets an invisible sign after each sentence; once it
 * has been parsed and sanitized, the text before a sign is wrapped as that sentence and the sign becomes the place for
 * its citations. So a sentence may hold emphasis, or be a list item, without its marks getting into the syntax.
 */

const SIGN = "\uE000";
const FIRST_NUMBER = 0xe001;
const MOST_SENTENCES = 0xf8ff - FIRST_NUMBER;
const SIGNED = /\uE000([\uE001-\uF8FF])/g;
const PRIVATE = /[\uE000-\uF8FF]/g;

/** Closing marks of Markdown: the sign must stand inside them. */
const CLOSING = /[\s|`*_~]+$/;

/** The answer with a sign after each sentence, or null if the sentences are not in it word for word, in order. */
export function signSentences(answer: string, sentences: readonly Sentence[]): string | null {
  if (sentences.length > MOST_SENTENCES || PRIVATE.test(answer)) return null;
  let signed = "";
  let from = 0;
  for (const [index, sentence] of sentences.entries()) {
    const wanted = sentence.text.trim();
    const at = answer.indexOf(wanted, from);
    if (wanted === "" || at < 0) return null;
    const end = at + wanted.replace(CLOSING, "").length;
    signed += answer.slice(from, end) + SIGN + String.fromCharCode(FIRST_NUMBER + index);
    from = end;
  }
  return signed + answer.slice(from);
}

/** A rehype plugin; it must run after sanitizing, since it adds elements of ours. */
export function markSentences() {
  return (tree: Root): void => {
    const state = { sentence: 0 };
    tree.children = tree.children.flatMap((node) => mark(node, state));
  };
}

type Node = RootContent | ElementContent;

function mark<T extends Node>(node: T, state: { sentence: number }): (T | Element | Text)[] {
  if (node.type === "element") {
    node.children = node.children.flatMap((child) => mark(child, state));
    return [node];
  }
  return node.type === "text" && node.value.trim() !== "" ? marked(node.value, state) : [node];
}

function marked(text: string, state: { sentence: number }): (Element | Text)[] {
  // White space between sentences belongs to neither: it must not be underlined.
  const pieces: (Element | Text)[] = [];
  const add = (part: string) => {
    const space = /^\s*/.exec(part)?.[0] ?? "";
    if (space !== "") pieces.push({ type: "text", value: space });
    if (part !== space) pieces.push(piece("dataSentence", state.sentence, part.slice(space.length)));
  };
  let from = 0;
  for (const match of text.matchAll(SIGNED)) {
    state.sentence = (match[1] ?? "").charCodeAt(0) - FIRST_NUMBER;
    add(text.slice(from, match.index));
    pieces.push(piece("dataCitesOf", state.sentence, ""));
    state.sentence += 1;
    from = match.index + match[0].length;
  }
  add(text.slice(from));
  return pieces;
}

function piece(property: "dataSentence" | "dataCitesOf", sentence: number, text: string): Element {
  const children: ElementContent[] = text === "" ? [] : [{ type: "text", value: text }];
  return { type: "element", tagName: "span", properties: { [property]: String(sentence) }, children };
}
