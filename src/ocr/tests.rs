//! Boxes and the ways to read them, without models.

use super::*;

fn region(width: f32, height: f32) -> Region {
    Region {
        middle: (100.0, 100.0),
        right: (1.0, 0.0),
        width,
        height,
    }
}

#[test]
fn a_wide_box_is_read_from_the_left_and_a_tall_one_downwards() {
    let wide = assumed(&region(80.0, 20.0));
    assert!(wide[0].x < wide[1].x && (wide[0].y - wide[1].y).abs() < 1e-3);
    let tall = assumed(&region(20.0, 80.0));
    assert!(tall[0].y < tall[1].y && (tall[0].x - tall[1].x).abs() < 1e-3);
    // Letters that run down have their feet at the left.
    assert!(tall[0].x > tall[3].x);
}

#[test]
fn half_a_turn_begins_at_the_other_end() {
    let corners = region(80.0, 20.0).corners();
    let half = turned(&corners, 2);
    assert_eq!((half[0], half[1]), (corners[2], corners[3]));
    assert_eq!(turned(&half, 2), corners);
}

#[test]
fn a_missing_model_is_an_error_that_names_the_file() {
    let files = RecognizerFiles {
        runtime: "nowhere/libonnxruntime.so".into(),
        detector: "nowhere/det.onnx".into(),
        classifier: "nowhere/cls.onnx".into(),
        reader: "nowhere/rec.onnx".into(),
    };
    let error = open(&files).err().expect("nothing is there");
    assert!(error.to_string().contains("onnx"), "{error}");
}
