//! Pages of boxes in the order in which people read them.

use proptest::prelude::*;

use super::*;

/// Boxes of 20 pixels height.
fn place(left: f32, top: f32, width: f32) -> Place {
    Place {
        left,
        top,
        right: left + width,
        bottom: top + 20.0,
    }
}

fn flat(places: &[Place]) -> Vec<usize> {
    rows(places).concat().concat()
}

#[test]
fn two_columns_are_read_one_after_the_other() {
    let mut places = vec![place(100.0, 0.0, 600.0)];
    for line in 0..5 {
        let top = 60.0 + line as f32 * 30.0;
        places.push(place(10.0, top, 380.0));
        places.push(place(420.0, top + 11.0, 370.0));
    }
    places.push(place(10.0, 220.0, 780.0));
    assert_eq!(flat(&places), [0, 1, 3, 5, 7, 9, 2, 4, 6, 8, 10, 11]);
}

#[test]
fn three_columns_are_read_one_after_the_other() {
    let mut places = Vec::new();
    for line in 0..4 {
        for column in 0..3 {
            places.push(place(column as f32 * 300.0, line as f32 * 28.0, 260.0));
        }
    }
    assert_eq!(flat(&places), [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
}

#[test]
fn rows_of_a_table_stay_rows() {
    let mut places = Vec::new();
    for line in 0..6 {
        for (left, width) in [(0.0, 90.0), (200.0, 20.0), (400.0, 60.0)] {
            places.push(place(left, line as f32 * 24.0, width));
        }
    }
    let rows = rows(&places);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.len() == 3));
    assert_eq!(rows[2], [vec![6], vec![7], vec![8]]);
}

#[test]
fn cells_of_several_lines_are_kept_together() {
    // A cell of one line stands between the two lines of the others.
    let places = [
        place(0.0, 0.0, 80.0),
        place(0.0, 26.0, 70.0),
        place(200.0, 13.0, 120.0),
        place(400.0, 1.0, 80.0),
        place(400.0, 27.0, 110.0),
    ];
    assert_eq!(rows(&places), [vec![vec![0, 1], vec![2], vec![3, 4]]]);
}

#[test]
fn a_page_header_does_not_end_up_in_the_middle_of_the_page() {
    let mut places = vec![place(10.0, 0.0, 300.0), place(650.0, 0.0, 140.0)];
    for line in 0..6 {
        let top = 120.0 + line as f32 * 30.0;
        places.push(place(10.0, top, 380.0));
        places.push(place(420.0, top, 370.0));
    }
    assert_eq!(flat(&places)[..3], [0, 1, 2]);
}

proptest! {
    #[test]
    fn every_box_is_read_exactly_once(boxes in proptest::collection::vec((-50_f32..900.0, -50_f32..900.0, 0_f32..700.0, 0_f32..90.0), 0..60)) {
        let places: Vec<Place> = boxes
            .into_iter()
            .map(|(left, top, width, height)| Place { left, top, right: left + width, bottom: top + height })
            .collect();
        let mut read = flat(&places);
        read.sort_unstable();
        prop_assert_eq!(read, (0..places.len()).collect::<Vec<_>>());
    }
}
