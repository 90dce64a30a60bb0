"""Files made to do harm, or broken as files get broken: bombs, cuts, loops, lies and noise. Used by many.py.

Each maker gets a source of chance and gives a name ending and bytes. Reading one must end as a document or as a failure with
a reason; nothing else may come of it."""

import io
import struct
import zipfile
import zlib

import documents
from documents import packed


def zip_bomb(rng):
    return "zip", packed([("zeros.txt", b"0" * (60 << 20)), (f"{rng.random()}.txt", "ok")])


def nested_bomb(rng):
    content = packed([("a.txt", b" a" * (8 << 20))])
    for depth in range(3):
        content = packed([(f"{rng.randint(0, 99)}-{copy}.zip", content) for copy in range(4)])
    return "zip", content


def deep_zip(rng):
    content = f"bottom {rng.random()}".encode()
    for depth in range(40):
        content = packed([(f"{depth}.zip" if depth else "a.txt", content)])
    return "zip", content


def overlapping_zip(rng):
    """A thousand names for one packed member, as the best bombs have it."""
    name, content = b"a.txt", b"overlap %d " % rng.randint(0, 1 << 30) + b"x" * (1 << 20)
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = raw.compress(content) + raw.flush()
    sizes = struct.pack("<III", zlib.crc32(content), len(body), len(content))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
    central = b""
    for number in range(1000):
        shown = b"%04d.txt" % number
        central += (b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
                    + struct.pack("<HHHHHII", len(shown), 0, 0, 0, 0, 0, 0) + shown)
    start = len(local) + len(body)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1000, 1000, len(central), start, 0)
    return "zip", local + body + central + end


def climbing_zip(rng):
    return "zip", packed([("../../../../tmp/climbed.txt", f"climb {rng.random()}"), ("/etc/absolute.txt", "absolute"),
                          ("C:\\Windows\\drive.txt", "drive"), ("ok/\u202etxt.exe", "reversed")])


def locked_zip(rng):
    content = bytearray(packed([("secret.txt", rng.randbytes(200))]))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return "zip", bytes(content)


def many_entries(rng):
    return "zip", packed([(f"{number}.txt", b"") for number in range(rng.randint(21_000, 22_000))])


def docx_with(body):
    document = f'{documents.XML}{body}'
    return documents.office("word/document.xml", "wordprocessingml.document", [("word/document.xml", document)])


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_bomb(rng):
    return "docx", docx_with(f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>{"a" * (300 << 20)}{rng.random()}</w:t></w:r></w:p></w:body></w:document>')


def docx_laughs(rng):
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12))
    return "docx", docx_with(f'<!DOCTYPE d [<!ENTITY l0 "lol{rng.random()}">{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
                             f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&l11;&f;</w:t></w:r></w:p></w:body></w:document>')


def docx_deep(rng):
    depth = rng.randint(20_000, 60_000)
    return "docx", docx_with(f'<w:document xmlns:w="{WORD}"><w:body>{"<w:tbl><w:tr><w:tc>" * depth}<w:p/>'
                             f'{"</w:tc></w:tr></w:tbl>" * depth}</w:body></w:document>')


def xlsx_far(rng):
    cells = "".join(f'<row r="{row}"><c r="XFD{row}" t="inlineStr"><is><t>far {rng.random()}</t></is></c></row>' for row in (1, 1_048_576))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = [("xl/workbook.xml", f'{documents.XML}<workbook xmlns="{main}" xmlns:r="{documents.OFFICE}"><sheets><sheet name="s" sheetId="1" '
              f'r:id="s1"/></sheets></workbook>'),
             ("xl/worksheets/sheet1.xml", f'{documents.XML}<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>')]
    return "xlsx", documents.office("xl/workbook.xml", "spreadsheetml.sheet", parts, [("s1", "worksheet", "worksheets/sheet1.xml")])


def ods_repeated(rng):
    row = ('<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="string" '
           f'table:number-columns-repeated="16000"><text:p>again {rng.random()}</text:p></table:table-cell></table:table-row>')
    return "ods", documents.open_document("spreadsheet", f'<table:table table:name="s">{row}</table:table>')


def epub_outside(rng):
    container = (f'{documents.XML}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
                 f'full-path="../../../etc/passwd"/></rootfiles></container>')
    return "epub", packed([("mimetype", "application/epub+zip"), ("META-INF/container.xml", container), ("x", rng.randbytes(9))])


def open_brackets(rng):
    return "json", b"[" * rng.randint(100_000, 300_000)


def deep_html(rng):
    depth = rng.randint(30_000, 60_000)
    return "html", b"<html><body>" + b"<div><b>" * depth + b"deep" + b"</b></div>" * depth


def deep_rtf(rng):
    depth = rng.randint(50_000, 100_000)
    return "rtf", b"{\\rtf1 " + b"{" * depth + b"deep" + b"}" * depth


def rtf_binary(rng):
    return "rtf", b"{\\rtf1 before \\bin2147483647 " + rng.randbytes(400) + b"}"


def deep_mail(rng):
    parts = [f"Subject: {rng.random()}\nMIME-Version: 1.0"]
    for depth in range(300):
        parts.append(f'Content-Type: multipart/mixed; boundary="b{depth}"\n\n--b{depth}')
    return "eml", ("\n".join(parts) + "\nContent-Type: text/plain\n\ndeep\n").encode()


def endless_header(rng):
    return "eml", b"From: a@example.org\nSubject: " + b"=?utf-8?q?" + rng.randbytes(200_000).hex().encode() + b"\n\n"


def wide_csv(rng):
    return "csv", (",".join(str(rng.random()) for _ in range(5_000)) + "\n").encode() * 2


def open_quote(rng):
    return "csv", b'a,b,c\n1,"never closed ' + b"x,\n" * rng.randint(10_000, 30_000)


def one_line(rng):
    return "txt", "".join(rng.choice("没有标点的文字abc") for _ in range(120_000)).encode()


def noise(rng):
    return rng.choice(["txt", "pdf", "docx", "bin", "eml", "xlsx"]), rng.randbytes(rng.randint(1, 60_000))


def noise_behind_a_header(rng):
    head, ending = rng.choice([(b"%PDF-1.7\n", "pdf"), (b"PK\x03\x04", "docx"), (b"{\\rtf1", "rtf"), (b"\x89PNG\r\n\x1a\n", "png"),
                               (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"), (b"<html>", "html"), (b"From: a@b.c\n", "eml")])
    return ending, head + rng.randbytes(rng.randint(10, 20_000))


def empty(rng):
    return rng.choice(["txt", "pdf", "docx"]), b" \n" * rng.randint(0, 3000)


def broken_utf8(rng):
    text = bytearray(documents.Words(rng).paragraph("zh", 8).encode())
    for _ in range(rng.randint(1, 40)):
        text[rng.randrange(len(text))] = rng.randrange(256)
    return "txt", bytes(text)


def pdf_loop(rng):
    return "pdf", raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[2 0 R 2 0 R]>>" % rng.randint(1, 1 << 30)])


def pdf_count(rng):
    return "pdf", raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 2147483647/Kids[3 0 R]>>",
                           b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/X %d>>" % rng.randint(0, 1 << 30), b"<</Length -5>>stream\nBT\nendstream"])


def pdf_bomb(rng):
    content = zlib.compress(b"BT /F1 9 Tf (" + b"a" * (100 << 20) + b") Tj ET")
    for _ in range(rng.randint(1, 2)):
        content = zlib.compress(content)
    filters = b"/FlateDecode " * 3
    return "pdf", raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                           b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
                           b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content)])


def pdf_form_loop(rng):
    return "pdf", raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                           b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
                           b"<</Length 5>>stream\n/X Do\nendstream",
                           b"<</Type/XObject/Subtype/Form/BBox[0 0 %d 9]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream" % rng.randint(1, 99)])


def pdf_deep(rng):
    depth = rng.randint(20_000, 90_000)
    return "pdf", raw_pdf([b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * depth + b"]" * depth + b">>", b"<</Type/Pages/Count 0/Kids[]>>"])


def raw_pdf(objects):
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def valid(rng):
    ending, language, writer = rng.choice([kind for kind in documents.KINDS if kind[1]])
    words = documents.Words(rng)
    title = "標題" if language == "hant" else "标题"
    return ending, writer(title, [words.paragraph(language, 4) for _ in range(3)])


def cut(rng):
    ending, content = valid(rng)
    return ending, content[:int(len(content) * rng.uniform(0.1, 0.95))]


def flipped(rng):
    ending, content = valid(rng)
    content = bytearray(content)
    for _ in range(rng.randint(1, 60)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return ending, bytes(content)


def wrong_ending(rng):
    _, content = valid(rng)
    return rng.choice(["pdf", "docx", "txt", "png", "zip", "eml", "exe"]), content


def spliced(rng):
    ending, first = valid(rng)
    _, second = valid(rng)
    return ending, first[:rng.randrange(len(first))] + second[rng.randrange(len(second)):]


def huge_picture(rng):
    content = bytearray(documents.png(shade=rng.randrange(256)))
    content[16:24] = struct.pack(">II", 1 << 20, 1 << 20)
    return "png", bytes(content)


MAKERS = [zip_bomb, nested_bomb, deep_zip, overlapping_zip, climbing_zip, locked_zip, many_entries, docx_bomb, docx_laughs, docx_deep,
          xlsx_far, ods_repeated, epub_outside, open_brackets, deep_html, deep_rtf, rtf_binary, deep_mail, endless_header, wide_csv,
          open_quote, one_line, noise, noise_behind_a_header, empty, broken_utf8, pdf_loop, pdf_count, pdf_bomb, pdf_form_loop, pdf_deep,
          cut, flipped, wrong_ending, spliced, huge_picture]
# Names that would lead out of a folder, hide what they are, or are hard to show.
NAMES = ["../../{}", "C:\\{}", "{}\u202egnp", "a\"b;{}", "很长" * 60 + "{}", ".{}", "{} ", "-rf {}"]
