#!/usr/bin/env python3
"""Makes tests/fixtures: small documents of our own with facts to ask about.

Needs reportlab, python-docx and fonttools, and a Noto Sans CJK font for the PDF with an embedded font:
    python3 scripts/make_fixtures.py [path of NotoSansCJK-Regular.ttc]
All texts were written for this project.
"""

import io
import sys
from pathlib import Path

from docx import Document
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont as FontFile
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
CJK_FONT = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"

HANDBOOK = [
    ("h", "云帆科技员工手册"),
    ("h", "第一章 工作时间"),
    ("p", "公司实行每周五天工作制，每天工作八小时。上午九点上班，下午六点下班，中午十二点至一点为午休时间。"
          "研发部门可以申请弹性工作，但核心时间上午十点至下午四点必须在岗。每月迟到累计超过三次的，当月不发全勤奖，全勤奖为每月三百元。"),
    ("h", "第二章 休假"),
    ("p", "员工入职满一年后享受带薪年休假。工作满一年不满五年的，年休假为七天；满五年不满十年的，年休假为十二天；满十年以上的，年休假为十八天。"
          "当年没有休完的年休假可以保留到次年三月三十一日，过期作废。"),
    ("p", "员工结婚可以享受十天婚假，婚假应当在领取结婚证后六个月内一次休完。直系亲属去世的，给予五天丧假。"
          "病假须提供二级以上医院的证明，病假期间按基本工资的百分之七十发放工资。"),
    ("h", "第三章 报销"),
    ("p", "差旅费应当在返回后十五个工作日内报销。国内出差的住宿标准为：一线城市每晚五百五十元，其他城市每晚三百八十元。"
          "出差期间每天发给伙食补贴一百二十元。单笔超过五千元的支出必须事先由部门经理和财务总监共同批准。"),
    ("h", "第四章 信息安全"),
    ("p", "员工密码长度不得少于十四位，每九十天更换一次。离职员工的账号在最后工作日的下午六点停用。"
          "发现资料泄露时，应当在两小时内报告信息安全负责人林若溪，电话分机 8206。"),
]

ARCHIVE = [
    ("h", "海燕三号气象站维护记录"),
    ("p", "海燕三号气象站位于青岚岛东侧山脊，海拔四百一十二米，二〇一九年六月建成。站内装有风速仪两台、雨量计一台和能见度仪一台，数据每十分钟回传一次。"),
    ("p", "二〇二三年台风“木槿”过境时，本站记录到每秒五十一点三米的最大阵风，为建站以来最高值。备用电池组连续供电三十七小时，没有丢失数据。"),
    ("p", "风速仪的轴承每十八个月更换一次，雨量计的滤网每季度清洗一次。上一次更换轴承由周砚秋于二〇二四年四月完成，使用的型号是 BR-608-2Z。"),
]


def wrap(text, size, width):
    """Cuts Chinese text into lines that fit, as a typesetter would."""
    line, lines, used = "", [], 0.0
    for character in text:
        advance = size * (0.55 if character.isascii() else 1)
        if used + advance > width and character not in "，。；：、”":
            lines.append(line)
            line, used = "", 0.0
        line += character
        used += advance
    return lines + [line]


def chinese_pdf(name, font, parts, header):
    page = canvas.Canvas(str(OUT / name), pagesize=A4, invariant=1)
    width, height = A4
    number, y = 1, height - 90

    def furniture():
        page.setFont(font, 9)
        page.drawString(72, height - 50, header)
        page.drawCentredString(width / 2, 40, f"第 {number} 页")

    furniture()
    for kind, text in parts:
        size = 16 if kind == "h" else 12
        for line in wrap(text, size, width - 144):
            if y < 420:
                page.showPage()
                number, y = number + 1, height - 90
                furniture()
            page.setFont(font, size)
            page.drawString(72, y, line)
            y -= size * 1.5
        y -= 10
    page.save()


def truetype_subset(text):
    """A TrueType font with just the characters of a text: reportlab cannot embed the outlines of Noto CJK."""
    font = FontFile(CJK_FONT, fontNumber=2)
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text + "0123456789 ")
    subsetter.subset(font)
    names, glyphs, outlines, metrics = font.getGlyphOrder(), font.getGlyphSet(), {}, {}
    for glyph in names:
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[glyph] = pen.glyph()
        metrics[glyph] = font["hmtx"][glyph]
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(font.getBestCmap())
    builder.setupGlyf(outlines)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    builder.setupNameTable({"familyName": "WenyuanFixture", "styleName": "Regular", "psName": "WenyuanFixture"})
    builder.setupOS2(sTypoAscender=font["OS/2"].sTypoAscender, sTypoDescender=font["OS/2"].sTypoDescender)
    builder.setupPost()
    data = io.BytesIO()
    builder.save(data)
    data.seek(0)
    return data


def manual_docx():
    document = Document()
    document.core_properties.title = "AeroPress 240 Compressor Manual"
    document.add_heading("AeroPress 240 Compressor Manual", 0)
    document.add_heading("Installation", 1)
    document.add_paragraph(
        "Place the compressor on a level floor that carries at least 180 kg. Leave 60 cm of free space on every side for cooling. "
        "Connect it to a 400 V three-phase supply with a 16 A fuse. The machine must stand for two hours before it is switched on for the first time."
    )
    document.add_heading("Operation", 1)
    document.add_paragraph(
        "The working pressure is 8.5 bar; the safety valve opens at 10.2 bar. Warm-up takes about four minutes. "
        "Do not run the compressor when the room is colder than 5 degrees Celsius, because water in the lines may freeze."
    )
    document.add_heading("Error codes", 2)
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("Code", "Meaning", "Remedy")):
        cell.text = text
    for row in (
        ("E07", "Oil temperature above 105 degrees", "Clean the cooler and check the fan belt"),
        ("E12", "Phase sequence wrong", "Swap two phases at the main switch"),
        ("E31", "Pressure sensor lost", "Replace sensor PX-44"),
    ):
        for cell, text in zip(table.add_row().cells, row):
            cell.text = text
    document.add_heading("Maintenance", 1)
    for item in (
        "Drain the condensate every day.",
        "Change the oil every 2,000 hours; the sump holds 6.4 litres of VDL 46 oil.",
        "Replace the air filter every 1,000 hours or once a year, whichever comes first.",
    ):
        document.add_paragraph(item, style="List Bullet")
    document.add_paragraph("The warranty lasts 36 months. Call the service line in Aarhus at extension 4417 for spare parts.")
    document.save(str(OUT / "compressor-manual-en.docx"))


GBK_TEXT = """枫林社区图书馆借阅办法

第一条 凡持有本社区居住证的居民，均可免费办理借书证，押金为五十元，退证时全额退还。

第二条 每张借书证一次最多可以借阅图书八册、期刊三册。图书借期为三十天，期刊借期为七天。到期前可以续借一次，续借期为十五天。

第三条 逾期不还的，每册每天收取一角滞纳金，最高不超过该书定价。遗失图书的，按原价的一点五倍赔偿。

第四条 图书馆每周一闭馆，周二至周日上午九点至晚上八点半开放。少儿阅览室设在二楼，可容纳六十四人。
"""

HTML = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>白石茶园春茶指南</title><script>var hidden = "不应出现的脚本";</script></head>
<body>
<nav><a href="/">首页</a> <a href="/shop">商店</a></nav>
<main>
<h1>白石茶园春茶指南</h1>
<h2>采摘</h2>
<p>白石茶园位于海拔九百二十米的云溪谷，共有茶树四十六亩。春茶从三月十八日开始采摘，只采一芽二叶，
每名采茶工每天大约能采鲜叶三公斤。</p>
<h2>冲泡</h2>
<p>建议用八十五度的水冲泡，茶与水的比例为一比五十。第一泡四十秒，以后每泡增加二十秒，可以冲泡五次。</p>
<h2>价格</h2>
<table><tr><th>等级</th><th>每百克价格</th><th>年产量</th></tr>
<tr><td>特级</td><td>三百六十元</td><td>八十公斤</td></tr>
<tr><td>一级</td><td>一百九十元</td><td>四百公斤</td></tr></table>
<ul><li>开封后请在六个月内饮用。</li><li>保存温度不要超过十度。</li></ul>
</main>
<footer>版权所有，页脚不应出现</footer>
</body>
</html>
"""


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    chinese_pdf("handbook-zh-font-not-embedded.pdf", "STSong-Light", HANDBOOK, "云帆科技 内部资料")
    letters = "".join(text for _, text in ARCHIVE) + "青岚岛气象台 资料第页"
    pdfmetrics.registerFont(TTFont("Fixture", truetype_subset(letters)))
    chinese_pdf("weather-station-zh-font-embedded.pdf", "Fixture", ARCHIVE, "青岚岛气象台 资料")
    manual_docx()
    (OUT / "library-rules-zh-gbk.txt").write_bytes(GBK_TEXT.replace("\n", "\r\n").encode("gbk"))
    (OUT / "tea-guide-zh.html").write_text(HTML, encoding="utf-8")


if __name__ == "__main__":
    main()
