//! Metadata over HTTP: filters in the body and in the question, phrases, facets, and several knowledge bases at once.

use serde_json::{Value, json};

use crate::http_support::{TestApp, field, file, keys};

const HANDBOOK: &str = "---\ntitle: 员工手册\nauthor: 王小明\ndate: 2023-03-05\n---\n\n# 休假制度\n\n年假最多可以累积五天。\n\n\
    # 请假流程\n\n病假须提交医院证明。\n";
const REPORT: &str = "<!doctype html><html lang=en><head><title>Annual report</title><meta name=author content=\"Ann Lee\">\
    <meta property=\"article:published_time\" content=\"2021-07-01T08:00:00Z\"></head><body><h1>Holidays</h1>\
    <p>Annual leave may be carried over for five days at most.</p></body></html>";

/// A knowledge base with a handbook in Chinese and a report in English.
async fn library() -> (TestApp, String) {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "制度/手册.md", HANDBOOK).await;
    app.ready(&base, "report.html", REPORT).await;
    (app, base)
}

async fn search(app: &TestApp, base: &str, body: Value) -> Value {
    let reply = app.post(&format!("{base}/search"), &body).await;
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

/// Names of the documents found, each once, in order.
fn names(found: &Value) -> Vec<String> {
    let hits = found["hits"].as_array().cloned().expect("hits");
    let mut names: Vec<String> = hits
        .iter()
        .map(|hit| hit["document_name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn texts(found: &Value) -> String {
    let hits = found["hits"].as_array().cloned().expect("hits");
    let texts: Vec<&str> = hits
        .iter()
        .map(|hit| hit["text"].as_str().expect("a text"))
        .collect();
    texts.join("\n")
}

#[tokio::test]
async fn what_files_say_of_themselves_is_shown_and_counted() {
    let (app, base) = library().await;
    let listed = app.get(&format!("{base}/documents")).await.json();
    let told: Vec<_> = ["author", "created", "modified"]
        .map(|key| listed["documents"][1][key].clone())
        .into();
    assert_eq!(told, [json!("王小明"), json!("2023-03-05"), Value::Null]);
    assert_eq!(listed["documents"][0]["author"], "Ann Lee");
    assert_eq!(listed["documents"][0]["created"], "2021-07-01");

    let facets = app.get(&format!("{base}/facets")).await.json();
    assert_eq!(
        keys(&facets).join(" "),
        "authors kinds languages tags years"
    );
    let one = |value: &str| json!({ "value": value, "count": 1 });
    assert_eq!(facets["kinds"], json!([one("html"), one("markdown")]));
    assert_eq!(facets["languages"], json!([one("en"), one("zh")]));
    assert_eq!(facets["authors"], json!([one("Ann Lee"), one("王小明")]));
    assert_eq!(facets["years"], json!([one("2021"), one("2023")]));
    assert_eq!(facets["tags"], json!([]));
    let missing = app.get("/api/v1/knowledge-bases/none/facets").await;
    assert_eq!(
        missing.error(),
        (404, "knowledge_base_not_found".to_owned())
    );
}

#[tokio::test]
async fn the_list_takes_filters_and_a_part_of_a_name_or_title() {
    let (app, base) = library().await;
    for (query, wanted) in [
        ("q=%E5%93%A1%E5%B7%A5", vec!["制度/手册.md"]),
        ("q=ANNUAL", vec!["report.html"]),
        ("q=nothing", vec![]),
        ("kind=html", vec!["report.html"]),
        ("language=zh&q=", vec!["制度/手册.md"]),
        ("author=lee", vec!["report.html"]),
        ("tag=none", vec![]),
    ] {
        let page = app.get(&format!("{base}/documents?{query}")).await.json();
        let documents = page["documents"].as_array().cloned().expect("documents");
        let found: Vec<_> = documents.iter().map(|one| one["name"].clone()).collect();
        assert_eq!(found, wanted, "{query}");
    }
}

#[tokio::test]
async fn a_search_is_narrowed_by_every_field() {
    let (app, base) = library().await;
    let chinese = vec!["制度/手册.md"];
    for (filter, wanted) in [
        (json!({ "authors": ["王小明"] }), chinese.clone()),
        (json!({ "titles": ["員工手冊"] }), chinese.clone()),
        (json!({ "names": ["手册"] }), chinese.clone()),
        (json!({ "headings": ["假流程"] }), chinese.clone()),
        (
            json!({ "headings": ["holiday", "流程"] }),
            vec!["report.html", "制度/手册.md"],
        ),
        (json!({ "headings": ["流程 holiday"] }), vec![]),
        (json!({ "created_after": "2022" }), chinese.clone()),
        (json!({ "created_before": "2021-07" }), vec!["report.html"]),
        (
            json!({ "created_after": "2021-07-02", "created_before": "2023-03-04" }),
            vec![],
        ),
        (json!({ "page_count": [1, 9] }), vec![]),
        (json!({ "authors": ["Lee"], "kinds": ["markdown"] }), vec![]),
        (
            json!({ "authors": [] }),
            vec!["report.html", "制度/手册.md"],
        ),
    ] {
        let found = search(
            &app,
            &base,
            json!({ "query": "年假 leave 五天 days", "filter": filter }),
        )
        .await;
        assert_eq!(names(&found), wanted, "{filter}");
    }
    let wrong = json!({ "query": "年假", "filter": { "created_after": "soon" } });
    let reply = app.post(&format!("{base}/search"), &wrong).await;
    assert_eq!(reply.error(), (400, "invalid_parameter".to_owned()));
    let many = json!({ "query": "年假", "filter": { "titles": vec!["x"; 1_001] } });
    let reply = app.post(&format!("{base}/search"), &many).await;
    assert_eq!(reply.error(), (400, "invalid_parameter".to_owned()));
}

#[tokio::test]
async fn filters_typed_in_the_question_are_taken_out_and_told() {
    let (app, base) = library().await;
    let found = search(
        &app,
        &base,
        json!({ "query": "类型:md，作者：王小明 年假几天" }),
    )
    .await;
    assert_eq!(names(&found), ["制度/手册.md"]);
    assert_eq!(
        found["query"],
        json!({ "text": "年假几天", "phrases": [], "filters": [
            { "key": "kind", "value": "markdown", "written": "类型:md" },
            { "key": "author", "value": "王小明", "written": "作者：王小明" },
        ] })
    );
    let both = json!({ "query": "leave type:html", "filter": { "kinds": ["markdown"] } });
    assert!(
        names(&search(&app, &base, both).await).is_empty(),
        "typed and given filters must both hold"
    );
    let misspelt =
        json!({ "query": "leave type:html", "filters": { "kinds": ["markdown"] }, "topK": 3 });
    assert!(
        names(&search(&app, &base, misspelt).await).is_empty(),
        "`filters` filters as well"
    );
    let unknown = search(&app, &base, json!({ "query": "colour:red leave" })).await;
    assert_eq!(unknown["query"]["text"], "colour:red leave");
    assert_eq!(unknown["query"]["unclear"], Value::Null);
    let unclear = search(&app, &base, json!({ "query": "leave type:foo" })).await;
    assert_eq!(unclear["query"]["unclear"], json!(["type:foo"]));
    let only = app
        .post(&format!("{base}/search"), &json!({ "query": "type:pdf" }))
        .await;
    assert_eq!(only.error(), (400, "only_filters".to_owned()));
    assert!(
        only.json()["error"]["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("type:pdf"))
    );
}

#[tokio::test]
async fn a_quoted_phrase_must_be_found_where_any_passage_holds_it() {
    let (app, base) = library().await;
    let found = search(&app, &base, json!({ "query": "“醫院證明”怎么交" })).await;
    assert_eq!(
        found["query"]["phrases"],
        json!([{ "text": "醫院證明", "found": true }])
    );
    assert!(
        texts(&found).contains("医院证明") && !texts(&found).contains("Annual"),
        "{found}"
    );
    let found = search(
        &app,
        &base,
        json!({ "query": "\"CARRIED OVER\" leave", "mode": "dense" }),
    )
    .await;
    assert_eq!(names(&found), ["report.html"]);
    let found = search(&app, &base, json!({ "query": "年假 「没有这句话」" })).await;
    assert_eq!(found["query"]["phrases"][0]["found"], false);
    assert!(
        !names(&found).is_empty(),
        "where none has it the others are better than nothing"
    );
}

#[tokio::test]
async fn asking_understands_filters_and_phrases_as_searching_does() {
    let (app, base) = library().await;
    let asked =
        json!({ "question": "类型:md 年假最多可以累积几天？", "stream": false, "mode": "quote" });
    let answer = app.post(&format!("{base}/ask"), &asked).await.json();
    assert_eq!(answer["query"]["text"], "年假最多可以累积几天？");
    assert_eq!(answer["query"]["filters"][0]["key"], "kind");
    let citations = answer["citations"].as_array().cloned().expect("citations");
    assert!(
        citations
            .iter()
            .all(|one| one["document_name"] == "制度/手册.md"),
        "{answer}"
    );
    let only = json!({ "question": "类型:md", "stream": true });
    let reply = app.post(&format!("{base}/ask"), &only).await;
    assert_eq!(reply.error(), (400, "only_filters".to_owned()));
}

#[tokio::test]
async fn several_knowledge_bases_are_searched_at_once() {
    let (app, base) = library().await;
    app.post("/api/v1/knowledge-bases", &json!({ "name": "second" }))
        .await;
    let parts = [
        file(
            "年假说明.md".as_bytes(),
            "# 说明\n\n年假可以累积五天，另有病假。\n".as_bytes(),
        ),
        field("metadata", "{\"tags\":[\"人事\"]}"),
    ];
    let second = "/api/v1/knowledge-bases/second";
    let line = app.upload(second, &parts).await.json()["documents"][0].clone();
    let job = line["job_id"].as_str().expect("a job").to_owned();
    app.get(&format!("/api/v1/jobs/{job}/events")).await;

    let both =
        json!({ "query": "年假可以累积几天", "knowledge_bases": ["kb", "second", "second"] });
    let found = app.post("/api/v1/search", &both).await.json();
    let mut from: Vec<_> = found["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .map(|hit| hit["knowledge_base"].as_str().expect("a name").to_owned())
        .collect();
    from.sort();
    from.dedup();
    assert_eq!(from, ["kb", "second"]);
    let tagged = json!({ "query": "年假 tag:人事", "knowledge_bases": ["kb", "second"] });
    assert_eq!(
        names(&app.post("/api/v1/search", &tagged).await.json()),
        ["年假说明.md"]
    );
    let alone = search(&app, &base, json!({ "query": "年假" })).await;
    assert!(
        alone["hits"][0]["knowledge_base"].is_null()
            && alone["hits"][0]["knowledge_base_id"].is_string()
    );

    for (bases, code) in [
        (json!([]), (400, "invalid_request")),
        (json!(["kb", "none"]), (404, "knowledge_base_not_found")),
        (json!(vec!["kb"; 51]), (400, "invalid_request")),
    ] {
        let body = json!({ "query": "年假", "knowledge_bases": bases });
        let reply = app.post("/api/v1/search", &body).await;
        assert_eq!(reply.error(), (code.0, code.1.to_owned()), "{body}");
    }
    let without = app
        .post("/api/v1/search", &json!({ "query": "年假" }))
        .await;
    assert_eq!(without.error(), (400, "invalid_body".to_owned()));
}

#[tokio::test]
async fn changed_tags_and_names_narrow_the_next_search() {
    let (app, base) = library().await;
    let listed = app
        .get(&format!("{base}/documents?author=lee"))
        .await
        .json();
    let path = format!(
        "{base}/documents/{}",
        listed["documents"][0]["id"].as_str().expect("an id")
    );
    let tagged = json!({ "query": "leave", "filter": { "tags": ["hr"] } });
    assert!(names(&search(&app, &base, tagged.clone()).await).is_empty());
    let change = json!({ "tags": ["hr"], "name": "leave-2021.html" });
    assert_eq!(app.json("PATCH", &path, &change).await.status, 200);
    assert_eq!(
        names(&search(&app, &base, tagged).await),
        ["leave-2021.html"]
    );
    let typed = json!({ "query": "leave file:2021" });
    assert_eq!(
        names(&search(&app, &base, typed).await),
        ["leave-2021.html"]
    );
    let facets = app.get(&format!("{base}/facets")).await.json();
    assert_eq!(facets["tags"], json!([{ "value": "hr", "count": 1 }]));
}
