//! What the named styles say: which are headings, and which belong to tables of contents or lists.

use std::collections::HashMap;

use quick_xml::events::Event;

use crate::parse::xml::{attribute, visit};

/// What a paragraph style means for us.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    /// Outline level, 1 to 9.
    pub(super) level: Option<u8>,
    /// Entries of a table of contents, which repeat the headings.
    pub(super) contents: bool,
    /// The document's title.
    pub(super) title: bool,
    /// List and level in it.
    pub(super) list: Option<(String, usize)>,
    based_on: Option<String>,
}

/// Styles by their identifier.
pub(super) type Styles = HashMap<String, Style>;

/// Reads the style part; styles inherit what they do not say.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "comments and declarations carry nothing"
)]
pub(super) fn read(xml: &str) -> Styles {
    let mut styles = Styles::new();
    let mut open: Option<(String, Style)> = None;
    let mut list_level = 0;
    visit(xml, |event| match event {
        Event::Start(element) | Event::Empty(element) => {
            let value = || attribute(element, "val");
            match (element.local_name().as_ref(), &mut open) {
                ("style", open) => {
                    list_level = 0;
                    *open = attribute(element, "styleId").map(|id| (id, Style::default()));
                }
                ("name", Some((_, style))) => name(style, &value().unwrap_or_default()),
                ("basedOn", Some((_, style))) => style.based_on = value(),
                ("outlineLvl", Some((_, style))) => {
                    style.level = value()
                        .and_then(|level| level.parse::<u8>().ok())
                        .filter(|&level| level < 9)
                        .map(|level| level + 1);
                }
                ("ilvl", Some(_)) => {
                    list_level = value().and_then(|level| level.parse().ok()).unwrap_or(0);
                }
                ("numId", Some((_, style))) => style.list = value().map(|list| (list, list_level)),
                _ => {}
            }
        }
        Event::End(element) if element.local_name().as_ref() == "style" => {
            styles.extend(open.take());
        }
        _ => {}
    });
    inherit(&mut styles);
    styles
}

fn name(style: &mut Style, name: &str) {
    let lower = name.to_lowercase();
    style.contents = lower.starts_with("toc ")
        || lower.starts_with("目录")
        || lower.starts_with("table of figures");
    style.title = lower == "title" || name == "标题";
    let number = ["heading ", "标题 ", "標題 "]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix));
    if let Some(level) = number
        .and_then(|number| number.trim().parse().ok())
        .filter(|level| (1..=9).contains(level))
    {
        style.level = Some(level);
    }
}

fn inherit(styles: &mut Styles) {
    let ids: Vec<String> = styles.keys().cloned().collect();
    for id in ids {
        let mut style = styles[&id].clone();
        let mut base = style.based_on.clone();
        for _ in 0..16 {
            let Some(parent) = base.as_ref().and_then(|base| styles.get(base)) else {
                break;
            };
            style.level = style.level.or(parent.level);
            style.list = style.list.or_else(|| parent.list.clone());
            style.contents |= parent.contents;
            base.clone_from(&parent.based_on);
        }
        styles.insert(id, style);
    }
}
