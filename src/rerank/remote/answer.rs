//! What a server answers: `{"results": [{"index", "relevance_score"}]}`, or a bare list of `{"index", "score"}`.

use serde::Deserialize;

use crate::rerank::sigmoid;

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Results { results: Vec<Scored> },
    List(Vec<Scored>),
}

#[derive(Deserialize)]
struct Scored {
    index: usize,
    #[serde(alias = "relevance_score")]
    score: f32,
}

/// One number in [0, 1] for each of `count` passages, in their order.
///
/// Some servers answer with logits. An answer with any number outside of [0, 1] is taken for such, all of it.
pub(super) fn scores(bytes: &[u8], count: usize) -> Result<Vec<f32>, String> {
    let answer: Answer = serde_json::from_slice(bytes)
        .map_err(|_| "its answer is not a list of scores".to_owned())?;
    let (Answer::Results { results } | Answer::List(results)) = answer;
    let mut scores: Vec<Option<f32>> = vec![None; count];
    for one in results {
        let place = scores.get_mut(one.index);
        let place =
            place.ok_or_else(|| "its answer scores a passage that it was not given".to_owned())?;
        if !one.score.is_finite() || place.replace(one.score).is_some() {
            return Err("its answer is not one number per passage".to_owned());
        }
    }
    let scores: Option<Vec<f32>> = scores.into_iter().collect();
    let scores = scores.ok_or_else(|| "its answer leaves passages out".to_owned())?;
    if scores.iter().all(|score| (0.0..=1.0).contains(score)) {
        Ok(scores)
    } else {
        Ok(scores.into_iter().map(sigmoid).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, count: usize) -> Result<Vec<f32>, String> {
        scores(json.as_bytes(), count)
    }

    #[test]
    fn both_forms_are_read_and_put_in_the_order_of_the_passages() {
        let results = r#"{"model":"m","results":[{"index":1,"relevance_score":0.9,"document":{"text":"x"}},{"index":0,"relevance_score":0.25}]}"#;
        assert_eq!(read(results, 2).expect("scores"), [0.25, 0.9]);
        let list = r#"[{"index":1,"score":1.0},{"index":0,"score":0.0}]"#;
        assert_eq!(read(list, 2).expect("scores"), [0.0, 1.0]);
    }

    #[test]
    fn logits_become_probabilities_in_the_same_order() {
        let found = read(r#"[{"index":0,"score":-3.5},{"index":1,"score":0.5}]"#, 2);
        let found = found.expect("scores");
        assert!(
            found[0] < 0.1 && found[1] > 0.6 && found[1] < 0.7,
            "{found:?}"
        );
    }

    #[test]
    fn an_answer_that_is_not_one_number_per_passage_is_refused() {
        for odd in [
            "",
            "{}",
            "[]",
            "null",
            r#"[{"index":0,"score":0.5}]"#,
            r#"[{"index":0,"score":0.5},{"index":0,"score":0.5}]"#,
            r#"[{"index":0,"score":0.5},{"index":2,"score":0.5}]"#,
            r#"[{"index":0,"score":0.5},{"index":1,"score":1e99}]"#,
            r#"[{"index":-1,"score":0.5},{"index":1,"score":0.5}]"#,
            r#"{"results":"many"}"#,
        ] {
            assert!(read(odd, 2).is_err(), "{odd}");
        }
    }
}
