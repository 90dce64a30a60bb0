//! Gold questions, evaluation and calibration over HTTP.

use std::fmt::Write;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::http_support::{Reply, TestApp, keys};

/// Short documents, each about another boat.
async fn harbour() -> (TestApp, String) {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let names = [
        "青鸥", "白鹭", "黑鲸", "红蟹", "蓝鳍", "金鲷", "银梭", "灰鲨", "紫贝", "褐藻", "绿龟",
        "赤鳐",
    ];
    let places = ["东湾", "西礁", "南滩", "北港", "中洲"];
    for (at, name) in names.iter().enumerate() {
        let mut text = String::new();
        for (number, place) in places.iter().enumerate() {
            let length = 7 + at * 5 + number;
            let _ = write!(
                text,
                "{name}号停在{place}的第{length}号码头，船身长{length}米。{name}号由{place}的渔家看管，每年修补{number}次帆布。"
            );
        }
        app.ready(&base, &format!("{name}.txt"), &text).await;
    }
    (app, base)
}

async fn add(app: &TestApp, base: &str, question: &str, document: &str) -> Value {
    let body = json!({ "question": question, "expected": [{ "document": document }] });
    let added = app.post(&format!("{base}/gold-questions"), &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    added.json()
}

async fn lines(app: &TestApp, base: &str, kind: &str, text: &str) -> Reply {
    let request = Request::post(format!("{base}/gold-questions/import"))
        .header("content-type", kind)
        .header("accept-language", "zh");
    app.send(
        request
            .body(Body::from(text.to_owned()))
            .expect("a request"),
    )
    .await
}

#[tokio::test]
async fn a_gold_question_is_added_listed_and_removed() {
    let (app, base) = harbour().await;
    let added = add(&app, &base, "青鸥号多长？", "青鸥.txt").await;
    assert_eq!(
        keys(&added),
        [
            "answerable",
            "created_at",
            "expected",
            "id",
            "origin",
            "question"
        ]
    );
    assert_eq!(
        keys(&added["expected"][0]),
        ["document_id", "document_name", "passage"]
    );
    assert_eq!(
        (&added["origin"], &added["answerable"]),
        (&json!("typed"), &json!(true))
    );
    let listed = app.get(&format!("{base}/gold-questions")).await.json();
    assert_eq!(
        (&listed["total"], &listed["next_cursor"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(listed["gold_questions"][0], added);
    let path = format!(
        "{base}/gold-questions/{}",
        added["id"].as_str().expect("an id")
    );
    assert_eq!(app.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(
        app.json("DELETE", &path, &json!({})).await.error(),
        (404, "gold_question_not_found".to_owned())
    );
}

#[tokio::test]
async fn what_cannot_be_a_gold_question_is_refused_with_its_code() {
    let (app, base) = harbour().await;
    let path = format!("{base}/gold-questions");
    let refused = |body: Value| {
        let (app, path) = (&app, &path);
        async move { app.post(path, &body).await.error() }
    };
    assert_eq!(
        refused(json!({ "question": " " })).await,
        (400, "empty_question".to_owned())
    );
    assert_eq!(
        refused(json!({ "question": "谁？" })).await,
        (400, "invalid_request".to_owned())
    );
    let stranger = json!({ "question": "谁？", "expected": [{ "document": "没有.txt" }] });
    assert_eq!(
        refused(stranger).await,
        (404, "document_not_found".to_owned())
    );
    let nothing = app.post(&format!("{base}/evaluate"), &json!({})).await;
    assert_eq!(nothing.error(), (422, "no_gold_questions".to_owned()));
}

#[tokio::test]
async fn lines_are_imported_and_wrong_ones_are_told_by_their_number() {
    let (app, base) = harbour().await;
    let text = "{\"question\":\"白鹭号多长？\",\"relevant\":[\"白鹭\"],\"answerable\":true,\"id\":\"7\"}\n\n{oops\n\
                {\"question\":\"谁？\",\"relevant\":[\"没有\"]}\n{\"question\":\"月亮多重？\",\"answerable\":false,\"relevant\":[]}\n";
    let done = lines(&app, &base, "application/x-ndjson", text)
        .await
        .json();
    assert_eq!(done["imported"], 2);
    let refused: Vec<(u64, &str)> = done["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["line"].as_u64().expect("a number"),
                one["error"]["code"].as_str().expect("a code"),
            )
        })
        .collect();
    assert_eq!(refused, [(3, "invalid_json"), (4, "document_not_found")]);
    assert!(
        done["refused"][1]["error"]["message"]
            .as_str()
            .expect("words")
            .contains("没有")
    );
    let wrong = lines(&app, &base, "application/pdf", text).await;
    assert_eq!(wrong.error(), (415, "unsupported_media_type".to_owned()));
}

#[tokio::test]
async fn an_answer_is_promoted_with_the_citations_that_a_person_approved() {
    let (app, base) = harbour().await;
    let body = json!({ "question": "红蟹号停在哪里？", "stream": false, "mode": "quote" });
    let answer = app.post(&format!("{base}/ask"), &body).await.json();
    let citation = answer["citations"][0].clone();
    assert!(citation["quote"].is_string(), "{answer}");
    let path = format!("{base}/gold-questions/promote");
    let body = json!({ "question": "红蟹号停在哪里？", "citations": [citation] });
    let promoted = app.post(&path, &body).await;
    assert_eq!(promoted.status, 201, "{}", promoted.text());
    let promoted = promoted.json();
    assert_eq!(promoted["origin"], "promoted");
    assert_eq!(
        promoted["expected"][0]["passage"],
        body["citations"][0]["quote"]
    );
    let refusal = app
        .post(&path, &json!({ "question": "月亮多重？", "refused": true }))
        .await
        .json();
    assert_eq!(refusal["answerable"], false);
    let report = app
        .post(&format!("{base}/evaluate"), &json!({}))
        .await
        .json();
    assert_eq!(report["results"][0]["rank"], 1, "{report}");
}

#[tokio::test]
async fn an_evaluation_tells_figures_intervals_and_every_question() {
    let (app, base) = harbour().await;
    for name in ["青鸥", "白鹭", "黑鲸"] {
        add(
            &app,
            &base,
            &format!("{name}号停在东湾的第几号码头？"),
            &format!("{name}.txt"),
        )
        .await;
    }
    let nothing = json!({ "question": "谁在火星上开咖啡馆？", "answerable": false });
    app.post(&format!("{base}/gold-questions"), &nothing).await;
    let report = app.post(&format!("{base}/evaluate"), &json!({})).await;
    assert_eq!(report.status, 200, "{}", report.text());
    let report = report.json();
    for figure in [
        "recall_at_1",
        "recall_at_10",
        "mrr_at_10",
        "ndcg_at_10",
        "search_ms_p50",
        "gate_refusal_recall",
    ] {
        let value = report[figure].as_f64().expect("a number");
        let low = report["intervals"][figure][0].as_f64().expect("a low end");
        let high = report["intervals"][figure][1].as_f64().expect("a high end");
        assert!(
            low <= value && value <= high,
            "{figure} {low} {value} {high}"
        );
    }
    assert_eq!(report["questions"], 4);
    assert_eq!(report["results"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        keys(&report["results"][0]),
        [
            "answerability",
            "answerable",
            "id",
            "ndcg",
            "question",
            "rank",
            "refused",
            "retrieve_ms",
            "search_ms"
        ]
    );
    let some = app
        .post(&format!("{base}/evaluate"), &json!({ "limit": 2 }))
        .await
        .json();
    assert_eq!(some["questions"], 2);
}

#[tokio::test]
async fn a_calibrated_threshold_is_told_used_by_searches_and_taken_back() {
    let (app, base) = harbour().await;
    let search = || async {
        let body = json!({ "query": "青鸥号停在哪里？" });
        app.post(&format!("{base}/search"), &body).await.json()["evidence"]["threshold"].clone()
    };
    let built_in = search().await;
    let fitted = app
        .post(&format!("{base}/calibrate"), &json!({ "questions": 30 }))
        .await;
    assert_eq!(fitted.status, 200, "{}", fitted.text());
    let fitted = fitted.json();
    assert_eq!(fitted["built_in"], built_in);
    assert_eq!(search().await, fitted["threshold"]);
    let told = app.get(&base).await.json()["calibration"].clone();
    assert_eq!(
        keys(&told),
        [
            "built_in",
            "created_at",
            "gold",
            "in_use",
            "lost",
            "lost_built_in",
            "lost_interval",
            "made",
            "model",
            "refused",
            "refused_built_in",
            "refused_interval",
            "threshold",
            "written"
        ]
    );
    assert_eq!(
        (&told["threshold"], &told["in_use"]),
        (&fitted["threshold"], &json!(true))
    );
    let again = app
        .post(&format!("{base}/calibrate"), &json!({ "questions": 30 }))
        .await
        .json();
    assert_eq!(again, fitted, "the same seed gives the same threshold");
    let path = format!("{base}/calibration");
    assert_eq!(app.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(search().await, built_in);
    assert_eq!(app.get(&base).await.json()["calibration"], Value::Null);
}

#[tokio::test]
async fn too_little_text_is_no_ground_for_a_threshold() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "a.txt", "灯塔高三十七米，由两个人看守。")
        .await;
    let refused = app.post(&format!("{base}/calibrate"), &json!({})).await;
    assert_eq!(refused.error(), (422, "too_little_text".to_owned()));
    assert_eq!(app.get(&base).await.json()["calibration"], Value::Null);
}
