//! Names of documents for files that would get the same one.

use std::collections::{HashMap, HashSet};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::scan::Found;

/// Files of several folders that would get the same name are named with their folder in front.
pub(super) fn tell_apart(files: &mut [Found], paths: &[PathBuf]) {
    if paths.len() < 2 {
        return;
    }
    let mut count: HashMap<String, u32> = HashMap::new();
    for file in files.iter() {
        *count.entry(file.name.clone()).or_default() += 1;
    }
    for file in files.iter_mut().filter(|file| count[&file.name] > 1) {
        let folder = file
            .path
            .ancestors()
            .nth(Path::new(&file.name).components().count());
        let folder = folder
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy());
        if let Some(folder) = folder {
            file.name = format!("{folder}{MAIN_SEPARATOR}{}", file.name);
        }
    }
}

/// Files whose names are the same once they are written as the catalog keeps them (other Unicode forms, blanks at their
/// ends) get a number from the second on, as downloads do: each is a document of its own.
pub(super) fn number_namesakes(files: &mut [Found]) {
    let mut taken: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut seen = HashSet::new();
    for file in files {
        if seen.insert(file.name.clone()) {
            continue;
        }
        let dot = file.name.rfind('.').filter(|dot| {
            let ending = &file.name[*dot..];
            *dot > 0 && !ending.contains(MAIN_SEPARATOR)
        });
        let (stem, ending) = file.name.split_at(dot.unwrap_or(file.name.len()));
        let numbered = (2_u32..).map(|number| format!("{stem} ({number}){ending}"));
        let free = numbered.into_iter().find(|name| !taken.contains(name));
        if let Some(free) = free {
            taken.insert(free.clone());
            file.name = free;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::super::scan::tests::{folder_with, names};

    #[test]
    fn the_same_name_in_two_folders_is_told_apart_by_the_folder() {
        let folder = folder_with(&["one/readme.md", "two/readme.md", "two/b.txt"]);
        let paths = ["one", "two"].map(|name| folder.path().join(name));
        let found = scan(&paths);
        assert_eq!(
            names(&found),
            ["one/readme.md", "two/b.txt", "two/readme.md"]
                .map(|name| { if name == "two/b.txt" { "b.txt" } else { name } })
        );
        let twice = scan(&[paths[0].clone(), paths[0].clone()]);
        assert_eq!(names(&twice), ["readme.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn files_whose_names_are_written_alike_get_numbers() {
        let folder = folder_with(&[
            "\u{e9}.txt",
            "e\u{301}.txt",
            "a",
            " a",
            "a (2)",
            "x/a.b",
            "x/a.b ",
        ]);
        let found = scan(&[folder.path().to_path_buf()]);
        let mut named = names(&found);
        named.sort_unstable();
        let wanted = [
            "a",
            "a (2)",
            "a (3)",
            "x/a (2).b",
            "x/a.b",
            "\u{e9} (2).txt",
            "\u{e9}.txt",
        ];
        assert_eq!(named, wanted);
    }
}
