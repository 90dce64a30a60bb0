//! Measured quality and speed.
