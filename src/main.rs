//! The `wenyuan` program.
fn main() {}
