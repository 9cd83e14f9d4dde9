//! Whether anybody outside of this machine is asked.

/// Whether a remote or a forge is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Online,
    /// `--offline`.
    Offline,
}

impl Reach {
    /// Online, unless the user gives `--offline`.
    pub fn unless(offline: bool) -> Reach {
        if offline {
            Reach::Offline
        } else {
            Reach::Online
        }
    }
}
