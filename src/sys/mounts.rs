//! The type of file system that a path is on.

use std::path::Path;

use crate::sys::files;

/// The mounted file systems, as the kernel lists them (proc(5)).
pub struct Mounts(String);

/// The current list. Empty if the kernel has none.
pub fn read() -> Mounts {
    let bytes = files::read(Path::new("/proc/self/mounts")).ok().flatten();
    Mounts(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
}

impl Mounts {
    /// The type of network file system that a path is on, as named by the kernel. `None` for a local one. The kernel does not report
    /// changes that other machines make there (inotify(7), "Limitations and caveats").
    pub fn network(&self, path: &Path) -> Option<String> {
        network_kind(&self.0, path)
    }
}

fn network_kind(mounts: &str, path: &Path) -> Option<String> {
    const NETWORK: &[&str] = &[
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "fuse.sshfs",
        "fuse.rclone",
        "vboxsf",
        "drvfs",
        "virtiofs",
    ];
    let lines = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        // Blanks in paths are written as octal numbers (fstab(5)).
        Some((words.next()?.replace("\\040", " "), words.next()?))
    });
    let above = lines.filter(|(point, _)| path.starts_with(point));
    let (_, kind) = above.max_by_key(|(point, _)| point.len())?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_point_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\nhost:/x /mnt/my\\040disk nfs4 rw 0 0\n/dev/b /mnt/my\\040disk/local ext4 rw 0 0\n";
        let kind = |path: &str| network_kind(mounts, Path::new(path));
        assert_eq!(kind("/mnt/my disk/r").as_deref(), Some("nfs4"));
        assert_eq!(kind("/mnt/my disk/local/r"), None);
        assert_eq!(kind("/home/r"), None);
    }
}
