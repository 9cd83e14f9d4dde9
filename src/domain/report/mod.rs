//! Figures and tables about releases.

pub mod deprecation;
pub mod metrics;
pub mod support;
