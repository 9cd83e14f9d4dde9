//! Where the configuration is.

/// Name of the configuration file at the repository's root.
pub const FILE: &str = "relwatch.yml";
