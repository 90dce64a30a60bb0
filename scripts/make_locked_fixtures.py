#!/usr/bin/env python3
"""Makes the protected documents in tests/fixtures: one text under Office's two kinds of encryption, and as a PDF.

Needs msoffcrypto-tool, cryptography and reportlab. Salts are random: the files differ from run to run.
All texts were written for this project.
"""

import hashlib
import io
import struct
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
PASSWORD = "芝麻开门 2024"
# PDF passwords are ASCII here: older readers disagree about everything else.
PDF_PASSWORD = "open-sesame-7"
# What Excel uses for files that it opens without asking.
EXCELS_OWN = "VelvetSweatshop"
TEXT = "The vault of the harbour archive opens with two keys: one is kept by Mei Lin, the other by the night guard."

TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""
DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p></w:body></w:document>"""


def plain_docx():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr("_rels/.rels", RELATIONS)
        package.writestr("word/document.xml", DOCUMENT)
        # The container's writer damages packages that are shorter than one of its large sectors.
        package.writestr("docProps/filler.txt", "filler " * 700, zipfile.ZIP_STORED)
    return data.getvalue()


def agile(package, password, name):
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(package)).encrypt(password, out)
    (OUT / name).write_bytes(out.getvalue())


def standard(package, password, name):
    """Office 2007's encryption, after [MS-OFFCRYPTO] 2.3.4.5: AES-128 with a key from 50,000 rounds of SHA-1."""
    salt = hashlib.sha1(b"a salt of our own").digest()[:16]
    digest = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    for count in range(50_000):
        digest = hashlib.sha1(struct.pack("<I", count) + digest).digest()
    digest = hashlib.sha1(digest + struct.pack("<I", 0)).digest()
    key = hashlib.sha1(bytes(a ^ b for a, b in zip(b"\x36" * 64, digest.ljust(64, b"\0")))).digest()[:16]

    def sealed(data):
        sealer = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return sealer.update(data.ljust(-(-len(data) // 16) * 16, b"\0")) + sealer.finalize()

    verifier = hashlib.sha1(b"a verifier of our own").digest()[:16]
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\0".encode("utf-16-le")
    header = struct.pack("<8I", 0x24, 0, 0x660E, 0x8004, 128, 24, 0, 0) + provider
    info = struct.pack("<2HI", 4, 2, 0x24) + struct.pack("<I", len(header)) + header
    info += struct.pack("<I", 16) + salt + sealed(verifier)
    info += struct.pack("<I", 20) + sealed(hashlib.sha1(verifier).digest())
    content = struct.pack("<Q", len(package)) + sealed(package)
    out = io.BytesIO()
    ECMA376Encrypted(content, info).write_to(out)
    (OUT / name).write_bytes(out.getvalue())


def pdf(name):
    lock = StandardEncryption(PDF_PASSWORD, ownerPassword="only-ours", strength=128)
    page = canvas.Canvas(str(OUT / name), encrypt=lock)
    page.setFont("Helvetica", 12)
    for row, line in enumerate(TEXT.split(": ")):
        page.drawString(72, 720 - 16 * row, line)
    page.save()


def main():
    package = plain_docx()
    agile(package, PASSWORD, "vault-agile.docx")
    agile(package, EXCELS_OWN, "vault-never-asks.docx")
    standard(package, PASSWORD, "vault-standard.docx")
    pdf("vault.pdf")


if __name__ == "__main__":
    main()
