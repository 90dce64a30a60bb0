// What is uploaded: files of tests/fixtures by extension where there are any, else short texts written here.
import { readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../fixtures", import.meta.url));

const zhText = `# 图书馆借阅规则

## 借阅期限
本科生每次最多借十五册，借期三十天，可以续借一次。研究生每次最多借三十册，借期六十天。教师的借期为九十天。

## 逾期与赔偿
逾期归还的，每册每天收取两角钱。遗失图书的，应在两周内购买同一版本归还；买不到的，按原价的三倍赔偿。1950 年以前出版的图书只能在古籍阅览室阅读，不外借。

## 开放时间
阅览室每天早上八点开门，晚上十点半闭馆。国庆节期间，只开放一楼的报刊室。𠮷田文库须提前两天预约。
`;

const enText = `# Lighthouse keeper's manual

## Lamp
The lamp is lit forty minutes before sunset and put out twenty minutes after sunrise. The lens turns once every thirty seconds. The spare bulb is kept in the green cabinet on the second landing.

## Fog signal
The fog signal sounds three blasts every ninety seconds while visibility is below two nautical miles. The compressor needs twelve litres of diesel for a night.

## Visitors
Visitors may climb the tower on Tuesdays and Saturdays. At most six people may be on the gallery at once, and children must be held by the hand.
`;

const plain = (name, text) => ({ name, mimeType: "text/markdown", buffer: Buffer.from(text) });

/** Texts for the pictures in the manual, each with a question that it answers. */
export const zhSample = { file: plain("图书馆借阅规则.md", zhText), question: "遗失图书应该怎样赔偿？" };
export const enSample = { file: plain("Lighthouse keeper's manual.md", enText), question: "On which days may visitors climb the tower?" };

/** The largest fitting file: one that carries its fonts is larger than one that does not, and surely readable. What was
 * scanned or locked is not: that takes more than reading. */
function found(extension, wanted) {
  let names = [];
  try {
    names = readdirSync(folder, { recursive: true }).map(String);
  } catch {
    // No fixtures in this checkout.
  }
  const hard = /scan|locked|password/i;
  const fitting = names.filter(
    (name) => extname(name) === extension && wanted.test(basename(name, extension)) && !hard.test(name),
  );
  const size = (name) => statSync(join(folder, name)).size;
  return fitting.sort((one, other) => size(other) - size(one))[0] ?? null;
}

async function upload(extension, wanted, name, text) {
  const path = found(extension, wanted);
  if (path === null) {
    process.stderr.write(`### no ${extension} in tests/fixtures: ${name}, written by the test, is uploaded instead\n`);
    return plain(name, text);
  }
  return { name: basename(path), mimeType: "application/octet-stream", buffer: await readFile(join(folder, path)) };
}

/** A Chinese PDF and an English DOCX that should be readable. */
export const zhFile = () => upload(".pdf", /(^|[-_. ])(zh|chinese)([-_. ]|$)|\p{Script=Han}/iu, "借阅规则.md", zhText);
export const enFile = () => upload(".docx", /(^|[-_. ])(en|english)([-_. ]|$)/i, "keeper manual.md", enText);

/** A PDF that breaks off after its first line, and a file without a byte. */
export const damaged = {
  name: "broken.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.concat([Buffer.from("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<< /Type /Catalog"), Buffer.alloc(200, 7)]),
};
export const empty = { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) };

/** Two pages behind a password (made by scripts/make_locked_pdf.py). */
export const locked = {
  file: {
    name: "kelp-cellar-en-locked.pdf",
    mimeType: "application/pdf",
    buffer: await readFile(join(folder, "kelp-cellar-en-locked.pdf")),
  },
  password: "kelp-and-lantern",
};

/** A PDF of as many pages as texts, each some lines long; enough of the format for any reader of it. */
function pdf(pages) {
  const font = 3 + pages.length * 2;
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    ...pages.flatMap((lines, index) => {
      const shown = lines.map((line) => `(${line}) Tj T*`).join(" ");
      const content = `BT /F1 11 Tf 16 TL 60 720 Td ${shown} ET`;
      const resources = `<< /Font << /F1 ${font} 0 R >> >>`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources ${resources} /Contents ${4 + index * 2} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(offset).padStart(10, "0");
  });
  const table = offsets.map((offset) => `${offset} 00000 n \n`).join("");
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}

/** Two pages, on each of which something else stands. */
export const twoPages = {
  file: {
    name: "kelp-drying-two-pages.pdf",
    mimeType: "application/pdf",
    buffer: pdf([
      ["Drying the kelp", "Fresh kelp hangs on the north racks for nine days before it is carried inside.", "Racks are never placed below the tide line of the harbour wall."],
      ["Weighing the kelp", "A bundle of dried kelp weighs seven kilograms and is tied with two knots.", "The clerk enters every bundle in the blue ledger before noon."],
    ]),
  },
  question: "How much does a bundle of dried kelp weigh?",
};

/** A question that the text must be able to answer, whatever it is about: after one of its own sentences. */
export function questionAbout(text, language) {
  const zh = language === "zh";
  const sentences = text.split(zh ? /[。！？\n]/ : /(?<=[.!?])\s|\n/).map((sentence) => sentence.trim());
  const fitting = sentences.filter((sentence) => {
    const characters = Array.from(sentence).length;
    const own = zh ? /\p{Script=Han}/gu : /[a-z]/gi;
    const share = (sentence.match(own)?.length ?? 0) / Math.max(1, characters);
    return share > 0.7 && characters >= (zh ? 14 : 40) && characters <= (zh ? 60 : 160);
  });
  const chosen = fitting[Math.floor(fitting.length / 2)];
  if (chosen === undefined) throw new Error(`no sentence to ask about in: ${text.slice(0, 200)}`);
  return zh ? `${chosen}，是这样吗？` : `Is it true that ${chosen.replace(/[.!?]$/, "")}?`;
}
