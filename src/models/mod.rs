//! The model catalog: what can be installed, from where, and whether what is installed is whole.
