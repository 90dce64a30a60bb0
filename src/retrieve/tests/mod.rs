//! Whole searches over an index in memory.

mod crossing;
mod explaining;
mod why_not;
mod world;
mod writings;
