//! Metrics and tables about releases.

pub mod deprecation;
pub mod dora;
pub mod metrics;
pub mod support;
pub mod trend;
