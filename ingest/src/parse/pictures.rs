//! Pictures within documents, read by text recognition: scans and screenshots that somebody put into a Word file or on a
//! slide.

use std::collections::HashSet;
use std::io::Cursor;

use image::ImageReader;

use super::package::Package;
use super::pdf::blocks_of_pictures;
use super::{Context, image as pictures};
use crate::Warning;
use crate::clean::RawBlock;

/// Pictures of one document that are read.
const MOST: usize = 200;

/// Where so many characters of text stand with a picture, it is passed by and counted: reading one takes seconds, and hundreds
/// of megabytes at worst, and beside text it is most often a figure. Scans and screenshots stand alone.
const ENOUGH_TEXT: usize = 300;

/// Smaller ones are marks and lines, in pixels on either side and in all.
const LEAST_SIDE: u32 = 40;
const LEAST_PIXELS: u64 = 30_000;

/// The pictures of one document while it is read.
pub(super) struct Pictures<'c, 'r> {
    context: &'c mut Context<'r>,
    /// Parts that were looked at: a logo on every slide is read once.
    seen: HashSet<String>,
    /// How sure each that has text was read, in percent.
    sure: Vec<u32>,
    unread: usize,
}

impl<'c, 'r> Pictures<'c, 'r> {
    pub(super) fn new(context: &'c mut Context<'r>) -> Self {
        Self {
            context,
            seen: HashSet::new(),
            sure: Vec::new(),
            unread: 0,
        }
    }

    /// The text of a picture in the package, the first time that it is asked for, where so many characters of text stand with
    /// it; nothing where there is none. One that is not read is counted, and costs nothing else.
    pub(super) fn text(
        &mut self,
        package: &mut Package<'_>,
        part: &str,
        beside: usize,
    ) -> Vec<RawBlock> {
        if !self.seen.insert(part.to_owned()) {
            return Vec::new();
        }
        let Some(bytes) = package.beside(part).filter(|bytes| may_have_text(bytes)) else {
            return Vec::new();
        };
        let read = if self.seen.len() > MOST || beside >= ENOUGH_TEXT {
            None
        } else {
            let picture = pictures::decode(&bytes, self.context.limits).ok();
            picture.and_then(|picture| self.context.recognition.read(&picture)?.ok())
        };
        let Some(read) = read else {
            self.unread += 1;
            return Vec::new();
        };
        if read.rows.is_empty() {
            return Vec::new();
        }
        self.sure.push(read.percent());
        let mut blocks = blocks_of_pictures(&[(1, read)]);
        for block in &mut blocks {
            // Where it stands in the picture is no place of the document.
            block.page_starts.clear();
            block.places.clear();
        }
        blocks
    }

    /// What is to be known about all of them.
    pub(super) fn warnings(self) -> Vec<Warning> {
        let warning = |code: &str, message| Warning {
            code: code.to_owned(),
            page: None,
            message,
        };
        let mut warnings = Vec::new();
        if let Some(count) = (!self.sure.is_empty()).then_some(self.sure.len() as u32) {
            let sure = self.sure.iter().sum::<u32>() / count;
            warnings.push(warning(
                "pictures_read_by_ocr",
                format!("Pictures in the document ({count}) were read by OCR, {sure}% sure."),
            ));
        }
        if self.unread > 0 {
            warnings.push(warning(
                "pictures_unread",
                format!(
                    "Pictures in the document ({}) were not read. Save it as PDF and add that, if there is text in them.",
                    self.unread
                ),
            ));
        }
        warnings
    }
}

/// Whether it is a picture in a format that is read, and large enough to be one of text.
fn may_have_text(bytes: &[u8]) -> bool {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.is_some_and(|(width, height)| {
        width.min(height) >= LEAST_SIDE && u64::from(width) * u64::from(height) >= LEAST_PIXELS
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::parse::members::testing::{outline, read_with, zip_of};
    use crate::parse::{Recognition, docx, epub, odf, pptx};
    use crate::recognize::{
        Corner, Picture, RecognizeError, RecognizerFiles, TextLine, TextRecognizer,
    };
    use crate::{Kind, ParseLimits, ParseRequest};

    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    struct OneLine;

    impl TextRecognizer for OneLine {
        fn recognize(&mut self, _picture: &Picture) -> Result<Vec<TextLine>, RecognizeError> {
            let corner = |x, y| Corner { x, y };
            Ok(vec![TextLine {
                text: "库存 320 箱".to_owned(),
                confidence: 0.95,
                corners: [
                    corner(10.0, 10.0),
                    corner(190.0, 10.0),
                    corner(190.0, 40.0),
                    corner(10.0, 40.0),
                ],
            }])
        }
    }

    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let shade = |x, _| image::Rgb([(x % 200) as u8; 3]);
        image::RgbImage::from_fn(width, height, shade)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .expect("is written");
        bytes.into_inner()
    }

    fn relation(id: &str, kind: &str, target: &str) -> String {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    }

    fn shown(id: &str) -> String {
        format!(
            "<w:p><w:r><w:t>见图：</w:t><w:drawing><a:blip r:embed=\"{id}\"/></w:drawing></w:r></w:p>"
        )
    }

    fn word_file(body: &str) -> Vec<u8> {
        let relations = [
            relation("p", "image", "media/large.png"),
            relation("q", "image", "media/small.png"),
        ];
        let package = relation("m", "officeDocument", "word/document.xml");
        zip_of(&[
            ("_rels/.rels", format!("<R>{package}</R>").into_bytes()),
            (
                "word/_rels/document.xml.rels",
                format!("<R>{}</R>", relations.concat()).into_bytes(),
            ),
            (
                "word/document.xml",
                format!("<w:document>{body}</w:document>").into_bytes(),
            ),
            ("word/media/large.png", picture(400, 200)),
            ("word/media/small.png", picture(30, 30)),
        ])
    }

    fn paragraph(text: &str) -> String {
        format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    }

    /// A large picture, a small one, the large one again, and text.
    fn three_pictures() -> Vec<u8> {
        word_file(&[shown("p"), shown("q"), shown("p"), paragraph("完")].concat())
    }

    fn with_recognizer(
        bytes: &[u8],
        reader: impl FnOnce(
            &[u8],
            &mut Context<'_>,
        ) -> Result<crate::clean::RawDocument, crate::ParseError>,
    ) -> crate::clean::RawDocument {
        let (request, limits) = (ParseRequest::new("unused", "资料"), ParseLimits::default());
        let path = PathBuf::new;
        let files = RecognizerFiles {
            runtime: path(),
            detector: path(),
            classifier: path(),
            reader: path(),
        };
        let mut nobody = || {};
        let mut context = Context {
            request: &request,
            limits: &limits,
            on_progress: &mut |_| {},
            depth: 0,
            members: 0,
            unpacked: 0,
            recognition: Recognition::new(|_| Ok(Box::new(OneLine)), &files, &mut nobody),
        };
        reader(bytes, &mut context).expect("is read")
    }

    #[test]
    fn a_picture_in_a_word_file_is_read_where_it_is_shown() {
        let document = with_recognizer(&three_pictures(), docx::read);
        assert_eq!(
            outline(&document),
            "见图：\n库存 320 箱\n见图：\n见图：\n库存 320 箱\n完"
        );
        let [warning] = document.warnings.as_slice() else {
            panic!("{:?}", document.warnings);
        };
        assert_eq!(warning.code, "pictures_read_by_ocr");
        assert_eq!(
            warning.message,
            "Pictures in the document (1) were read by OCR, 95% sure."
        );
    }

    #[test]
    fn a_picture_beside_much_text_is_counted_and_not_read() {
        let long = "文".repeat(ENOUGH_TEXT);
        let bytes = word_file(&(shown("p") + &paragraph(&long)));
        let document = with_recognizer(&bytes, docx::read);
        assert_eq!(outline(&document), format!("见图：\n{long}"));
        assert_eq!(document.warnings[0].code, "pictures_unread");
    }

    #[test]
    fn without_a_recognizer_the_pictures_are_counted() {
        let document = read_with(&three_pictures(), &ParseLimits::default(), None, docx::read);
        let document = document.expect("is read");
        let [warning] = document.warnings.as_slice() else {
            panic!("{:?}", document.warnings);
        };
        assert_eq!(warning.code, "pictures_unread");
        assert!(
            warning.message.starts_with("Pictures in the document (1)"),
            "{}",
            warning.message
        );
    }

    #[test]
    fn a_picture_on_a_slide_is_part_of_the_slide_and_one_on_all_is_read_once() {
        let slide = "<p:sld><p:sp><a:p><a:r><a:t>销售</a:t></a:r></a:p></p:sp></p:sld>";
        let of_slide = format!("<R>{}</R>", relation("x", "image", "../media/large.png"));
        let bytes = zip_of(&[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldId r:id=\"a\"/><p:sldId r:id=\"b\"/></p:presentation>"
                    .as_bytes()
                    .to_vec(),
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                format!(
                    "<R>{}{}</R>",
                    relation("a", "slide", "slides/slide1.xml"),
                    relation("b", "slide", "slides/slide2.xml")
                )
                .into_bytes(),
            ),
            ("ppt/slides/slide1.xml", slide.as_bytes().to_vec()),
            ("ppt/slides/slide2.xml", slide.as_bytes().to_vec()),
            (
                "ppt/slides/_rels/slide1.xml.rels",
                of_slide.clone().into_bytes(),
            ),
            ("ppt/slides/_rels/slide2.xml.rels", of_slide.into_bytes()),
            ("ppt/media/large.png", picture(400, 200)),
        ]);
        let document = with_recognizer(&bytes, pptx::read);
        let found: Vec<(u32, &str)> = document
            .blocks
            .iter()
            .map(|block| (block.page_starts[0].1, block.text.as_str()))
            .collect();
        assert_eq!(found, [(1, "销售"), (1, "库存 320 箱"), (2, "销售")]);
    }

    fn open_document(content: &str) -> Vec<u8> {
        zip_of(&[
            ("content.xml", content.as_bytes().to_vec()),
            ("Pictures/large.png", picture(400, 200)),
            ("ObjectReplacements/Object 1", picture(400, 200)),
        ])
    }

    fn drawn(part: &str) -> String {
        format!("<draw:frame><draw:image xlink:href=\"{part}\"/></draw:frame>")
    }

    #[test]
    fn a_picture_in_an_opendocument_text_follows_its_paragraph_and_that_of_a_chart_is_left_out() {
        let content = format!(
            "<text:p>见图：{}{}</text:p><text:p>完</text:p>",
            drawn("Pictures/large.png"),
            drawn("./ObjectReplacements/Object 1")
        );
        let bytes = open_document(&content);
        let document = with_recognizer(&bytes, |bytes, context| {
            odf::read(bytes, Kind::Odt, context)
        });
        assert_eq!(outline(&document), "见图：\n库存 320 箱\n完");
        assert_eq!(document.warnings[0].code, "pictures_read_by_ocr");
    }

    #[test]
    fn on_an_opendocument_slide_the_text_of_that_slide_alone_stands_beside_a_picture() {
        let long = "文".repeat(ENOUGH_TEXT);
        let content = format!(
            "<draw:page><text:p>{long}</text:p></draw:page><draw:page>{}</draw:page>",
            drawn("Pictures/large.png")
        );
        let bytes = open_document(&content);
        let document = with_recognizer(&bytes, |bytes, context| {
            odf::read(bytes, Kind::Odp, context)
        });
        let last = document.blocks.last().expect("a block");
        assert_eq!(
            (last.text.as_str(), &last.page_starts[..]),
            ("库存 320 箱", &[(0, 2)][..])
        );
    }

    #[test]
    fn a_page_of_a_book_that_is_a_picture_is_read_once() {
        let container = "<container><rootfile full-path=\"OPS/book.opf\" media-type=\"application/oebps-package+xml\"/></container>";
        let chapter = |number: u32| {
            format!(
                "<item id=\"c{number}\" href=\"text/{number}.xhtml\" media-type=\"application/xhtml+xml\"/>"
            )
        };
        let book = format!(
            "<package><manifest>{}{}</manifest><spine><itemref idref=\"c1\"/><itemref idref=\"c2\"/></spine></package>",
            chapter(1),
            chapter(2)
        );
        let first = "<html><body><img src=\"../images/large.png\"/></body></html>";
        let second = "<html><body><p>正文</p><svg><image xlink:href=\"../images/large.png\"/></svg></body></html>";
        let bytes = zip_of(&[
            ("META-INF/container.xml", container.as_bytes().to_vec()),
            ("OPS/book.opf", book.into_bytes()),
            ("OPS/text/1.xhtml", first.as_bytes().to_vec()),
            ("OPS/text/2.xhtml", second.as_bytes().to_vec()),
            ("OPS/images/large.png", picture(400, 200)),
        ]);
        let document = with_recognizer(&bytes, epub::read);
        assert_eq!(outline(&document), "库存 320 箱\n正文");
    }
}
