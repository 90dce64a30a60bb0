#!/usr/bin/env python3
"""Makes tests/fixtures/kelp-cellar-en-locked.pdf for the browser tests: two pages of our own text behind a password.

Needs reportlab and pikepdf: python3 scripts/make_locked_pdf.py
The password is in tests/e2e/fixtures.mjs, and in web/dev/mock-ingest.mjs for the mock.
"""

import io
from pathlib import Path

import pikepdf
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen import canvas

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "kelp-cellar-en-locked.pdf"
PASSWORD = "kelp-and-lantern"
PAGES = [
    [
        "The kelp cellar",
        "",
        "The cellar under the lighthouse holds forty-one barrels of dried kelp.",
        "Every barrel is turned a quarter on the first Monday of the month.",
        "The damp gauge beside the stairs must never read above sixty-two.",
    ],
    [
        "The lantern",
        "",
        "The brass lantern by the door is filled with lamp oil on Fridays.",
        "Whoever takes it down the stairs writes the hour into the green book.",
    ],
]


def main():
    plain = io.BytesIO()
    paper = canvas.Canvas(plain, pagesize=A5, invariant=1)
    for lines in PAGES:
        paper.setFont("Helvetica", 10)
        for number, line in enumerate(lines):
            paper.drawString(48, A5[1] - 72 - 18 * number, line)
        paper.showPage()
    paper.save()
    with pikepdf.open(plain) as pdf:
        pdf.save(OUT, encryption=pikepdf.Encryption(owner=PASSWORD, user=PASSWORD, R=6))
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
