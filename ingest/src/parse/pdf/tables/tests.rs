//! Tables among lines of text.

use super::Part;
use super::aligned::parts;
use crate::parse::pdf::rows::rows;
use crate::parse::pdf::sketch::Segment;
use crate::parse::pdf::testing::segment;

/// A figure or head that ends at `right`.
fn figure(text: &str, right: f32, baseline: f32) -> Segment {
    segment(text, right - text.chars().count() as f32 * 5.0, baseline)
}

fn rendered(segments: Vec<Segment>) -> Vec<String> {
    parts(rows(segments))
        .into_iter()
        .map(|part| match part {
            Part::Row(row) => {
                let texts: Vec<&str> = row.segments.iter().map(|one| one.text.as_str()).collect();
                texts.join(" ")
            }
            Part::Table(table) => table
                .parts()
                .into_iter()
                .map(|part| part.text)
                .collect::<Vec<_>>()
                .join("\n\n"),
        })
        .collect()
}

#[test]
fn a_financial_statement_keeps_its_years_over_its_figures() {
    let found = rendered(vec![
        segment(
            "The following table shows our results in millions.",
            50.0,
            80.0,
        ),
        segment("Year Ended December 31,", 300.0, 110.0),
        figure("2016", 330.0, 122.0),
        figure("2017", 430.0, 122.0),
        segment("Current assets:", 50.0, 134.0),
        segment("Cash and cash", 60.0, 146.0),
        segment("equivalents", 60.0, 157.0),
        segment("$", 285.0, 157.0),
        figure("19,334", 330.0, 157.0),
        segment("$", 385.0, 157.0),
        figure("20,522", 430.0, 157.0),
        segment("Total", 50.0, 169.0),
        figure("(1,234", 326.0, 169.0),
        segment(")", 327.0, 169.0),
        figure("—", 430.0, 169.0),
        segment("And so the text goes on after the table.", 50.0, 230.0),
    ]);
    assert_eq!(
        found,
        [
            "The following table shows our results in millions.",
            "| | Year Ended December 31, 2016 | Year Ended December 31, 2017 |\n\
             | --- | --- | --- |\n\
             | Current assets: | | |\n\
             | Cash and cash equivalents | $ 19,334 | $ 20,522 |\n\
             | Total | (1,234) | — |",
            "And so the text goes on after the table.",
        ]
    );
}

#[test]
fn a_table_of_words_needs_aligned_columns() {
    let mut table = Vec::new();
    let mut prose = Vec::new();
    for (row, (name, place)) in [
        ("Name", "Place"),
        ("Anna", "Vienna"),
        ("Bo", "Oslo"),
        ("Chen", "Xi'an"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = 100.0 + row as f32 * 14.0;
        table.push(segment(name, 50.0, at));
        table.push(segment(place, 200.0, at));
        prose.push(segment("words of a text that is set", 50.0, at));
        prose.push(segment(
            "wide apart to fill lines",
            200.0 + row as f32 * 9.0,
            at,
        ));
    }
    assert_eq!(
        rendered(table),
        ["| Name | Place |\n| --- | --- |\n| Anna | Vienna |\n| Bo | Oslo |\n| Chen | Xi'an |"]
    );
    assert_eq!(rendered(prose).len(), 4);
}

#[test]
fn a_table_of_contents_stays_lines() {
    let contents = (0..5)
        .flat_map(|row| {
            let at = 100.0 + row as f32 * 14.0;
            [
                segment("Some chapter ................", 50.0, at),
                figure(&(row * 7 + 1).to_string(), 400.0, at),
            ]
        })
        .collect();
    assert_eq!(rendered(contents).len(), 5);
}
