//! Reading order: bands of a page from the top, columns from the left, rows of a table as rows.

/// Where a line of text stands: an upright box, in pixels, y downwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Place {
    pub(super) fn height(&self) -> f32 {
        (self.bottom - self.top).max(1.0)
    }

    fn width(&self) -> f32 {
        (self.right - self.left).max(1.0)
    }

    fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    /// The part of the height that its letters surely fill; boxes are larger than letters and may touch.
    fn core(&self) -> (f32, f32) {
        let half = self.height() * 0.35;
        (self.middle() - half, self.middle() + half)
    }
}

/// One row as people read it. A cell holds the numbers of the boxes in it, in order.
pub(super) type Row = Vec<Vec<usize>>;

/// How deep bands and columns may lie in one another.
const DEPTH: u32 = 24;

/// Lines of running text fill that much of their column's width, at least every second of them.
const FILLED: f32 = 0.75;

/// Most lines of one cell of a table.
const MOST_LINES: f32 = 6.0;

/// The boxes in the order in which they are read, each exactly once.
pub(super) fn rows(places: &[Place]) -> Vec<Row> {
    let mut page = Page {
        places,
        rows: Vec::new(),
    };
    page.region((0..places.len()).collect(), 0);
    page.rows
}

struct Page<'a> {
    places: &'a [Place],
    rows: Vec<Row>,
}

impl Page<'_> {
    fn place(&self, index: usize) -> Place {
        self.places[index]
    }

    /// A part of the page: bands with much space between them, then columns, then rows.
    fn region(&mut self, members: Vec<usize>, depth: u32) {
        if members.len() < 2 || depth >= DEPTH {
            self.plain_rows(&members);
            return;
        }
        let height = self.usual_height(&members);
        let bands = self.bands(&members, height * 3.0);
        if bands.len() > 1 {
            for band in bands {
                self.region(band, depth + 1);
            }
            return;
        }
        let Some(gutter) = self.gutter(&members, height) else {
            self.plain_rows(&members);
            return;
        };
        let (mut across, beside): (Vec<usize>, Vec<usize>) =
            members.into_iter().partition(|&index| {
                self.place(index).left < gutter && self.place(index).right > gutter
            });
        if across.is_empty() {
            let (left, right) = beside
                .into_iter()
                .partition(|&index| self.place(index).right <= gutter);
            self.region(left, depth + 1);
            self.region(right, depth + 1);
            return;
        }
        across.sort_by(|&one, &other| {
            self.place(one)
                .middle()
                .total_cmp(&self.place(other).middle())
        });
        let mut rest = beside;
        for line in across {
            let middle = self.place(line).middle();
            let (above, below) = rest
                .into_iter()
                .partition(|&index| self.place(index).middle() < middle);
            rest = below;
            self.region(above, depth + 1);
            self.rows.push(vec![vec![line]]);
        }
        self.region(rest, depth + 1);
    }

    fn usual_height(&self, members: &[usize]) -> f32 {
        median(members.iter().map(|&index| self.place(index).height()))
    }

    /// Parts the members where nothing stands for more than `gap`, from the top.
    fn bands(&self, members: &[usize], gap: f32) -> Vec<Vec<usize>> {
        let mut sorted = members.to_vec();
        sorted.sort_by(|&one, &other| self.place(one).top.total_cmp(&self.place(other).top));
        let mut bands: Vec<Vec<usize>> = Vec::new();
        let mut end = f32::NEG_INFINITY;
        for index in sorted {
            let place = self.place(index);
            match bands.last_mut() {
                Some(band) if place.top - end <= gap => band.push(index),
                _ => bands.push(vec![index]),
            }
            end = end.max(place.bottom);
        }
        bands
    }

    /// Where the space between two columns of running text lies, if there is one: few lines cross it, and on both
    /// sides of it lines fill their column. The columns of a table do not: its rows must stay rows.
    fn gutter(&self, members: &[usize], height: f32) -> Option<f32> {
        let mut edges: Vec<(f32, f32)> = Vec::with_capacity(members.len() * 2);
        for place in members.iter().map(|&index| self.place(index)) {
            edges.push((place.left, place.height()));
            edges.push((place.right, -place.height()));
        }
        edges.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut covered = Vec::with_capacity(edges.len());
        let mut sum = 0.0_f32;
        for &(_, change) in &edges {
            sum += change;
            covered.push(sum.max(0.0));
        }
        let mut right_peaks = vec![0.0_f32; covered.len() + 1];
        for at in (0..covered.len()).rev() {
            right_peaks[at] = right_peaks[at + 1].max(covered[at]);
        }
        let mut left_peak = 0.0_f32;
        let mut found: Vec<(f32, f32)> = Vec::new();
        for at in 0..covered.len().saturating_sub(1) {
            let (from, to) = (edges[at].0, edges[at + 1].0);
            let lower = left_peak.min(right_peaks[at + 1]);
            if to - from >= height * 0.5 && covered[at] < lower * 0.6 {
                found.push((covered[at] / lower, f32::midpoint(from, to)));
            }
            left_peak = left_peak.max(covered[at]);
        }
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        found
            .into_iter()
            .take(8)
            .map(|(_, x)| x)
            .find(|&x| self.parts_columns(members, x, height))
    }

    fn parts_columns(&self, members: &[usize], x: f32, height: f32) -> bool {
        let is_text = |places: Vec<Place>| {
            let width = median(places.iter().map(Place::width));
            places.len() >= 3 && width >= height * 6.0 && median(fillings(places)) >= FILLED
        };
        let (left, right): (Vec<Place>, Vec<Place>) = members
            .iter()
            .map(|&index| self.place(index))
            .filter(|place| place.right <= x || place.left >= x)
            .partition(|place| place.right <= x);
        is_text(left) && is_text(right)
    }

    /// Rows from the top, each from the left.
    fn plain_rows(&mut self, members: &[usize]) {
        for band in self.core_bands(members) {
            match self.cells_of(&band) {
                Some(row) => self.rows.push(row),
                None => {
                    for row in self.lines(&band) {
                        let row = self.runs(row);
                        self.rows.push(row);
                    }
                }
            }
        }
    }

    /// Parts the members where the letters of nothing stand.
    fn core_bands(&self, members: &[usize]) -> Vec<Vec<usize>> {
        let mut sorted = members.to_vec();
        sorted.sort_by(|&one, &other| {
            self.place(one)
                .core()
                .0
                .total_cmp(&self.place(other).core().0)
        });
        let mut bands: Vec<Vec<usize>> = Vec::new();
        let mut end = f32::NEG_INFINITY;
        for index in sorted {
            let (top, bottom) = self.place(index).core();
            match bands.last_mut() {
                Some(band) if top < end => band.push(index),
                _ => bands.push(vec![index]),
            }
            end = end.max(bottom);
        }
        bands
    }

    /// The row of a table whose cells have several lines: some stand beside two that stand over one another. `None`
    /// where it is no such row.
    fn cells_of(&self, band: &[usize]) -> Option<Row> {
        let lines = self.lines(band);
        let straddles = |index: usize| {
            let (top, bottom) = self.place(index).core();
            lines
                .iter()
                .filter(|line| {
                    line.iter().any(|&other| {
                        let core = self.place(other).core();
                        other != index && core.0 < bottom && core.1 > top
                    })
                })
                .count()
                > 1
        };
        let places = || band.iter().map(|&index| self.place(index));
        let top = places()
            .map(|place| place.top)
            .fold(f32::INFINITY, f32::min);
        let bottom = places()
            .map(|place| place.bottom)
            .fold(f32::NEG_INFINITY, f32::max);
        // More are rows that only seem to touch one another, on a page that is not flat.
        let few = bottom - top <= self.usual_height(band) * MOST_LINES;
        if lines.len() < 2 || !few || !band.iter().any(|&index| straddles(index)) {
            return None;
        }
        let mut sorted = band.to_vec();
        sorted.sort_by(|&one, &other| self.place(one).left.total_cmp(&self.place(other).left));
        let mut cells: Row = Vec::new();
        let mut end = f32::NEG_INFINITY;
        for index in sorted {
            let place = self.place(index);
            match cells.last_mut() {
                Some(cell) if place.left < end - place.height() * 0.3 => cell.push(index),
                _ => cells.push(vec![index]),
            }
            end = end.max(place.right);
        }
        for cell in &mut cells {
            *cell = self.lines(cell).concat();
        }
        (cells.len() > 1).then_some(cells)
    }

    /// Lines of boxes whose middles are level, from the top, each sorted from the left.
    fn lines(&self, members: &[usize]) -> Vec<Vec<usize>> {
        let mut sorted = members.to_vec();
        sorted.sort_by(|&one, &other| {
            self.place(one)
                .middle()
                .total_cmp(&self.place(other).middle())
        });
        let mut lines: Vec<Vec<usize>> = Vec::new();
        for index in sorted {
            let place = self.place(index);
            // A line that bends is level with its neighbour, not with its other end.
            let fits = |line: &Vec<usize>| {
                let near = line.iter().min_by(|&&one, &&other| {
                    let gap = |at: usize| gap(&self.place(at), &place);
                    gap(one).total_cmp(&gap(other))
                });
                near.is_some_and(|&near| {
                    let near = self.place(near);
                    let apart = (near.middle() - place.middle()).abs();
                    apart < near.height().min(place.height()) * 0.5
                        && gap(&near, &place) > -place.height().min(near.height())
                })
            };
            match lines.last_mut() {
                Some(line) if fits(line) => line.push(index),
                _ => lines.push(vec![index]),
            }
        }
        for line in &mut lines {
            line.sort_by(|&one, &other| self.place(one).left.total_cmp(&self.place(other).left));
        }
        lines
    }

    /// A line as cells: what stands close together is one.
    fn runs(&self, line: Vec<usize>) -> Row {
        let mut cells: Row = Vec::new();
        for index in line {
            let place = self.place(index);
            let close = cells
                .last()
                .and_then(|cell| cell.last())
                .map(|&before| self.place(before))
                .is_some_and(|before| {
                    place.left - before.right < before.height().min(place.height()) * 1.2
                });
            match cells.last_mut() {
                Some(cell) if close => cell.push(index),
                _ => cells.push(vec![index]),
            }
        }
        cells
    }
}

/// For each box how much it fills of its column's width; columns have free space between them.
fn fillings(mut places: Vec<Place>) -> impl Iterator<Item = f32> {
    places.sort_by(|one, other| one.left.total_cmp(&other.left));
    let mut columns: Vec<(f32, f32)> = Vec::new();
    let mut of_column = Vec::with_capacity(places.len());
    for place in &places {
        match columns.last_mut() {
            Some(column) if place.left <= column.1 => column.1 = column.1.max(place.right),
            _ => columns.push((place.left, place.right)),
        }
        of_column.push(columns.len() - 1);
    }
    places
        .into_iter()
        .zip(of_column)
        .map(move |(place, column)| {
            let (left, right) = columns[column];
            place.width() / (right - left).max(1.0)
        })
}

/// The free width between two boxes; below zero where they overlap.
fn gap(one: &Place, other: &Place) -> f32 {
    (one.left.max(other.left)) - (one.right.min(other.right))
}

/// The middle value; 1 for none.
pub(super) fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests;
