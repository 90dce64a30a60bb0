//! Whole searches over an index in memory.

mod explaining;
mod why_not;
mod world;
