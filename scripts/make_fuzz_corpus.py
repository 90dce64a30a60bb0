"""Makes tests/fixtures/fuzz: a small valid file of every kind and a few with more of what their formats allow, for
ingest/tests/fuzz to cut, flip and splice. Always the same bytes. `old.xls` was made once with xlwt and is not made here.

    python3 scripts/make_fuzz_corpus.py
"""

import pathlib
import random

import documents
import hostile

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "fuzz"
WORD = f'xmlns:w="{hostile.WORD}"'

RTF = rb"""{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset0 Arial;}}{\colortbl;\red1\green2\blue3;}
{\stylesheet{\s1 heading 1;}}{\info{\title Pump \'ce\'c2}{\author Li}}{\*\generator none;}
\pard\s1\outlinelevel0\b Pump rules\b0\par\pard\f1 Text \u27700?\u27893? and \'c3\'c7 here.\line next\tab cell\par
{\listtext\bullet\tab}First item\par\trowd\cellx1000\cellx2000\pard\intbl one\cell two\cell\row
\trowd\cellx1000\cellx2000\pard\intbl three\cell four\cell\row{\pict\pngblip 89504e47}{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}
\bin4 abcd end\par}"""

HTML = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>泵房 &amp; 阀门</title><style>p{}</style></head><body>
<nav><ul><li><a href="/">首页</a></ul></nav><article><h1>泵房规定</h1><p>水泵应当每<b>三十天</b>检查一次，并记录压力与温度。</p>
<table><tr><th colspan=2>表</th></tr><tr><td rowspan=2>甲</td><td>1</td></tr><tr><td>2</td></tr></table><ol start=3><li>一<ul><li>二</ul></ol>
<pre>  code
    more</pre><p>A pump must be checked before it is started again, and its filter cleaned.<br>Second line.</p><script>x()</script>
</article></body></html>"""

MAIL = b"""Received: by x; Wed, 1 May 2024 12:00:00 +0800
From: "Zhang" <zhang@example.org>
To: lee@example.org
Subject: =?gb2312?B?uOa5pA==?= =?utf-8?q?_und_mehr?=
Date: Wed, 01 May 2024 12:00:00 +0800
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out"

--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=gb2312
Content-Transfer-Encoding: quoted-printable

=CB=AE=B1=C3=D3=A6=B5=B1=BC=EC=B2=E9 and a soft=
 break.
--in
Content-Type: text/html; charset=utf-8

<p>The <b>pump</b> must be checked.</p>
--in--
--out
Content-Type: message/rfc822

From: inner@example.org
Subject: inner

Inner text of the message.
--out
Content-Type: text/csv; name*=utf-8''%E8%A1%A8.csv
Content-Disposition: attachment; filename="t.csv"
Content-Transfer-Encoding: base64

YSxiCjEsMgozLDQK
--out--
"""

MARKDOWN = """---
title: 安装指南
tags: [a, b]
---
# 安装 Install

先下载 **安装包**，再运行 `setup`[^1]。

1. 打开
   - 等待
   - [x] done
2. 关闭

> 引用 > nested

| 项 | 值 |
|---|:-:|
| 端口 | 8080 |

```sh
make all
```

<div>html</div>

[^1]: 脚注 &copy; ![图](a.png)
"""


def word():
    """A Word file with styles, numbering, a footnote, a table in a table, a link and tracked changes."""
    def paragraph(text, properties=""):
        return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('inner')}</w:tc></w:tr></w:tbl>{paragraph('')}"
    body = (paragraph("泵房规定", '<w:pStyle w:val="1"/>') + paragraph("水泵每三十天检查一次。", numbered) + paragraph("阀门每年更换。", numbered)
            + f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("表")}</w:tc></w:tr><w:tr><w:tc>{inner}</w:tc>'
              f'<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{paragraph("b")}</w:tc></w:tr></w:tbl>'
            + '<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>here</w:t></w:r></w:ins><w:r><w:tab/><w:br/>'
              '<w:footnoteReference w:id="2"/></w:r><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>')
    styles = f'<w:styles {WORD}><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>'
    numbering = (f'<w:numbering {WORD}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
                 '<w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>')
    notes = f'<w:footnotes {WORD}><w:footnote w:id="2">{paragraph("脚注")}</w:footnote></w:footnotes>'
    parts = [("word/document.xml", f"{documents.XML}<w:document {WORD}><w:body>{body}</w:body></w:document>"), ("word/styles.xml", styles),
             ("word/numbering.xml", numbering), ("word/footnotes.xml", notes)]
    return documents.office("word/document.xml", "wordprocessingml.document", parts,
                            [("a", "styles", "styles.xml"), ("b", "numbering", "numbering.xml"), ("c", "footnotes", "footnotes.xml")])


def sheet():
    """A workbook with shared strings, dates, formulas and merged cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = ('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>45413.5</v></c>'
             '<c r="B2"><f>1+2</f><v>3</v></c></row><row r="4"><c r="A4" t="b"><v>1</v></c><c r="C4" t="e"><v>#N/A</v></c></row>')
    parts = [
        ("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{documents.OFFICE}"><sheets><sheet name="表" sheetId="1" r:id="s1"/></sheets></workbook>'),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells></worksheet>'),
        ("xl/sharedStrings.xml", f'<sst xmlns="{main}" count="2"><si><t>日期</t></si><si><r><t>数</t></r><r><t>量</t></r></si></sst>'),
        ("xl/styles.xml", f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'),
    ]
    return documents.office("xl/workbook.xml", "spreadsheetml.sheet", parts,
                            [("s1", "worksheet", "worksheets/sheet1.xml"), ("t", "sharedStrings", "sharedStrings.xml"), ("u", "styles", "styles.xml")])


def open_text():
    body = ('<text:h text:outline-level="1">泵房</text:h><text:list><text:list-item><text:p>一<text:s text:c="3"/>二<text:tab/></text:p></text:list-item>'
            '</text:list><table:table table:name="t"><table:table-row table:number-rows-repeated="2"><table:table-cell '
            'table:number-columns-repeated="3" table:number-columns-spanned="2"><text:p>cell</text:p></table:table-cell></table:table-row>'
            '</table:table><text:p>text<text:note><text:note-body><text:p>note</text:p></text:note-body></text:note><text:line-break/>end</text:p>')
    return documents.open_document("text", body)


def pdf_parts():
    """A PDF with an old kind of font, a form, an annotation, an outline and what looks like encryption."""
    stream = b"<</Length %d>>stream\n%s\nendstream"
    text = rb"BT /F1 12 Tf 72 700 Td (Pump \050rules\051 \101) Tj 0 -14 Td [(Check)-250(ed)] TJ T* <48656c6c6f> Tj ET /X Do BI /W 1 /H 1 ID x EI"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Matrix[1 0 0 1 5 5]/Length 30>>stream\nBT /F1 9 Tf 1 1 Td (form) Tj ET\nendstream"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FirstChar 65/LastChar 66/Widths[600 600]/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[65/A/uni6C34]>>>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Outlines 7 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/Rotate 90/MediaBox[0 0 595 842]/Contents[4 0 R]/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>/Annots[<</Subtype/FreeText/Contents(note)>>]>>",
        stream % (len(text), text), font, form, b"<</Type/Outlines/First 8 0 R/Count 1>>", b"<</Title(One)/Parent 7 0 R/Dest[3 0 R/Fit]>>",
    ]
    return hostile.raw_pdf(objects)


def locked_pdf():
    made = hostile.raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>",
                            b"<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>"])
    return made.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    words, counts = documents.Words(random.Random(7)), {}
    for ending, language, writer in documents.KINDS:
        counts[ending] = counts.get(ending, 0) + 1
        paragraphs = [words.paragraph(language or "zh", 1) for _ in range(2)]
        (OUT / f"plain-{counts[ending]}.{ending}").write_bytes(writer("標題" if language == "hant" else "标题", paragraphs))
    more = {"rich.rtf": RTF, "rich.html": HTML.encode(), "rich.eml": MAIL, "rich.md": MARKDOWN.encode(), "rich.docx": word(), "rich.xlsx": sheet(),
            "rich.odt": open_text(), "rich.pdf": pdf_parts(), "locked.pdf": locked_pdf(),
            "open.pdf": documents.pdf("标题", [words.chinese(), words.english()], packed=False)}
    for name, content in more.items():
        (OUT / name).write_bytes(content)
    print(f"{len(list(OUT.iterdir()))} files, {sum(path.stat().st_size for path in OUT.iterdir())} bytes")


if __name__ == "__main__":
    main()
