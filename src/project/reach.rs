//! Whether relwatch contacts other machines.

/// Whether a remote or a forge may be contacted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Online,
    /// Set by `--offline`.
    Offline,
}

impl Reach {
    /// `Online`, unless the user gives `--offline`.
    pub fn unless(offline: bool) -> Reach {
        if offline {
            Reach::Offline
        } else {
            Reach::Online
        }
    }
}
