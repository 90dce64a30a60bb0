//! Pictures and scans through the real program with the real text recognition model.

use std::path::Path;

use serde_json::Value;

use super::support::{Program, fixture, models_folder};

/// The program, where the text recognition model is installed too.
fn with_ocr(test: &str) -> Option<Program> {
    let folder = models_folder(test)?;
    if folder.join("pp-ocrv4/rec.onnx").is_file() {
        return Some(Program::with_models_in(folder));
    }
    eprintln!(
        "SKIPPED: {test} needs pp-ocrv4 in {}; `wenyuan models pull pp-ocrv4` fetches it",
        folder.display()
    );
    None
}

/// What `split` tells of a file.
fn split(program: &Program, path: &Path) -> Value {
    program.json(&["split", &path.to_string_lossy(), "--json"])
}

/// The text of all passages, without white space.
fn bare(told: &Value) -> String {
    let chunks = told["chunks"].as_array().cloned().unwrap_or_default();
    let texts = chunks.iter().filter_map(|chunk| chunk["text"].as_str());
    texts
        .flat_map(str::chars)
        .filter(|character| !character.is_whitespace())
        .collect()
}

/// Page and confidence in percent of each page that was read by recognition.
fn pages_read(told: &Value) -> Vec<(u64, u32)> {
    let warnings = told["warnings"].as_array().cloned().unwrap_or_default();
    warnings
        .iter()
        .filter(|warning| warning["code"] == "page_read_by_ocr")
        .filter_map(|warning| {
            let message = warning["message"].as_str()?;
            let percent = message.split(", ").nth(1)?.split('%').next()?;
            Some((warning["page"].as_u64()?, percent.parse().ok()?))
        })
        .collect()
}

fn assert_holds(told: &Value, parts: &[&str]) {
    let text = bare(told);
    for part in parts {
        let part: String = part.split_whitespace().collect();
        assert!(text.contains(&part), "{part} is not in {told}");
    }
}

#[test]
fn a_picture_in_two_languages_is_read_and_the_rows_of_its_table_stay_rows() {
    let Some(program) = with_ocr("a picture with a table") else {
        return;
    };
    let told = split(&program, &fixture("pool-hours-zh-en.png"));
    assert_eq!(told["kind"], "image", "{told}");
    assert_holds(
        &told,
        &[
            "云溪游泳馆开放时间",
            "Yunxi Pool Opening Hours",
            "身高不足一米二的儿童须由成人陪同",
            "Season cards cost 480 yuan and are valid for 90 days",
        ],
    );
    let text = bare(&told);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {told}"));
    let row = ["周六", "7:00-12:00", "13:00-22:00", "周日", "8:00-12:00"].map(at);
    assert!(row.is_sorted(), "{told}");
    let pages = pages_read(&told);
    assert!(
        pages.len() == 1 && pages[0].0 == 1 && pages[0].1 > 85,
        "{told}"
    );
}

#[test]
fn a_scanned_document_is_read_whichever_way_up_its_pages_lie() {
    let Some(program) = with_ocr("a scanned document") else {
        return;
    };
    let told = split(&program, &fixture("delivery-note-zh-scanned.pdf"));
    assert_holds(
        &told,
        &[
            "青石镇水厂送货单",
            "收货单位：北岭村供水站",
            "本次送到次氯酸钠消毒液二十四桶，每桶二十五千克",
            "温度不得高于三十摄氏度，不能与酸类物品放在一起",
        ],
    );
    let pages: Vec<u64> = pages_read(&told).iter().map(|page| page.0).collect();
    assert_eq!(pages, [1, 2], "{told}");
}

#[test]
fn columns_are_read_one_after_the_other_on_every_page_of_a_fax() {
    let Some(program) = with_ocr("a fax in two columns") else {
        return;
    };
    let told = split(&program, &fixture("night-ferry-two-columns.tif"));
    assert_eq!(told["pages"], 2, "{told}");
    assert_holds(
        &told,
        &[
            "Passengers on foot may board until ten minutes before it sails; cars must be in line forty minutes earlier",
            "save a quarter of the price",
            "Dogs travel free of charge but stay on the open deck. The kitchen serves hot soup all night",
        ],
    );
}

#[test]
fn what_a_scan_says_is_found_and_quoted() {
    let Some(program) = with_ocr("a question about a scan") else {
        return;
    };
    let scan = fixture("delivery-note-zh-scanned.pdf");
    for (name, outcome) in program.ingest(&[&scan]) {
        assert_eq!(outcome["status"], "ready", "{name}: {outcome}");
    }
    let question = "送货单的第二联由收货单位保存几年？";
    let found = program.json(&["search", question, "--kb", "test", "--json"]);
    let hits = found["hits"].as_array().cloned().unwrap_or_default();
    let texts: String = hits
        .iter()
        .filter_map(|hit| hit["text"].as_str())
        .flat_map(str::split_whitespace)
        .collect();
    assert!(texts.contains("保存五年"), "{found}");
}

#[test]
fn a_picture_without_text_and_a_picture_without_a_model_fail_with_their_reasons() {
    let Some(program) = with_ocr("pictures that cannot be read") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let blank = folder.path().join("blank.bmp");
    std::fs::write(&blank, bitmap(120, 80)).expect("written");
    let told = split(&program, &blank);
    assert_eq!(told["error"]["code"], "no_text", "{told}");

    let picture = fixture("pool-hours-zh-en.png");
    let mut command = program.command(&["split", &picture.to_string_lossy(), "--json"]);
    let output = command
        .env("WENYUAN_INGEST__OCR", "false")
        .output()
        .expect("the program starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success());
    assert!(
        printed.contains("recognizer_missing") && printed.contains("models pull pp-ocrv4"),
        "{printed}"
    );
}

/// A white bitmap.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let size = 54 + row * height;
    let mut bytes = b"BM".to_vec();
    for number in [
        size,
        0,
        54,
        40,
        width,
        height,
        24 << 16 | 1,
        0,
        row * height,
        2835,
        2835,
        0,
        0,
    ] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(size as usize, 255);
    bytes
}
