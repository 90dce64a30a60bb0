//! Clumsy and hostile input through the real program: each gets a clear error, and the rest is unharmed.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::support::Program;

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// A PDF whose page tree holds no page.
const NO_PAGES: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n\
xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n98\n%%EOF\n";

fn zip_without_word(folder: &Path) -> PathBuf {
    let path = folder.join("not-word.docx");
    let file = std::fs::File::create(&path).expect("a file");
    let mut archive = zip::ZipWriter::new(file);
    archive
        .start_file("hello.txt", zip::write::SimpleFileOptions::default())
        .expect("an entry");
    archive
        .write_all(b"no word document in here")
        .expect("written");
    archive.finish().expect("closed");
    path
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn every_bad_file_has_its_own_reason_and_the_good_one_beside_them_is_ready() {
    let Some(program) = Program::with_models("bad_input") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let long_name = format!("{}.txt", "长".repeat(80));
    let paths = [
        write(folder.path(), "empty.pdf", b""),
        write(folder.path(), "blank.txt", b" \n\t \n"),
        write(folder.path(), "no-pages.pdf", NO_PAGES),
        write(folder.path(), "cut.pdf", &NO_PAGES[..60]),
        zip_without_word(folder.path()),
        write(folder.path(), "noise.txt", &noise(20_000)),
        write(folder.path(), "page.pdf", "<!doctype html><html><body><p>The boiler is serviced every 14 months.</p></body></html>".as_bytes()),
        write(folder.path(), &long_name, "年休假为十天。The long name has 80 characters.".as_bytes()),
        write(folder.path(), "表情🎉.txt", "庆祝活动在九月举行，地点是三号楼。".as_bytes()),
        write(folder.path(), "good.txt", b"The torque of the wheel bolts is 110 newton metres."),
    ];
    let outcomes = program.ingest(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    let code = |name: &str| {
        outcomes[name]["error_code"]
            .as_str()
            .unwrap_or("none")
            .to_owned()
    };
    assert_eq!(code("empty.pdf"), "empty_file");
    assert_eq!(code("blank.txt"), "empty_file", "white space is nothing");
    assert!(
        ["no_text", "damaged_file"].contains(&code("no-pages.pdf").as_str()),
        "{}",
        code("no-pages.pdf")
    );
    assert_eq!(code("cut.pdf"), "damaged_file");
    assert_eq!(code("not-word.docx"), "unsupported_kind");
    assert!(
        ["unsupported_kind", "garbled_text"].contains(&code("noise.txt").as_str()),
        "{}",
        code("noise.txt")
    );
    for name in ["page.pdf", long_name.as_str(), "表情🎉.txt", "good.txt"] {
        assert_eq!(
            outcomes[name]["status"], "ready",
            "{name}: {}",
            outcomes[name]
        );
    }
    for (name, outcome) in &outcomes {
        if outcome["status"] != "ready" {
            assert!(
                outcome["error"]
                    .as_str()
                    .is_some_and(|message| message.len() > 15),
                "{name} has no message"
            );
        }
    }
    let found = program.json(&[
        "search",
        "torque of the wheel bolts",
        "--kb",
        "test",
        "--json",
    ]);
    assert_eq!(found["hits"][0]["document_name"], "good.txt");
    let found = program.json(&[
        "search",
        "when is the boiler serviced",
        "--kb",
        "test",
        "--json",
    ]);
    assert_eq!(
        found["hits"][0]["document_name"], "page.pdf",
        "a wrong extension is read by its content"
    );
}

#[test]
fn three_megabytes_on_one_line_become_many_passages() {
    let Some(program) = Program::with_models("one long line") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let sentence = "The archive keeps every ledger of the harbour office for ninety years. ";
    let line = write(
        folder.path(),
        "line.txt",
        sentence.repeat(3_000_000 / sentence.len()).as_bytes(),
    );
    let outcomes = program.ingest(&[&line]);
    assert_eq!(
        outcomes["line.txt"]["status"], "ready",
        "{}",
        outcomes["line.txt"]
    );
}

#[test]
fn an_empty_and_an_endless_question_are_told_apart_from_nothing_found() {
    let Some(program) = Program::with_models("questions") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "a.txt", b"Pumps are checked monthly.");
    program.ingest(&[&file]);
    let empty = program.run(&["ask", "  ", "--kb", "test"]);
    assert!(!empty.status.success());
    assert!(String::from_utf8_lossy(&empty.stderr).contains("empty"));
    let endless = program.run(&["ask", &"why ".repeat(25_000), "--kb", "test"]);
    assert!(!endless.status.success());
    assert!(String::from_utf8_lossy(&endless.stderr).contains("4000"));
}

#[test]
fn an_unknown_knowledge_base_is_named() {
    let Some(program) = Program::with_models("unknown knowledge base") else {
        return;
    };
    let output = program.run(&["search", "anything", "--kb", "没有这个库"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("没有这个库"));
}

#[test]
fn a_port_in_use_is_said_before_any_model_is_loaded() {
    let program = Program::with_models_in(PathBuf::from("/nonexistent"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let output = program.run(&["serve", "--listen", &address]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains(&address) && told.contains("--listen"),
        "{told}"
    );
}

#[test]
fn missing_models_are_named_with_the_command_that_fetches_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::with_models_in(folder.path().join("models"));
    let output = program.run(&["search", "anything", "--kb", "test"]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("wenyuan models pull starter"), "{told}");
}

#[test]
fn a_model_file_cut_in_half_is_named_and_nothing_panics() {
    let Some(models) = super::support::models_folder("a model cut in half") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for model in [
        "use-multilingual-v3",
        "onnxruntime",
        "gemma-3-270m",
        "pdfium",
    ] {
        let to = folder.path().join(model);
        std::fs::create_dir_all(&to).expect("a folder");
        for entry in std::fs::read_dir(models.join(model))
            .expect("an installed model")
            .flatten()
        {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
    let weights = folder.path().join("gemma-3-270m");
    let gguf = std::fs::read_dir(&weights)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    let gguf = gguf
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "gguf"))
        .expect("a model");
    let length = std::fs::metadata(&gguf).expect("its size").len();
    std::fs::OpenOptions::new()
        .write(true)
        .open(&gguf)
        .expect("writable")
        .set_len(length / 2)
        .expect("cut");
    let program = Program::with_models_in(folder.path().to_path_buf());
    let output = program.run(&["ask", "anything at all?", "--kb", "test"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        told.contains("gguf") && told.contains("models pull"),
        "{told}"
    );
    assert!(!told.contains("panicked"), "{told}");
}

#[test]
fn a_second_process_on_the_same_data_folder_is_refused_with_the_reason() {
    let Some(program) = Program::with_models("two processes") else {
        return;
    };
    let holder = wenyuan::catalog::DataFolder::lock(program.data()).expect("the lock");
    let output = program.run(&["search", "anything", "--kb", "test"]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("in use by another") && told.contains("--server"),
        "{told}"
    );
    drop(holder);
}

#[test]
fn a_disk_that_is_nearly_full_is_named_before_anything_is_written() {
    let Some(program) = Program::with_models("a full disk") else {
        return;
    };
    // A small file system of our own needs root and a kernel that mounts; without them there is nothing to fill.
    let small = tempfile::tempdir().expect("a folder");
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=20m", "tmpfs"])
        .arg(small.path())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        eprintln!("SKIPPED: a full disk needs the right to mount one");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "a.txt", b"Pumps are checked monthly.");
    let data = small.path().join("data").to_string_lossy().into_owned();
    let ingest = ["ingest", &file.to_string_lossy(), "--kb", "test"];
    let output = program.command_on(&data, &ingest).output();
    let unmounted = std::process::Command::new("umount")
        .arg(small.path())
        .status();
    assert!(unmounted.is_ok());
    let told = output.expect("the program starts");
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(
        !told.status.success() && words.contains("too little space is left"),
        "{words}"
    );
}
