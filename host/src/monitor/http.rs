//! The load monitor over HTTP.
