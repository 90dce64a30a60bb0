//! Settings: defaults, file, environment, flags; every problem reported at once.
