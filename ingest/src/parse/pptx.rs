//! PowerPoint slides (ECMA-376, PresentationML): text, tables and speaker notes, slide by slide in the order of the show.

use quick_xml::events::{BytesStart, Event};

use super::Context;
use super::package::Package;
use super::pictures::Pictures;
use super::relations::{relation_id, relations};
use super::table::Table;
use super::xml::{attribute, character_of, visit};
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError};

pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let limits = context.limits;
    let mut package = Package::open(bytes, limits)?;
    let presentation = package
        .part("ppt/presentation.xml")?
        .ok_or_else(|| ParseError::damaged("the PowerPoint file has no presentation part"))?;
    let targets = relations(&mut package, "ppt/presentation.xml")?;
    let mut order = Vec::new();
    visit(&presentation, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && element.local_name().as_ref() == "sldId"
        {
            order.extend(relation_id(element).and_then(|id| targets.get(&id).cloned()));
        }
    });
    let total = u32::try_from(order.len()).unwrap_or(u32::MAX);
    if total > limits.pages {
        return Err(ParseError::TooManyPages {
            pages: total,
            limit: limits.pages,
        });
    }
    let mut blocks = Vec::new();
    let mut pictures = Pictures::new(context);
    for (number, (_, path)) in (1..).zip(&order) {
        let mut found = slide(&mut package, path, &mut pictures)?;
        for block in &mut found {
            block.page_starts = vec![(0, number)];
        }
        blocks.append(&mut found);
    }
    let (title, details) = package.properties()?;
    Ok(RawDocument {
        title,
        details,
        pages: total,
        warnings: pictures.warnings(),
        ..RawDocument::new(Kind::Pptx, blocks)
    })
}

/// A slide's blocks, those of its diagrams, what is read in its pictures, then its notes.
fn slide(
    package: &mut Package<'_>,
    path: &str,
    pictures: &mut Pictures<'_, '_>,
) -> Result<Vec<RawBlock>, ParseError> {
    let Some(xml) = package.part(path)? else {
        return Ok(Vec::new());
    };
    let mut blocks = shapes(&xml, false);
    let characters = blocks.iter().map(|block| block.text.chars().count()).sum();
    let mut beside: Vec<(String, String)> = relations(package, path)?.into_values().collect();
    beside.sort();
    for (kind, target) in beside {
        let notes = kind.ends_with("/notesSlide");
        if kind.ends_with("/image") {
            blocks.extend(pictures.text(package, &target, characters));
        } else if (notes || kind.ends_with("/diagramData"))
            && let Some(xml) = package.part(&target)?
        {
            blocks.extend(shapes(&xml, notes));
        }
    }
    Ok(blocks)
}

/// What a shape is to the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Title,
    Body,
    /// Number, date, header and footer; on notes the picture of the slide too.
    Furniture,
}

/// Collects paragraphs and tables of one part.
struct Shapes {
    blocks: Vec<RawBlock>,
    role: Role,
    notes: bool,
    text: String,
    in_text: bool,
    table: Option<(Table, String)>,
}

fn shapes(xml: &str, notes: bool) -> Vec<RawBlock> {
    let mut shapes = Shapes {
        blocks: Vec::new(),
        role: Role::Body,
        notes,
        text: String::new(),
        in_text: false,
        table: None,
    };
    visit(xml, |event| shapes.take(event));
    shapes.blocks
}

impl Shapes {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry nothing"
    )]
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => self.start(element),
            Event::Empty(element) => {
                self.start(element);
                self.end(element.local_name().as_ref());
            }
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) if self.in_text => self.text.push_str(&text.xml10_content()),
            Event::CData(text) if self.in_text => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if self.in_text => {
                self.text.extend(character_of(reference));
            }
            _ => {}
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "sp" => self.role = Role::Body,
            "ph" => {
                self.role = match attribute(element, "type").as_deref() {
                    Some("title" | "ctrTitle") => Role::Title,
                    Some("sldNum" | "dt" | "ftr" | "hdr") => Role::Furniture,
                    Some("sldImg") if self.notes => Role::Furniture,
                    Some(_) | None => Role::Body,
                }
            }
            "t" => self.in_text = true,
            "br" => self.text.push('\n'),
            "tab" => self.text.push(' '),
            "tbl" => self.table = Some((Table::default(), String::new())),
            "tc" => {
                if let Some((_, cell)) = &mut self.table {
                    cell.clear();
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => self.end_paragraph(),
            "tc" => {
                if let Some((table, cell)) = &mut self.table {
                    table.cell(cell);
                }
            }
            "tr" => {
                if let Some((table, _)) = &mut self.table {
                    table.end_row();
                }
            }
            "tbl" => {
                if let Some((table, _)) = self.table.take() {
                    self.blocks.extend(table.into_blocks());
                }
            }
            "sp" => self.role = Role::Body,
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if text.is_empty() || self.role == Role::Furniture {
            return;
        }
        if let Some((_, cell)) = &mut self.table {
            cell.push(' ');
            cell.push_str(text);
            return;
        }
        let kind = match self.role {
            _ if self.notes => BlockKind::Paragraph,
            Role::Title => BlockKind::Heading { level: 2 },
            Role::Body | Role::Furniture => BlockKind::ListItem,
        };
        // A title over two paragraphs is one.
        if let (Role::Title, Some(last)) = (self.role, self.blocks.last_mut())
            && matches!(last.kind, BlockKind::Heading { .. })
        {
            last.text.push(' ');
            last.text.push_str(text);
            return;
        }
        self.blocks.push(RawBlock::new(kind, text));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ParseLimits;
    use crate::parse::members::testing::{read_with, zip_of};

    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    fn shape(kind: &str, text: &str) -> String {
        format!(
            "<p:sp><p:nvPr><p:ph type=\"{kind}\"/></p:nvPr><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp>"
        )
    }

    fn relation(id: &str, kind: &str, target: &str) -> String {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    }

    /// Two slides whose files are in the other order than the show.
    fn slides() -> Vec<u8> {
        let table = "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>项目</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>金额</a:t></a:r></a:p></a:tc></a:tr>\
            <a:tr><a:tc><a:p><a:r><a:t>差旅</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>三千元</a:t></a:r></a:p></a:tc></a:tr></a:tbl>";
        let parts = [
            ("ppt/presentation.xml", "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"b\"/><p:sldId id=\"257\" r:id=\"a\"/></p:sldIdLst></p:presentation>".to_owned()),
            ("ppt/_rels/presentation.xml.rels", format!("<Relationships>{}{}</Relationships>", relation("a", "slide", "slides/slide1.xml"), relation("b", "slide", "slides/slide2.xml"))),
            ("ppt/slides/slide1.xml", format!("<p:sld>{}{table}</p:sld>", shape("title", "预算 &amp; 决算"))),
            ("ppt/slides/slide2.xml", format!("<p:sld>{}{}{}</p:sld>", shape("ctrTitle", "年度报告"), shape("body", "增长一成"), shape("sldNum", "1"))),
            ("ppt/slides/_rels/slide2.xml.rels", format!("<Relationships>{}</Relationships>", relation("n", "notesSlide", "../notesSlides/notesSlide1.xml"))),
            ("ppt/notesSlides/notesSlide1.xml", format!("<p:notes>{}{}</p:notes>", shape("body", "讲者备注：先说结论"), shape("sldNum", "1"))),
        ];
        zip_of(&parts)
    }

    #[test]
    fn slides_come_in_the_order_of_the_show_with_notes_and_tables() {
        let document = read_with(&slides(), &ParseLimits::default(), None, read).expect("slides");
        let found: Vec<(u32, &str)> = document
            .blocks
            .iter()
            .map(|block| (block.page_starts[0].1, block.text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (1, "年度报告"),
                (1, "增长一成"),
                (1, "讲者备注：先说结论"),
                (2, "预算 & 决算"),
                (2, "| 项目 | 金额 |\n| --- | --- |\n| 差旅 | 三千元 |"),
            ]
        );
        assert_eq!(document.pages, 2);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_with(&bytes, &ParseLimits::default(), None, read);
            let _ = shapes(&String::from_utf8_lossy(&bytes), true);
        }
    }
}
