"""Makes small, valid documents of every kind that is read, from a seed and with nothing but Python itself. Used by many.py,
memory.py and make_fuzz_corpus.py. All words were written for this project."""

import base64
import io
import json
import struct
import zipfile
import zlib
from email.header import Header
from xml.sax.saxutils import escape

HAN = ("档案 制度 规定 设备 温度 压力 合同 期限 员工 假期 仓库 阀门 水泵 传感器 记录 维修 检查 预算 报告 会议 部门 客户 产品 质量 标准 "
       "流程 审批 采购 供应商 库存 运输 安全 培训 考核 工资 奖金 项目 计划 进度 风险 数据 系统 网络 服务器 软件 接口 密码 权限 日志 备份 "
       "图书 借阅 读者 茶园 气象 观测 雨量 风速 河流 桥梁 道路 车站 学校 课程 教师 学生 医院 病人 药品 手术 银行 贷款 利率 保险").split()
VERBS = "应当 可以 必须 不得 需要 负责 完成 提交 批准 检查 更换 记录 保存 通知 测量 安装 调整 公布 登记 说明".split()
TRADITIONAL = ("檔案 制度 規定 設備 溫度 壓力 合約 期限 員工 假期 倉庫 閥門 水泵 感測器 記錄 維修 檢查 預算 報告 會議 部門 客戶 產品 品質 標準 "
               "流程 審批 採購 供應商 庫存 運輸 安全 訓練 考核 薪資 獎金 專案 計畫 進度 風險 資料 系統 網路 伺服器 軟體").split()
TRADITIONAL_VERBS = "應當 可以 必須 不得 需要 負責 完成 提交 批准 檢查 更換 記錄 保存 通知 測量 安裝 調整 公布 登記 說明".split()
LATIN = ("archive policy rule device temperature pressure contract period employee leave warehouse valve pump sensor record repair "
         "inspection budget report meeting department customer product quality standard process approval purchase supplier stock "
         "transport safety training review salary project plan progress risk data system network server software interface access "
         "backup library reader garden weather rainfall wind river bridge road station school course teacher student hospital bank "
         "loan interest insurance engine bearing filter motor cable switch battery").split()
DOES = "check replace record store submit approve measure install adjust publish register explain keep close open clean".split()


class Words:
    """Sentences that differ from one another, in Chinese and English."""

    def __init__(self, rng):
        self.rng = rng

    def chinese(self):
        return self.han(HAN, VERBS, "在第{}天之前由", "与", "为")

    def traditional(self):
        return self.han(TRADITIONAL, TRADITIONAL_VERBS, "在第{}天之前由", "與", "為")

    def han(self, nouns, verbs, before, joined, amounts):
        pick = self.rng.choice
        return (f"{pick(nouns)}{pick(nouns)}{pick(verbs)}{before.format(self.rng.randint(1, 999))}{pick(nouns)}{pick(verbs)}，"
                f"{pick(nouns)}{joined}{pick(nouns)}的{pick(nouns)}{amounts}{self.rng.randint(1, 9999)}。")

    def english(self):
        pick = self.rng.choice
        return (f"The {pick(LATIN)} {pick(LATIN)} of the {pick(LATIN)} must {pick(DOES)} the {pick(LATIN)} {self.rng.randint(2, 999)} "
                f"times before the {pick(LATIN)} can {pick(DOES)} its {pick(LATIN)} and {pick(LATIN)}.")

    def sentence(self, language):
        return {"en": self.english, "hant": self.traditional}.get(language, self.chinese)()

    def paragraph(self, language, sentences):
        return (" " if language == "en" else "").join(self.sentence(language) for _ in range(sentences))


class Pdf:
    """Pages of text in one font whose glyphs are numbered as Unicode is; a ToUnicode map says so, as good programs write it.
    The font's outlines are left out: readers of text have no use for them."""

    def __init__(self, packed=True):
        self.packed, self.pages = packed, []

    def page(self, lines):
        shown = [f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in lines]
        self.pages.append(("BT /F1 11 Tf 16 TL 56 790 Td\n" + "\n".join(shown) + "\nET").encode())

    def stream(self, content, extra=b""):
        if self.packed:
            content, extra = zlib.compress(content), extra + b"/Filter/FlateDecode"
        return b"<<" + extra + b"/Length %d>>stream\n%s\nendstream" % (len(content), content)

    def bytes(self, title="Report"):
        ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(256) if not 0xD8 <= high <= 0xDF]
        parts = [ranges[at:at + 100] for at in range(0, len(ranges), 100)]
        listed = "\n".join(f"{len(part)} beginbfrange\n" + "\n".join(part) + "\nendbfrange" for part in parts)
        unicode_map = ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /W def /CMapType 2 def\n"
                       f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{listed}\nendcmap end end").encode()
        first = 8
        kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(self.pages)))
        objects = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Count {len(self.pages)}/Kids[{kids}]/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>>>".encode(),
            b"<</Type/Font/Subtype/Type0/BaseFont/Wenyuan/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Wenyuan/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            b"/FontDescriptor 5 0 R/DW 1000/W[32 126 500]/CIDToGIDMap/Identity>>",
            b"<</Type/FontDescriptor/FontName/Wenyuan/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120"
            b"/CapHeight 700/StemV 80>>",
            self.stream(unicode_map),
            b"<</Title<feff" + title.encode("utf-16-be").hex().encode() + b">>>",
        ]
        for number, content in enumerate(self.pages):
            objects.append(f"<</Type/Page/Parent 2 0 R/Contents {first + 2 * number + 1} 0 R>>".encode())
            objects.append(self.stream(content))
        out, places = io.BytesIO(), []
        out.write(b"%PDF-1.5\n%\xe4\xb8\xad\xe6\n")
        for number, content in enumerate(objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
        out.write(b"trailer\n<</Size %d/Root 1 0 R/Info 7 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
        return out.getvalue()


def wrapped(text, width):
    """Lines of about `width` half-width columns; Latin words stay whole."""
    line, lines, used = "", [], 0
    for word in text.replace(" ", " \0").split("\0"):
        for piece in [word] if word.isascii() else word:
            columns = sum(1 if character.isascii() else 2 for character in piece)
            if used + columns > width and line and piece not in "，。":
                lines.append(line.rstrip())
                line, used = "", 0
            line, used = line + piece, used + columns
    return lines + [line]


def pdf(title, paragraphs, packed=True, lines_per_page=44):
    writer, lines = Pdf(packed), [title, ""]
    for paragraph in paragraphs:
        lines += wrapped(paragraph, 84) + [""]
    for start in range(0, len(lines), lines_per_page):
        writer.page(lines[start:start + lines_per_page])
    return writer.bytes(title)


def packed(parts, stored=("mimetype",)):
    """A zip archive with the same bytes in every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8"?>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def office(main, main_type, parts, relations=()):
    """An Office Open XML package around its main part."""
    types = (f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
             f'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" '
             f'ContentType="application/vnd.openxmlformats-officedocument.{main_type}.main+xml"/></Types>')
    root = (f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="{main}"/>'
            "</Relationships>")
    folder, file = main.split("/")
    named = "".join(f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>' for name, kind, target in relations)
    listed = f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{named}</Relationships>'
    return packed([("[Content_Types].xml", types), ("_rels/.rels", root), (f"{folder}/_rels/{file}.rels", listed), *parts])


def docx(title, paragraphs):
    def paragraph(text, style=""):
        style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{style}<w:r><w:t xml:space=\"preserve\">{escape(text)}</w:t></w:r></w:p>"
    table = "<w:tbl>" + "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows(paragraphs)) + "</w:tbl>"
    body = paragraph(title, "Heading1") + "".join(map(paragraph, paragraphs)) + table
    document = (f'{XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body>'
                "</w:document>")
    return office("word/document.xml", "wordprocessingml.document", [("word/document.xml", document)])


def rows(paragraphs):
    """A little table about the paragraphs."""
    return [("项目", "name", "数量")] + [(text[:6], f"row {number}", str(len(text))) for number, text in enumerate(paragraphs, 1)]


def xlsx(title, paragraphs):
    def cell(place, text):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
    lines = [(title,), *rows(paragraphs), *((text,) for text in paragraphs)]
    data = "".join(f'<row r="{row}">' + "".join(cell(f"{'ABC'[column]}{row}", text) for column, text in enumerate(cells)) + "</row>"
                   for row, cells in enumerate(lines, 1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'{XML}<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>'
    workbook = (f'{XML}<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="{escape(title)[:20]}" sheetId="1" r:id="s1"/>'
                "</sheets></workbook>")
    return office("xl/workbook.xml", "spreadsheetml.sheet",
                  [("xl/workbook.xml", workbook), ("xl/worksheets/sheet1.xml", sheet)], [("s1", "worksheet", "worksheets/sheet1.xml")])


def pptx(title, paragraphs):
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slides_ns = "http://schemas.openxmlformats.org/presentationml/2006/main"

    def slide(number, text):
        shapes = "".join(f'<p:sp><p:nvSpPr><p:cNvPr id="{at}" name="s"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>'
                         f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p></p:txBody></p:sp>"
                         for at, (kind, line) in enumerate([("title", f"{title} {number}"), ("body", text)], 2))
        return (f'{XML}<p:sld xmlns:a="{drawing}" xmlns:r="{OFFICE}" xmlns:p="{slides_ns}"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" '
                f'name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>')
    names = [f"slide{number}" for number in range(1, len(paragraphs) + 1)]
    listed = "".join(f'<p:sldId id="{256 + at}" r:id="{name}"/>' for at, name in enumerate(names))
    show = f'{XML}<p:presentation xmlns:r="{OFFICE}" xmlns:p="{slides_ns}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
    parts = [("ppt/presentation.xml", show)]
    parts += [(f"ppt/slides/{name}.xml", slide(at, text)) for at, (name, text) in enumerate(zip(names, paragraphs), 1)]
    return office("ppt/presentation.xml", "presentationml.presentation", parts,
                  [(name, "slide", f"slides/{name}.xml") for name in names])


def open_document(kind, body):
    mime = f"application/vnd.oasis.opendocument.{kind}"
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table"))
    names += ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    content = (f'{XML}<office:document-content {names} office:version="1.2"><office:body><office:{kind}>{body}</office:{kind}></office:body>'
               "</office:document-content>")
    manifest = (f'{XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
                f'manifest:full-path="/" manifest:media-type="{mime}"/></manifest:manifest>')
    return packed([("mimetype", mime), ("content.xml", content), ("META-INF/manifest.xml", manifest)])


def odt(title, paragraphs):
    body = f'<text:h text:outline-level="1">{escape(title)}</text:h>' + "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs)
    return open_document("text", body)


def ods(title, paragraphs):
    def row(cells):
        return "<table:table-row>" + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>' for cell in cells
        ) + "</table:table-row>"
    lines = [*rows(paragraphs), *((text,) for text in paragraphs)]
    return open_document("spreadsheet", f'<table:table table:name="{escape(title)}">' + "".join(map(row, lines)) + "</table:table>")


def odp(title, paragraphs):
    pages = "".join(f'<draw:page draw:name="p{at}"><draw:frame><draw:text-box><text:p>{escape(line)}</text:p></draw:text-box></draw:frame>'
                    "</draw:page>" for at, line in enumerate([title, *paragraphs]))
    return open_document("presentation", pages)


def rtf(title, paragraphs):
    def coded(text):
        units = struct.iter_unpack("<h", text.encode("utf-16-le"))
        return "".join(chr(unit) if 32 <= unit < 127 and chr(unit) not in "\\{}" else f"\\u{unit}?" for (unit,) in units)
    body = "".join(f"{coded(text)}\\par\n" for text in [title, *paragraphs])
    return f"{{\\rtf1\\ansi\\ansicpg936\\deff0{{\\fonttbl{{\\f0 SimSun;}}}}\n{body}}}".encode()


def html(title, paragraphs, charset="utf-8"):
    body = "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs)
    table = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(paragraphs))
    return (f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{escape(title)}</title></head><body><nav><a href="/">首页</a></nav>'
            f"<main><h1>{escape(title)}</h1>{body}<table>{table}</table></main></body></html>").encode(charset, "xmlcharrefreplace")


def epub(title, paragraphs):
    container = (f'{XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
                 'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>')
    chapters = [f"c{at}" for at in range(1, len(paragraphs) + 1)]
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    book = (f'{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(title)}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>")
    pages = [(f"OEBPS/{name}.xhtml", f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{name}</title></head><body><h1>第 {at} 章'
              f"</h1><p>{escape(text)}</p></body></html>") for at, (name, text) in enumerate(zip(chapters, paragraphs), 1)]
    return packed([("mimetype", "application/epub+zip"), ("META-INF/container.xml", container), ("OEBPS/book.opf", book), *pages])


def markdown(title, paragraphs):
    parts = [f"# {title}"]
    for at, text in enumerate(paragraphs, 1):
        parts.append(f"## {at}. {text[:8]}\n\n{text}\n\n- **{text[:4]}**\n- `{at}`")
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows(paragraphs)).replace("\n", "\n|---|---|---|\n", 1)
    return "\n\n".join([*parts, table]).encode()


def table_text(paragraphs, between):
    """Rows of a CSV file, in quotes where they need them."""
    def cell(text):
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in f'{between}"\n') else text
    lines = [("number", "text", "length"), *((str(at), text, str(len(text))) for at, text in enumerate(paragraphs, 1))]
    return "\r\n".join(between.join(map(cell, line)) for line in lines).encode()


def message(title, paragraphs, attachment=None):
    """A mail in base64, with a file attached."""
    def coded(content):
        return base64.encodebytes(content).decode()
    body = "\n\n".join(paragraphs)
    lines = ["From: =?utf-8?b?5byg5LiJ?= <zhang@example.org>", "To: lee@example.org", f"Subject: {Header(title, 'utf-8').encode()}",
             "Date: Wed, 01 May 2024 12:00:00 +0800", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="part"', "",
             "--part", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", coded(body.encode())]
    if attachment:
        name, content = attachment
        lines += ["--part", f'Content-Type: application/octet-stream; name="{name}"', f'Content-Disposition: attachment; filename="{name}"',
                  "Content-Transfer-Encoding: base64", "", coded(content)]
    return "\n".join([*lines, "--part--", ""]).encode()


def mailbox(title, paragraphs):
    letters = [b"From zhang@example.org Wed May  1 12:00:00 2024\n" + message(f"{title} {at}", [text]) + b"\n"
               for at, text in enumerate(paragraphs, 1)]
    return b"".join(letters)


def source(title, paragraphs):
    functions = "\n\n".join(f"def step_{at}(value):\n    \"\"\"{text}\"\"\"\n    return value * {at}" for at, text in enumerate(paragraphs, 1))
    return f'"""{title}"""\n\n\n{functions}\n'.encode()


def notebook(title, paragraphs):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [f"# {title}\n"]}]
    cells += [{"cell_type": "code", "execution_count": at, "metadata": {}, "outputs": [], "source": [f"# {text}\n", f"x = {at}"]}
              for at, text in enumerate(paragraphs, 1)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False).encode()


def png(title="", width=64, height=64, shade=255):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = (b"\0" + bytes([shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"Title\0" + title.encode()) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def plain(encoding):
    return lambda title, paragraphs: "\r\n\r\n".join([title, *paragraphs]).encode(encoding)


def archive(title, paragraphs):
    return packed([(f"{title}/说明.txt", paragraphs[0]), ("table.csv", table_text(paragraphs, ",")), ("deep/report.docx", docx(title, paragraphs)),
                   ("inner.zip", packed([("inner.md", markdown(title, paragraphs[-1:]))]))])


# Name ending, language of its text, writer. A picture has no text of its own.
KINDS = [
    ("txt", "zh", plain("utf-8")), ("txt", "en", plain("utf-8-sig")), ("txt", "zh", plain("gb18030")), ("txt", "zh", plain("gbk")),
    ("txt", "hant", plain("big5")), ("txt", "zh", plain("utf-16")), ("md", "zh", markdown), ("md", "en", markdown),
    ("html", "zh", html), ("htm", "zh", lambda title, paragraphs: html(title, paragraphs, "gbk")), ("html", "en", html),
    ("csv", "zh", lambda title, paragraphs: table_text(paragraphs, ",")), ("tsv", "en", lambda title, paragraphs: table_text(paragraphs, "\t")),
    ("json", "zh", lambda title, paragraphs: json.dumps({"title": title, "parts": paragraphs}, ensure_ascii=False).encode()),
    ("jsonl", "en", lambda title, paragraphs: "\n".join(json.dumps({"n": at, "text": text}) for at, text in enumerate(paragraphs)).encode()),
    ("ipynb", "zh", notebook), ("docx", "zh", docx), ("docx", "en", docx), ("xlsx", "zh", xlsx), ("pptx", "zh", pptx), ("pptx", "en", pptx),
    ("odt", "en", odt), ("ods", "zh", ods), ("odp", "zh", odp), ("rtf", "zh", rtf), ("rtf", "en", rtf), ("epub", "zh", epub),
    ("eml", "zh", lambda title, paragraphs: message(title, paragraphs, ("notes.txt", paragraphs[0].encode()))), ("mbox", "en", mailbox),
    ("zip", "zh", archive), ("pdf", "zh", pdf), ("pdf", "en", pdf), ("py", "zh", source), ("java", "en", source),
    ("png", None, lambda title, paragraphs: png(title)),
]
