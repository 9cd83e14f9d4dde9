//! Pure: values in, values out.
pub mod changelog;
