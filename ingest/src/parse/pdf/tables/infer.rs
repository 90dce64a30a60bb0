//! Columns of a table without lines, from what stands below what.

use super::cell::Cell;

/// Most columns of a table.
const MOST: usize = 40;

/// Left and right edges of the columns of some rows of cells, from the left.
pub(super) fn columns(rows: &[Vec<Cell>], size: f32) -> Vec<(f32, f32)> {
    let mut order: Vec<&Vec<Cell>> = rows.iter().filter(|row| row.len() >= 2).collect();
    // Rows with many cells show the columns best; what is set over several columns only shows once those are known.
    order.sort_by_key(|row| std::cmp::Reverse(row.len()));
    let mut found: Vec<(f32, f32)> = Vec::new();
    for cell in order.into_iter().flatten() {
        let (left, right) = (cell.left(), cell.right());
        let mut under = found
            .iter()
            .enumerate()
            .filter(|(_, column)| overlap(**column, (left, right)) > 0.0)
            .map(|(index, _)| index);
        match (under.next(), under.next()) {
            (None, _) => {
                let at = found.partition_point(|column| column.0 < left);
                found.insert(at, (left, right));
                if found.len() > MOST {
                    return Vec::new();
                }
            }
            (Some(one), None) => {
                let before = one.checked_sub(1).and_then(|at| found.get(at)).copied();
                let after = found.get(one + 1).copied();
                let column = &mut found[one];
                if before.is_none_or(|before| before.1 < left) {
                    column.0 = column.0.min(left);
                }
                if after.is_none_or(|after| after.0 > right) {
                    column.1 = column.1.max(right);
                }
            }
            (Some(_), Some(_)) => {}
        }
    }
    join_strays(found, rows, size)
}

/// Joins neighbours that no row has both of: a figure beside a dash or a date that is centred differently.
fn join_strays(mut columns: Vec<(f32, f32)>, rows: &[Vec<Cell>], size: f32) -> Vec<(f32, f32)> {
    let mut at = 0;
    while at + 1 < columns.len() {
        let (one, two) = (columns[at], columns[at + 1]);
        let has = |row: &[Cell], column: (f32, f32)| {
            row.iter()
                .any(|cell| overlap(column, (cell.left(), cell.right())) > 0.0)
        };
        let both = rows
            .iter()
            .any(|row| row.len() >= 2 && has(row, one) && has(row, two));
        if !both && two.0 - one.1 < size * 2.5 {
            columns[at].1 = two.1;
            columns.remove(at + 1);
        } else {
            at += 1;
        }
    }
    columns
}

/// How much of two ranges lies over one another; negative for a gap between them.
pub(super) fn overlap(one: (f32, f32), two: (f32, f32)) -> f32 {
    one.1.min(two.1) - one.0.max(two.0)
}

/// The first and last column that a cell lies over, or the nearest one.
pub(super) fn under(columns: &[(f32, f32)], cell: &Cell) -> (usize, usize) {
    let range = (cell.left(), cell.right());
    let mut hit = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| overlap(**column, range) > 0.0)
        .map(|(index, _)| index);
    if let Some(first) = hit.next() {
        return (first, hit.next_back().unwrap_or(first));
    }
    let nearest = columns
        .iter()
        .enumerate()
        .max_by(|one, two| overlap(*one.1, range).total_cmp(&overlap(*two.1, range)))
        .map_or(0, |(index, _)| index);
    (nearest, nearest)
}

/// Whether most cells of a column begin, end or are centred at one place.
pub(super) fn is_aligned(cells: &[&Cell], size: f32) -> bool {
    let places: [fn(&Cell) -> f32; 3] = [Cell::left, Cell::right, |cell| {
        f32::midpoint(cell.left(), cell.right())
    }];
    places.iter().any(|place| {
        let mut values: Vec<f32> = cells.iter().map(|cell| place(cell)).collect();
        values.sort_by(f32::total_cmp);
        let near = size * 0.5;
        let mut most = 0;
        let mut from = 0;
        for (to, value) in values.iter().enumerate() {
            while value - values[from] > near {
                from += 1;
            }
            most = most.max(to + 1 - from);
        }
        most * 10 >= values.len() * 6
    })
}
