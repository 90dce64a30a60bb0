//! Source code and settings: whole definitions as blocks, so that a function is found in one piece.

use crate::clean::{RawBlock, RawDocument};
use crate::decode::decode;
use crate::{BlockKind, Kind, ParseError};

/// Extensions of programs, scripts, styles, markup of data, and settings. Prose such as `.rst` and `.tex` is text.
const EXTENSIONS: &[&str] = &[
    "ada",
    "asm",
    "awk",
    "bash",
    "bat",
    "bib",
    "c",
    "cc",
    "cfg",
    "cjs",
    "clj",
    "cljs",
    "cmake",
    "cmd",
    "cob",
    "conf",
    "cpp",
    "cs",
    "css",
    "cu",
    "cxx",
    "d",
    "dart",
    "ddl",
    "diff",
    "edn",
    "el",
    "elm",
    "env",
    "erl",
    "ex",
    "exs",
    "f",
    "f90",
    "fish",
    "fs",
    "fsx",
    "glsl",
    "go",
    "gradle",
    "graphql",
    "groovy",
    "h",
    "hcl",
    "hh",
    "hpp",
    "hrl",
    "hs",
    "hxx",
    "ini",
    "java",
    "jl",
    "js",
    "jsx",
    "kt",
    "kts",
    "less",
    "lisp",
    "lua",
    "m",
    "mjs",
    "mk",
    "ml",
    "mli",
    "mm",
    "mts",
    "nim",
    "nix",
    "pas",
    "patch",
    "php",
    "pl",
    "plist",
    "pm",
    "properties",
    "proto",
    "ps1",
    "psm1",
    "py",
    "pyi",
    "pyw",
    "r",
    "rake",
    "rb",
    "rs",
    "s",
    "sass",
    "scala",
    "scm",
    "scss",
    "sh",
    "sol",
    "sql",
    "svelte",
    "swift",
    "tcl",
    "tf",
    "tfvars",
    "thrift",
    "toml",
    "ts",
    "tsx",
    "v",
    "vb",
    "vbs",
    "vhd",
    "vhdl",
    "vim",
    "vue",
    "wgsl",
    "wsdl",
    "xml",
    "xsd",
    "xsl",
    "xslt",
    "yaml",
    "yml",
    "zig",
    "zsh",
];

/// Whole names that have no telling extension.
const NAMES: &[&str] = &[
    "brewfile",
    "build.bazel",
    "cmakelists.txt",
    "containerfile",
    "dockerfile",
    "gemfile",
    "gnumakefile",
    "jenkinsfile",
    "justfile",
    "makefile",
    "procfile",
    "rakefile",
    "vagrantfile",
    ".bashrc",
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".gitconfig",
    ".gitignore",
    ".profile",
    ".zshrc",
];

/// Whether a file of this name holds the source of a program.
pub(crate) fn is_source(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let file = file.to_ascii_lowercase();
    NAMES.contains(&file.as_str())
        || file
            .rsplit_once('.')
            .is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

pub(super) fn read(bytes: &[u8], name: &str) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, false)?;
    let text = decoded.text.replace("\r\n", "\n").replace('\r', "\n");
    let mut parts = definitions(&text);
    let mut blocks = Vec::with_capacity(parts.len());
    if let Some(comment) = parts.first().and_then(|part| opening_comment(part)) {
        parts.remove(0);
        blocks.push(RawBlock::new(BlockKind::Paragraph, comment));
    }
    blocks.extend(
        parts
            .into_iter()
            .map(|part| RawBlock::new(BlockKind::Code, part)),
    );
    Ok(RawDocument {
        title: Some(name.to_owned()).filter(|name| !name.trim().is_empty()),
        warnings: decoded.warning.into_iter().collect(),
        ..RawDocument::new(Kind::Code, blocks)
    })
}

/// Cuts where an empty line is followed by a line that is not indented. Bodies are indented in nearly all languages,
/// so that what stands between two such places is a definition with the comments right above it.
fn definitions(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at, mut blank) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let empty = line.trim().is_empty();
        if blank && !empty && begins_definition(line) {
            parts.push(text[start..at].trim_matches('\n'));
            start = at;
        }
        blank = empty;
        at += line.len();
    }
    parts.push(text[start..].trim_matches('\n'));
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Whether a line stands at the margin and closes nothing.
fn begins_definition(line: &str) -> bool {
    !line.starts_with([' ', '\t', '}', ')', ']'])
        && !["end", "else", "</"].iter().any(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| *word == "</" || !rest.starts_with(char::is_alphanumeric))
        })
}

/// The words of a part that is nothing but comment, as the licence or the purpose at the top of a file.
fn opening_comment(part: &str) -> Option<String> {
    let mut words = Vec::new();
    let mut block = false;
    for line in part.lines().map(str::trim) {
        let rest = if block {
            Some(
                line.strip_prefix('*')
                    .filter(|rest| !rest.starts_with('/'))
                    .unwrap_or(line),
            )
        } else if let Some(rest) = line.strip_prefix("/*") {
            block = true;
            Some(rest.trim_start_matches(['*', '!']))
        } else {
            line_comment(line)
        }?;
        let closed = block && rest.contains("*/");
        if closed && !rest.trim_end().ends_with("*/") {
            return None;
        }
        block = block && !closed;
        words.push(rest.trim_end_matches("*/").trim_end_matches('*').trim());
    }
    let comment = words.join("\n");
    comment
        .chars()
        .any(char::is_alphanumeric)
        .then_some(comment)
}

/// What follows the mark of a comment that ends with its line. A `#` counts only before a blank: `#include` is code.
fn line_comment(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("//") {
        return Some(rest.trim_start_matches(['/', '!']));
    }
    for mark in ["#", "--", ";", "%"] {
        let rest = line.trim_start_matches(mark);
        if rest.len() < line.len() && (rest.is_empty() || rest.starts_with(' ')) {
            return Some(rest);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks(text: &str, name: &str) -> Vec<(BlockKind, String)> {
        let document = read(text.as_bytes(), name).expect("is read");
        assert_eq!(document.title.as_deref(), Some(name));
        document
            .blocks
            .into_iter()
            .map(|block| (block.kind, block.text))
            .collect()
    }

    fn code(text: &str) -> (BlockKind, String) {
        (BlockKind::Code, text.to_owned())
    }

    #[test]
    fn functions_stay_whole_with_their_comments() {
        let python = "#!/usr/bin/env python3\nimport os\n\n\n# 计算年假\n@cache\ndef leave(years):\n    if years < 10:\n        return 5\n\n    return 10\n\n\nclass Staff:\n    pass\n";
        assert_eq!(
            blocks(python, "leave.py"),
            [
                code("#!/usr/bin/env python3\nimport os"),
                code(
                    "# 计算年假\n@cache\ndef leave(years):\n    if years < 10:\n        return 5\n\n    return 10"
                ),
                code("class Staff:\n    pass"),
            ]
        );
        let go = "func a() {\n\tx()\n\n\ty()\n\n}\n\nfunc b() {}\n";
        assert_eq!(
            blocks(go, "a.go"),
            [code("func a() {\n\tx()\n\n\ty()\n\n}"), code("func b() {}")]
        );
    }

    #[test]
    fn the_comment_at_the_top_is_prose() {
        let expected = (BlockKind::Paragraph, "工资计算\n按月执行".to_owned());
        for text in [
            "//! 工资计算\n//! 按月执行\n\nfn main() {}\n",
            "/*\n * 工资计算\n * 按月执行\n */\n\nint main() {}\n",
            "# 工资计算\n# 按月执行\n\nmain\n",
            "-- 工资计算\r\n-- 按月执行\r\n\r\nselect 1\r\n",
        ] {
            let found = blocks(text, "pay");
            let words = found[0].1.trim().to_owned();
            assert_eq!((found[0].0, words), expected);
            assert_eq!(found[1].0, BlockKind::Code);
        }
        assert_eq!(
            blocks("#include <a.h>\n\nint a;\n", "a.c")[0].0,
            BlockKind::Code
        );
    }

    #[test]
    fn source_is_known_by_name_and_prose_is_not_source() {
        for name in [
            "a.rs",
            "src/Main.KT",
            "Dockerfile",
            "x/CMakeLists.txt",
            "设置.yaml",
        ] {
            assert!(is_source(name), "{name}");
        }
        for name in [
            "a.rst", "a.tex", "a.adoc", "a.log", "a.txt", "rs", "a.md", "",
        ] {
            assert!(!is_source(name), "{name}");
        }
    }

    #[test]
    fn a_minified_file_is_read_in_linear_time() {
        let begun = std::time::Instant::now();
        let text = "function a(){return 1}".repeat(500_000);
        assert_eq!(blocks(&text, "a.min.js").len(), 1);
        let lines = "a\n\n".repeat(1_000_000);
        assert_eq!(blocks(&lines, "a.js").len(), 1_000_000);
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, "a.py");
        }

        #[test]
        fn no_line_is_lost(text in "([a-z中/*#}]{0,6}[ \n]{1,3}){0,30}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let found: String = blocks(&text, "a.py").into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(letters(&found), letters(&text));
        }
    }
}
