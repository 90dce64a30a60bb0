//! How files would be cut, shown over HTTP with nothing kept; and presets of documents that are kept.

use serde_json::{Value, json};
use wenyuan::http::HttpSettings;

use crate::http_support::{TestApp, field, file, keys};

const PATH: &str = "/api/v1/split";
/// Articles long enough to stand by themselves.
const RULES: &str = "第一条 为了规范日常管理，维护职工和单位双方的合法权益，根据有关法律和本单位的实际情况，经职工代表大会讨论通过，制定本办法。\n\n\
    第二条 本办法适用于与本单位订立劳动合同的全体职工，包括试用期内的职工和在外地工作的职工，另有约定的从其约定，但不得低于本办法。\n\n\
    第三条 职工应当按时上班，上午九点到岗，下午六点下班，中午休息一小时；因工作需要延长工作时间的，应当事先征得本人同意并依法支付报酬。\n\n\
    第四条 请假须经主管批准，三天以上的还须报人事部门备案；因急病不能事先请假的，应当在当日通过电话说明，并在返岗后三日内补办手续。\n\n\
    第五条 本办法自公布之日起施行，由人事部门负责解释；此前发布的有关规定与本办法不一致的，一律以本办法为准，原有的办法同时废止。\n";

fn texts(document: &Value) -> Vec<String> {
    let chunks = document["chunks"].as_array().expect("chunks");
    let text = |chunk: &Value| chunk["text"].as_str().expect("a text").to_owned();
    chunks.iter().map(text).collect()
}

#[tokio::test]
async fn files_are_shown_as_they_would_be_cut_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let parts = [
        file("办法.txt".as_bytes(), RULES.as_bytes()),
        file(b"a.docx", b"PK\x03\x04 and then nothing that unpacks"),
        file(b"empty.txt", b""),
        file(b"b.csv", "编号,名称\n1,\"甲\n2,乙\n".as_bytes()),
    ];
    let reply = app.form(PATH, "zh", &parts).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let told = reply.json()["documents"].clone();
    let rules = &told[0];
    assert_eq!(
        keys(rules).join(" "),
        "characters chunk_count chunks kind language name pages preset title warnings"
    );
    assert_eq!(
        (
            &rules["name"],
            &rules["kind"],
            &rules["preset"],
            &rules["language"]
        ),
        (
            &json!("办法.txt"),
            &json!("text"),
            &json!("manual"),
            &json!("zh")
        )
    );
    let articles = texts(rules);
    assert_eq!(articles.len(), 5, "{articles:?}");
    assert!(articles[3].starts_with("第四条"));
    let chunk = &rules["chunks"][1];
    assert_eq!(
        keys(chunk).join(" "),
        "end heading ordinal page start text tokens"
    );
    let (start, end) = (chunk["start"].as_u64(), chunk["end"].as_u64());
    let (start, end) = (start.expect("a start"), end.expect("an end"));
    assert_eq!(end - start, articles[1].chars().count() as u64);
    assert!(chunk["tokens"].as_u64().is_some_and(|tokens| tokens > 0));

    assert_eq!(told[1]["error"]["code"], "damaged_file", "{}", told[1]);
    let message = told[1]["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with("文件已损坏"), "{message}");
    assert_eq!(told[2]["error"]["code"], "empty_file");
    assert_eq!(told[2]["error"]["message"], "文件是空的。");
    let warning = &told[3]["warnings"][0];
    assert_eq!(warning["code"], "quotes_unbalanced");
    let message = warning["message"].as_str().expect("a message");
    assert!(message.contains("引号"), "the reader's language: {message}");
    assert_eq!(app.files_left(), 0);
}

#[tokio::test]
async fn preset_and_length_are_as_asked_wherever_they_come_in_the_form() {
    let app = TestApp::start().await;
    let wanted = field("metadata", &json!({ "preset": "prose" }).to_string());
    let parts = [file(b"a.txt", RULES.as_bytes()), wanted];
    let told = app.form(PATH, "en", &parts).await.json();
    assert_eq!(told["documents"][0]["preset"], "prose");
    assert_eq!(texts(&told["documents"][0]).len(), 1);
    let long = "The lift is inspected every nine months by the service. ".repeat(40);
    let wanted = field("metadata", &json!({ "chunk_tokens": 32 }).to_string());
    let parts = [wanted, file(b"b.txt", long.as_bytes())];
    let told = app.form(PATH, "en", &parts).await.json();
    let short = texts(&told["documents"][0]).len();
    let told = app.form(PATH, "en", &parts[1..]).await.json();
    assert!(short > texts(&told["documents"][0]).len(), "{told}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_leaves_nothing() {
    let settings = HttpSettings {
        max_preview_bytes: 4_096,
        ..HttpSettings::default()
    };
    let app = TestApp::with_settings(settings).await;
    let one = || file(b"a.txt", b"Text.");
    let metadata = |value: Value| [one(), field("metadata", &value.to_string())];
    let many: Vec<_> = (0..11).map(|_| one()).collect();
    let large = [file(b"large.txt", &[b'a'; 8_192])];
    for (parts, status, code) in [
        (&[][..], 400, "no_files"),
        (&metadata(json!({ "preset": "verse" })), 400, "invalid_body"),
        (&metadata(json!({ "chunk_tokens": 3 })), 400, "out_of_range"),
        (&many, 413, "too_many_files"),
        (&large, 413, "payload_too_large"),
    ] {
        let reply = app.form(PATH, "en", parts).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{}", reply.text());
        assert_eq!(app.files_left(), 0, "{code}");
    }
    let reply = app
        .post(PATH, &json!({ "url": "https://example.org" }))
        .await;
    assert_eq!(reply.error(), (415, "unsupported_media_type".to_owned()));
}

#[tokio::test]
async fn who_comes_while_others_look_at_files_is_told_when_to_come_back() {
    let settings = HttpSettings {
        max_previews: 0,
        ..HttpSettings::default()
    };
    let app = TestApp::with_settings(settings).await;
    let reply = app.form(PATH, "zh", &[file(b"a.txt", b"Text.")]).await;
    assert_eq!(reply.error(), (429, "too_many_requests".to_owned()));
    assert_eq!(reply.header("retry-after"), "2");
}

#[tokio::test]
async fn a_document_is_cut_as_asked_and_cut_anew_when_that_changes() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let upload = async |preset: Option<&str>, text: &str| {
        let metadata = preset.map(|preset| json!({ "preset": preset }).to_string());
        let mut parts = vec![file("办法.txt".as_bytes(), text.as_bytes())];
        parts.extend(metadata.map(|metadata| field("metadata", &metadata)));
        let reply = app.upload(&base, &parts).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        let line = reply.json()["documents"][0].clone();
        let last = app.ended(&line["job_id"]).await;
        assert_eq!(last["status"], "ready", "{last}");
        let id = line["document_id"].as_str().expect("an id");
        let shown = app.get(&format!("{base}/documents/{id}")).await.json();
        (
            id.to_owned(),
            line["known"] == true,
            shown["preset"].clone(),
            shown["chunks"].as_u64(),
        )
    };
    let (first, known, preset, chunks) = upload(None, RULES).await;
    assert_eq!((known, preset, chunks), (false, json!("manual"), Some(5)));
    for (asked, used, chunks) in [
        (Some("manual"), "manual", 5),
        (Some("prose"), "prose", 1),
        (None, "prose", 1),
        (Some("auto"), "manual", 5),
        (Some("prose"), "prose", 1),
    ] {
        let told = upload(asked, RULES).await;
        assert_eq!(told, (first.clone(), true, json!(used), Some(chunks)));
    }
    let changed = format!("{RULES}\n第六条 附则。\n");
    let told = upload(None, &changed).await;
    assert_eq!(told, (first.clone(), false, json!("prose"), Some(1)));
    let odd = field("metadata", &json!({ "preset": "Manual" }).to_string());
    let reply = app.upload(&base, &[odd, file(b"a.txt", b"Text.")]).await;
    assert_eq!(reply.error(), (400, "invalid_body".to_owned()));
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
}
