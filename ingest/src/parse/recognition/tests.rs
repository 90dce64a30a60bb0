//! Reading pictures with a recognizer that says what the test wants.

use super::*;

/// Sees the same lines on an upright page of 400 by 600 pixels, and what `askew` says on any other.
struct Scripted {
    upright: Vec<TextLine>,
    askew: Vec<TextLine>,
    asked: u32,
}

impl TextRecognizer for Scripted {
    fn recognize(&mut self, picture: &Picture) -> Result<Vec<TextLine>, RecognizeError> {
        self.asked += 1;
        Ok(if picture.width() < picture.height() {
            self.upright.clone()
        } else {
            self.askew.clone()
        })
    }
}

fn line(text: &str, confidence: f32, [left, top, width, height]: [f32; 4]) -> TextLine {
    let corner = |x, y| Corner { x, y };
    TextLine {
        text: text.to_owned(),
        confidence,
        corners: [
            corner(left, top),
            corner(left + width, top),
            corner(left + width, top + height),
            corner(left, top + height),
        ],
    }
}

fn white(width: u32, height: u32) -> Picture {
    Picture::new(width, height, vec![255; (width * height * 3) as usize]).expect("fits")
}

fn texts(read: &Recognized) -> Vec<&str> {
    read.rows.iter().map(|row| row.text.as_str()).collect()
}

fn page() -> Vec<TextLine> {
    vec![
        line("第二行文字", 0.9, [20.0, 80.0, 300.0, 20.0]),
        line("第一行文字", 1.0, [20.0, 40.0, 300.0, 20.0]),
        line("|", 0.9, [380.0, 40.0, 4.0, 300.0]),
        line("noise", 0.4, [20.0, 300.0, 60.0, 20.0]),
    ]
}

#[test]
fn noise_is_left_out_and_lines_are_in_order() {
    let mut recognizer = Scripted {
        upright: page(),
        askew: Vec::new(),
        asked: 0,
    };
    let read = read(&mut recognizer, &white(400, 600)).expect("is read");
    assert_eq!(texts(&read), ["第一行文字", "第二行文字"]);
    assert_eq!(read.percent(), 95);
    assert_eq!(recognizer.asked, 1);
    assert!((read.rows[0].bounds[1] - 40.0 / 600.0).abs() < 1e-6);
}

#[test]
fn a_page_on_its_side_is_read_once_more_upright() {
    // The page lies on its side: its lines run upwards.
    let corner = |x, y| Corner { x, y };
    let sideways = TextLine {
        text: "第一行".to_owned(),
        confidence: 0.9,
        corners: [
            corner(40.0, 380.0),
            corner(40.0, 80.0),
            corner(60.0, 80.0),
            corner(60.0, 380.0),
        ],
    };
    let mut recognizer = Scripted {
        upright: page(),
        askew: vec![sideways],
        asked: 0,
    };
    let read = read(&mut recognizer, &white(600, 400)).expect("is read");
    assert_eq!(texts(&read), ["第一行文字", "第二行文字"]);
    assert_eq!(recognizer.asked, 2);
    let [left, top, right, bottom] = read.rows[0].bounds;
    // The upright page's top edge is the left edge of the picture.
    assert!(
        left < right && right < 0.2 && bottom - top > 0.5,
        "{:?}",
        read.rows[0].bounds
    );
    assert!((read.height - 600.0).abs() < 1.0);
}

#[test]
fn no_model_is_loaded_for_an_empty_page() {
    fn open(_: &RecognizerFiles) -> Result<Box<dyn TextRecognizer>, RecognizeError> {
        Err(RecognizeError("is asked for".to_owned()))
    }
    let files = RecognizerFiles {
        runtime: "a".into(),
        detector: "b".into(),
        classifier: "c".into(),
        reader: "d".into(),
    };
    let mut pages = 0;
    let mut count = || pages += 1;
    let mut recognition = Recognition::new(open, &files, &mut count);
    let plain = Picture::new(2, 2, [200, 60, 20].repeat(4)).expect("fits");
    let read = recognition.read(&plain).expect("is there");
    assert!(read.expect("is read").rows.is_empty());
    let marked = Picture::new(2, 1, vec![255, 255, 255, 0, 0, 0]).expect("fits");
    assert!(recognition.read(&marked).expect("is there").is_err());
    assert_eq!(pages, 1);
}

#[test]
fn a_page_without_lines_is_not_tried_again() {
    let mut recognizer = Scripted {
        upright: Vec::new(),
        askew: page(),
        asked: 0,
    };
    let read = read(&mut recognizer, &white(400, 600)).expect("is read");
    assert!(read.rows.is_empty());
    assert_eq!(recognizer.asked, 1);
}

#[test]
fn a_title_is_larger_than_the_body_and_the_body_has_one_size() {
    let upright = vec![
        line("较大的标题", 0.9, [20.0, 10.0, 180.0, 44.0]),
        line("正文的第一行比较长一些", 0.9, [20.0, 80.0, 231.0, 24.0]),
        line(
            "the second line of the body",
            0.9,
            [20.0, 110.0, 300.0, 28.0],
        ),
    ];
    let mut recognizer = Scripted {
        upright,
        askew: Vec::new(),
        asked: 0,
    };
    let read = read(&mut recognizer, &white(400, 600)).expect("is read");
    let sizes: Vec<f32> = read.rows.iter().map(|row| row.size).collect();
    assert!(sizes[0] > sizes[1] * 1.4 && (sizes[1] - sizes[2]).abs() < 0.1);
}

#[test]
fn a_panic_in_a_recognizer_is_an_error() {
    struct Broken;
    impl TextRecognizer for Broken {
        fn recognize(&mut self, _: &Picture) -> Result<Vec<TextLine>, RecognizeError> {
            panic!("a model made of nonsense")
        }
    }
    assert!(read(&mut Broken, &white(4, 4)).is_err());
}
