//! What the words of the format open, and the characters that some stand for.

/// Where text of a group goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Body,
    Note,
    Title,
    Author,
    /// When it was made.
    Created,
    /// When it was last changed.
    Modified,
    Fonts,
    /// Metadata, of which four entries are kept.
    Info,
    Nowhere,
}

/// Where the text of a destination goes; `None` for words that are none.
pub(super) fn destination(word: &str, now: Place) -> Option<Place> {
    if now == Place::Nowhere {
        return Some(Place::Nowhere);
    }
    Some(match word {
        "fonttbl" => Place::Fonts,
        "info" => Place::Info,
        "title" if now == Place::Info => Place::Title,
        "author" if now == Place::Info => Place::Author,
        "creatim" if now == Place::Info => Place::Created,
        "revtim" if now == Place::Info => Place::Modified,
        "footnote" => Place::Note,
        "colortbl" | "stylesheet" | "pict" | "object" | "header" | "headerl" | "headerr"
        | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "fldinst" | "listtable"
        | "listoverridetable" | "revtbl" | "rsidtbl" | "themedata" | "colorschememapping"
        | "datastore" | "latentstyles" | "xmlnstbl" | "generator" | "mmathPr" | "bkmkstart"
        | "bkmkend" | "nonesttables" | "annotation" | "atnid" | "atnauthor" | "filetbl"
        | "falt" | "panose" | "operator" | "company" | "subject" | "keywords" | "comment"
        | "doccomm" | "category" | "manager" => Place::Nowhere,
        _ => return None,
    })
}

/// The character that a word stands for.
pub(super) fn special(word: &str) -> Option<char> {
    Some(match word {
        "emdash" => '\u{2014}',
        "endash" => '\u{2013}',
        "lquote" => '\u{2018}',
        "rquote" => '\u{2019}',
        "ldblquote" => '\u{201c}',
        "rdblquote" => '\u{201d}',
        "bullet" => '\u{2022}',
        "emspace" | "enspace" | "qmspace" => ' ',
        _ => return None,
    })
}
