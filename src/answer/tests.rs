//! End-to-end tests of answering with scripted parts.
