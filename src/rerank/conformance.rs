//! What every cross-encoder promises, checked alike on all of them.

use super::{CrossEncoder, MOST_PASSAGES, RerankError};

/// A question of the fixtures' small vocabulary.
pub(crate) const QUESTION: &str = "石桥谁修建";

/// Passages for it, the best one second.
pub(crate) const PASSAGES: [&str; 4] = ["县里桥多", "石桥由李原修建", "灯塔", "tea and pump"];

fn passages() -> Vec<String> {
    PASSAGES.map(str::to_owned).to_vec()
}

/// Runs the suite. The model must think the second passage the best one.
pub(crate) async fn keeps_its_promises(model: &dyn CrossEncoder) {
    assert!(!model.name().is_empty());
    assert!(model.fingerprint().starts_with(model.name()));
    assert!(model.max_tokens() > 0);

    let scores = model.rerank(QUESTION, &passages()).await.expect("scores");
    assert_eq!(scores.len(), PASSAGES.len());
    assert!(
        scores.iter().all(|score| (0.0..=1.0).contains(score)),
        "{scores:?}"
    );
    let best = scores.iter().copied().fold(0.0, f32::max);
    assert!((scores[1] - best).abs() < 1e-6, "{scores:?}");

    let again = model.rerank(QUESTION, &passages()).await.expect("scores");
    for (one, other) in scores.iter().zip(&again) {
        assert!((one - other).abs() < 1e-4, "the same call, the same scores");
    }

    let mut turned = passages();
    turned.reverse();
    let mut mirrored = model.rerank(QUESTION, &turned).await.expect("scores");
    mirrored.reverse();
    for (one, other) in scores.iter().zip(&mirrored) {
        assert!((one - other).abs() < 1e-3, "{scores:?} {mirrored:?}");
    }

    let none = model.rerank(QUESTION, &[]).await.expect("nothing to do");
    assert!(none.is_empty());

    let odd = vec![
        String::new(),
        "石桥".repeat(20_000),
        "[CLS] [SEP] <s> </s> \u{0} \u{feff}".to_owned(),
    ];
    let scores = model.rerank(QUESTION, &odd).await.expect("any text");
    assert_eq!(scores.len(), 3);
    let long = "谁".repeat(4_000);
    assert_eq!(
        model.rerank(&long, &odd).await.expect("any question").len(),
        3
    );

    let many = vec!["石".to_owned(); MOST_PASSAGES + 1];
    let refused = model.rerank(QUESTION, &many).await;
    assert!(matches!(refused, Err(RerankError::Refused(_))));
}
