//! Automatic numbering: Word does not store `第三条` or `2.1`, it counts. So do we, since people ask for them.

use std::collections::HashMap;

use quick_xml::events::Event;

use crate::parse::xml::{attribute, visit};

/// How one level of a list counts.
#[derive(Debug, Clone)]
struct Level {
    format: String,
    pattern: String,
    start: u32,
}

/// The lists of a document and how far each has counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    abstract_of: HashMap<String, String>,
    levels: HashMap<(String, usize), Level>,
    counters: HashMap<String, Vec<u32>>,
}

/// Reads the numbering part.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "comments and declarations carry nothing"
)]
pub(super) fn read(xml: &str) -> Numbering {
    let mut numbering = Numbering::default();
    let mut group = String::new();
    let mut list = None;
    let mut open: Option<(usize, Level)> = None;
    visit(xml, |event| match event {
        Event::Start(element) | Event::Empty(element) => {
            let value = || attribute(element, "val").unwrap_or_default();
            match element.local_name().as_ref() {
                "abstractNum" => group = attribute(element, "abstractNumId").unwrap_or_default(),
                "num" => list = attribute(element, "numId"),
                "abstractNumId" => {
                    if let Some(list) = list.take() {
                        numbering.abstract_of.insert(list, value());
                    }
                }
                "lvl" => {
                    let depth = attribute(element, "ilvl")
                        .and_then(|level| level.parse().ok())
                        .unwrap_or(0);
                    open = Some((
                        depth,
                        Level {
                            format: "decimal".to_owned(),
                            pattern: String::new(),
                            start: 1,
                        },
                    ));
                }
                "numFmt" => set(&mut open, |level| level.format = value()),
                "lvlText" => set(&mut open, |level| level.pattern = value()),
                "start" => set(&mut open, |level| {
                    level.start = value().parse().unwrap_or(1);
                }),
                _ => {}
            }
        }
        Event::End(element) if element.local_name().as_ref() == "lvl" => {
            if let Some((depth, level)) = open.take() {
                numbering.levels.insert((group.clone(), depth), level);
            }
        }
        _ => {}
    });
    numbering
}

fn set(open: &mut Option<(usize, Level)>, change: impl FnOnce(&mut Level)) {
    if let Some((_, level)) = open {
        change(level);
    }
}

impl Numbering {
    /// The label of the next item of a list, such as `第三条` or `2.1`; empty for bullets and unknown lists.
    pub(super) fn next(&mut self, list: &str, depth: usize) -> String {
        let Some(group) = self.abstract_of.get(list).cloned() else {
            return String::new();
        };
        let depth = depth.min(8);
        let starts: Vec<u32> = (0..=8)
            .map(|at| {
                self.levels
                    .get(&(group.clone(), at))
                    .map_or(1, |level| level.start)
            })
            .collect();
        let counters = self
            .counters
            .entry(group.clone())
            .or_insert_with(|| vec![0; 9]);
        for at in 0..depth {
            if counters[at] == 0 {
                counters[at] = starts[at];
            }
        }
        counters[depth] = if counters[depth] == 0 {
            starts[depth]
        } else {
            counters[depth].saturating_add(1)
        };
        counters[depth + 1..].fill(0);
        let counters = counters.clone();
        let Some(level) = self.levels.get(&(group.clone(), depth)) else {
            return String::new();
        };
        if matches!(level.format.as_str(), "bullet" | "none") {
            return String::new();
        }
        let mut label = level.pattern.clone();
        for (at, count) in counters.iter().enumerate() {
            let format = self
                .levels
                .get(&(group.clone(), at))
                .map_or("decimal", |level| level.format.as_str());
            label = label.replace(&format!("%{}", at + 1), &write(*count, format));
        }
        label.trim().to_owned()
    }
}

/// A number in one of Word's formats.
fn write(count: u32, format: &str) -> String {
    match format {
        "chineseCounting"
        | "chineseCountingThousand"
        | "ideographTraditional"
        | "japaneseCounting"
        | "taiwaneseCountingThousand"
        | "chineseLegalSimplified" => chinese(count),
        "lowerLetter" | "upperLetter" => {
            let letter = char::from(b'a' + (count.saturating_sub(1) % 26) as u8);
            let text = letter
                .to_string()
                .repeat((count.saturating_sub(1) / 26 + 1).min(8) as usize);
            if format == "upperLetter" {
                text.to_uppercase()
            } else {
                text
            }
        }
        "lowerRoman" => roman(count),
        "upperRoman" => roman(count).to_uppercase(),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&count) => {
            char::from_u32(0x2460 + count - 1)
                .map_or_else(|| count.to_string(), |circled| circled.to_string())
        }
        "decimalZero" => format!("{count:02}"),
        _ => count.to_string(),
    }
}

fn chinese(count: u32) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if count == 0 || count > 9999 {
        return count.to_string();
    }
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = count / unit % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            text.push('零');
        }
        // 十二, not 一十二.
        if !(unit == 10 && digit == 1 && text.is_empty()) {
            text.push(DIGITS[digit as usize]);
        }
        text.push_str(name);
    }
    text
}

fn roman(mut count: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if count > 3999 {
        return count.to_string();
    }
    let mut text = String::new();
    for (value, sign) in SIGNS {
        while count >= value {
            text.push_str(sign);
            count -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_word_writes_them() {
        assert_eq!(
            ["一", "十", "十二", "二十", "一百零五", "一千零二十"],
            [1, 10, 12, 20, 105, 1020]
                .map(chinese)
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(roman(1994), "mcmxciv");
        assert_eq!(write(27, "lowerLetter"), "aa");
    }
}
