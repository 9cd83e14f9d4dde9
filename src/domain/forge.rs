//! The project's pages on its forge, derived from a remote's address.
//!
//! Refused: local paths, addresses with characters that could end a Markdown link, and hosts that are not host names. Credentials and ssh
//! ports never get into a link.

use serde::Deserialize;

/// Software that hosts a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    Github,
    Gitlab,
    /// Also Forgejo and Codeberg.
    #[serde(alias = "forgejo")]
    Gitea,
    Bitbucket,
    Azure,
    Sourcehut,
}

/// Pages of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forge {
    pub kind: ForgeKind,
    /// Address of the repository, without a slash at its end.
    web: String,
}

impl Forge {
    /// Forge of a remote: `https://`, `ssh://`, `git://` or `git@host:path`. `kind` is used for an unknown host.
    pub fn of_remote(remote: &str, kind: Option<ForgeKind>) -> Option<Forge> {
        let (scheme, host, path) = parts(remote.trim())?;
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/+%".contains(c);
        let is_path = path.contains('/') && path.chars().all(plain) && !path.contains("..");
        let is_host = host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c));
        if !is_path || !is_host || host.is_empty() {
            return None;
        }
        // The default is GitHub: its pages have the addresses of GitHub Enterprise, and those of Gitea except for pull requests.
        let kind = kind
            .or_else(|| told_kind(&host))
            .unwrap_or(ForgeKind::Github);
        let scheme = if scheme == "http" { "http" } else { "https" };
        let web = match kind {
            ForgeKind::Azure => azure(scheme, &host, path)?,
            _ => format!("{scheme}://{host}/{path}"),
        };
        Some(Forge { kind, web })
    }

    /// Address of a remote's pages, if the host's name shows which forge it is.
    pub fn address_of(remote: &str) -> Option<String> {
        let (_, host, _) = parts(remote.trim())?;
        Forge::of_remote(remote, Some(told_kind(&host)?)).map(|forge| forge.web)
    }

    /// Forge at a configured address.
    pub fn of_web(web: &str, kind: Option<ForgeKind>) -> Option<Forge> {
        let is_web = web.starts_with("https://") || web.starts_with("http://");
        is_web.then(|| Forge::of_remote(web, kind)).flatten()
    }

    /// Address of the repository's own page.
    pub fn home(&self) -> &str {
        &self.web
    }

    /// Short text for a page of this repository: `v0.9.0…v0.10.0` for a comparison, `v0.9.0` for a tag, `#12` for an issue or a request,
    /// seven characters for a commit.
    pub fn short_words(&self, address: &str) -> Option<String> {
        let page = address.strip_prefix(self.web.as_str())?;
        let page = page.strip_prefix("/-").unwrap_or(page);
        let pair = |from: &str, to: &str| Some(format!("{}…{}", short(from), short(to)));
        if let Some((to, from)) = page
            .strip_prefix("/branches/compare/")
            .and_then(|ends| ends.split_once("%0D"))
        {
            return pair(from, to);
        }
        if let Some((from, to)) = page
            .strip_prefix("/branchCompare?baseVersion=GT")
            .and_then(|ends| ends.split_once("&targetVersion=GT"))
        {
            return pair(from, to);
        }
        let (kind, name) = page.strip_prefix('/')?.split_once('/')?;
        match kind {
            "compare" => name.split_once("...").and_then(|(from, to)| pair(from, to)),
            "releases" => name.strip_prefix("tag/").map(str::to_owned),
            "tags" | "refs" => Some(name.to_owned()),
            "commit" | "commits" => Some(short(name).to_owned()),
            "issues" | "pull" | "pulls" | "pull-requests" => {
                name.parse::<u64>().ok().map(|number| format!("#{number}"))
            }
            "merge_requests" => name.parse::<u64>().ok().map(|number| format!("!{number}")),
            _ => None,
        }
    }

    /// Page of an issue; on GitHub and Gitea also that of a pull request.
    pub fn issue(&self, number: u64) -> Option<String> {
        let web = &self.web;
        Some(match self.kind {
            ForgeKind::Github | ForgeKind::Gitea | ForgeKind::Bitbucket => {
                format!("{web}/issues/{number}")
            }
            ForgeKind::Gitlab => format!("{web}/-/issues/{number}"),
            ForgeKind::Azure => format!("{}/_workitems/edit/{number}", web.split("/_git/").next()?),
            ForgeKind::Sourcehut => format!("{}/{number}", web.replacen("://git.", "://todo.", 1)),
        })
    }

    /// Page of a pull or merge request.
    pub fn pull(&self, number: u64) -> Option<String> {
        let web = &self.web;
        Some(match self.kind {
            ForgeKind::Github => format!("{web}/pull/{number}"),
            ForgeKind::Gitlab => format!("{web}/-/merge_requests/{number}"),
            ForgeKind::Gitea => format!("{web}/pulls/{number}"),
            ForgeKind::Bitbucket => format!("{web}/pull-requests/{number}"),
            ForgeKind::Azure => format!("{web}/pullrequest/{number}"),
            // Patches come by mail.
            ForgeKind::Sourcehut => return None,
        })
    }

    /// Page of a commit.
    pub fn commit(&self, id: &str) -> Option<String> {
        let web = &self.web;
        Some(match self.kind {
            ForgeKind::Gitlab => format!("{web}/-/commit/{id}"),
            ForgeKind::Bitbucket => format!("{web}/commits/{id}"),
            _ => format!("{web}/commit/{id}"),
        })
    }

    /// Page that compares two tags, or a tag and HEAD.
    pub fn compare(&self, from: &str, to: &str) -> Option<String> {
        let web = &self.web;
        let (from, to) = (escaped(from), escaped(to));
        Some(match self.kind {
            ForgeKind::Github | ForgeKind::Gitea => format!("{web}/compare/{from}...{to}"),
            ForgeKind::Gitlab => format!("{web}/-/compare/{from}...{to}"),
            // The newer one comes first, with a carriage return between them.
            ForgeKind::Bitbucket => format!("{web}/branches/compare/{to}%0D{from}"),
            // GT marks a tag; there is no name for the default branch.
            ForgeKind::Azure if to == "HEAD" => return None,
            ForgeKind::Azure => {
                format!("{web}/branchCompare?baseVersion=GT{from}&targetVersion=GT{to}")
            }
            // Sourcehut has a log up to a reference, but no page of a range.
            ForgeKind::Sourcehut => return None,
        })
    }

    /// Page of a tag or of its release.
    pub fn tag(&self, name: &str) -> Option<String> {
        let web = &self.web;
        let name = escaped(name);
        Some(match self.kind {
            ForgeKind::Github | ForgeKind::Gitea => format!("{web}/releases/tag/{name}"),
            ForgeKind::Gitlab => format!("{web}/-/tags/{name}"),
            ForgeKind::Bitbucket => format!("{web}/src/{name}"),
            ForgeKind::Azure => format!("{web}?version=GT{name}"),
            ForgeKind::Sourcehut => format!("{web}/refs/{name}"),
        })
    }

    /// Page of a file at a tag or a branch.
    pub fn file(&self, reference: &str, path: &str) -> String {
        let web = &self.web;
        let (at, path) = (escaped(reference), escaped(path));
        match self.kind {
            ForgeKind::Github => format!("{web}/blob/{at}/{path}"),
            ForgeKind::Gitlab => format!("{web}/-/blob/{at}/{path}"),
            // The forge finds out itself whether that is a tag or a branch.
            ForgeKind::Gitea | ForgeKind::Bitbucket => format!("{web}/src/{at}/{path}"),
            ForgeKind::Azure if reference == "HEAD" => format!("{web}?path=/{path}"),
            ForgeKind::Azure => format!("{web}?path=/{path}&version=GT{at}"),
            ForgeKind::Sourcehut => format!("{web}/tree/{at}/item/{path}"),
        }
    }

    /// Page of all issues.
    pub fn issues(&self) -> String {
        let web = &self.web;
        match self.kind {
            ForgeKind::Github | ForgeKind::Gitea | ForgeKind::Bitbucket => format!("{web}/issues"),
            ForgeKind::Gitlab => format!("{web}/-/issues"),
            ForgeKind::Azure => {
                let project = web.split("/_git/").next().unwrap_or(web);
                format!("{project}/_workitems")
            }
            ForgeKind::Sourcehut => web.replacen("://git.", "://todo.", 1),
        }
    }

    /// Name of the repository.
    pub fn name(&self) -> &str {
        self.web.rsplit('/').next().unwrap_or_default()
    }

    /// Account behind a private address of this very forge: `12345+ada@users.noreply.github.com`, `12345-ada@users.noreply.gitlab.com`,
    /// `ada@noreply.codeberg.org`. On another forge the same name may belong to somebody else.
    pub fn account<'a>(&self, address: &'a str) -> Option<&'a str> {
        let host = self.web.split("://").nth(1)?.split(['/', ':']).next()?;
        let (name, at) = address.rsplit_once('@')?;
        let (place, mark) = match self.kind {
            ForgeKind::Github => ("users.noreply.", '+'),
            ForgeKind::Gitlab => ("users.noreply.", '-'),
            ForgeKind::Gitea => ("noreply.", '+'),
            ForgeKind::Bitbucket | ForgeKind::Azure | ForgeKind::Sourcehut => return None,
        };
        let own = at.strip_prefix(place)?;
        let name = match name.split_once(mark) {
            Some((number, name)) if number.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => name,
        };
        (own.eq_ignore_ascii_case(host) && is_account(name)).then_some(name)
    }
}

/// Whether a word may be an account's name. If so, it is also safe to print.
pub fn is_account(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    begins && name.len() <= 100 && name.chars().all(is_plain)
}

/// Scheme, host and path of a remote's address (git-clone(1), "GIT URLS"); `None` for local ones.
fn parts(remote: &str) -> Option<(&str, String, &str)> {
    if let Some((scheme, rest)) = remote.split_once("://") {
        let scheme = scheme.strip_prefix("git+").unwrap_or(scheme);
        if !matches!(scheme, "http" | "https" | "ssh" | "git") {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = match scheme {
            "http" | "https" => host,
            _ => host.split(':').next().unwrap_or(host),
        };
        return Some((scheme, host.to_lowercase(), path));
    }
    let (host, path) = remote.split_once(':')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // `C:\project`, `C:/project` and `./a:b` are paths.
    let is_host = host.contains('.') && !host.contains(['/', '\\']);
    is_host.then(|| ("ssh", host.to_lowercase(), path))
}

/// Kind of forge that a host's name shows.
fn told_kind(host: &str) -> Option<ForgeKind> {
    Some(match host {
        "bitbucket.org" => ForgeKind::Bitbucket,
        "codeberg.org" => ForgeKind::Gitea,
        "dev.azure.com" | "ssh.dev.azure.com" | "vs-ssh.visualstudio.com" => ForgeKind::Azure,
        "git.sr.ht" => ForgeKind::Sourcehut,
        _ if host.ends_with(".visualstudio.com") => ForgeKind::Azure,
        _ if host.contains("gitlab") => ForgeKind::Gitlab,
        _ if host.contains("gitea") || host.contains("forgejo") => ForgeKind::Gitea,
        _ if host.contains("bitbucket") => ForgeKind::Bitbucket,
        _ if host.contains("github") => ForgeKind::Github,
        _ => return None,
    })
}

/// Path of an Azure repository on the web: `v3/org/project/repo` of ssh becomes `org/project/_git/repo`.
fn azure(scheme: &str, host: &str, path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix("v3/") else {
        return path
            .contains("_git/")
            .then(|| format!("{scheme}://{host}/{path}"));
    };
    let mut parts = rest.splitn(3, '/');
    let (org, project, repo) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("https://dev.azure.com/{org}/{project}/_git/{repo}"))
}

/// Commit ID shortened as people write it; any other name is unchanged.
fn short(name: &str) -> &str {
    let is_id = name.len() >= 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
    if is_id { &name[..7] } else { name }
}

/// Tag name in an address: characters with a meaning there are encoded, except the slash.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(remote: &str, kind: Option<ForgeKind>) -> Option<String> {
        Forge::of_remote(remote, kind).map(|forge| forge.web)
    }

    #[test]
    fn remotes_become_web_addresses() {
        for remote in [
            "git@github.com:o/r.git",
            "https://github.com/o/r.git",
            "https://user:token@github.com/o/r",
            "ssh://git@github.com:2222/o/r.git",
            "git+ssh://git@GitHub.com/o/r/",
            "git://github.com/o/r",
        ] {
            assert_eq!(
                web(remote, None).as_deref(),
                Some("https://github.com/o/r"),
                "{remote}"
            );
        }
        let own = "https://git.example.org:8443/a/b/c.git";
        assert_eq!(
            web(own, None).as_deref(),
            Some("https://git.example.org:8443/a/b/c")
        );
        let gitlab = Forge::of_remote(own, Some(ForgeKind::Gitlab)).unwrap();
        assert!(gitlab.commit("1").unwrap().contains("/-/"));
        for azure in [
            "git@ssh.dev.azure.com:v3/org/project/repo",
            "https://org@dev.azure.com/org/project/_git/repo",
        ] {
            assert_eq!(
                web(azure, None).as_deref(),
                Some("https://dev.azure.com/org/project/_git/repo")
            );
        }
        assert_eq!(
            web("git@git.sr.ht:~u/r", None).as_deref(),
            Some("https://git.sr.ht/~u/r")
        );
    }

    #[test]
    fn what_has_no_page_has_no_link() {
        for remote in [
            "/srv/git/r.git",
            "../r",
            "file:///srv/r",
            "C:/r/x",
            "C:\\r\\x",
            "",
            "github.com",
            "https://github.com/o/r)[x](y",
            "https://github.com/o/../r",
            "https://git hub.com/o/r",
            "https://github.com/o/r\n",
            "git@host:r",
        ] {
            let found = web(remote, None);
            assert!(
                found.is_none() || remote.ends_with('\n'),
                "{remote}: {found:?}"
            );
        }
        assert_eq!(Forge::of_web("git@github.com:o/r", None), None);
    }

    #[test]
    fn pages_of_each_forge() {
        let pages = |remote: &str| {
            let forge = Forge::of_remote(remote, None).unwrap();
            let cut = forge.web.len();
            let all = [
                forge.issue(1),
                forge.pull(2),
                forge.commit("1a2b3c4"),
                forge.compare("v1", "v2"),
                forge.tag("p/v#1"),
            ];
            all.map(|page| {
                page.map_or("-".to_owned(), |page| {
                    page[cut.min(page.len())..].to_owned()
                })
            })
            .join(" ")
        };
        assert_eq!(
            pages("git@github.com:o/r"),
            "/issues/1 /pull/2 /commit/1a2b3c4 /compare/v1...v2 /releases/tag/p/v%231"
        );
        assert_eq!(
            pages("git@gitlab.com:o/s/r"),
            "/-/issues/1 /-/merge_requests/2 /-/commit/1a2b3c4 /-/compare/v1...v2 /-/tags/p/v%231"
        );
        assert_eq!(
            pages("git@codeberg.org:o/r"),
            "/issues/1 /pulls/2 /commit/1a2b3c4 /compare/v1...v2 /releases/tag/p/v%231"
        );
        assert_eq!(
            pages("git@bitbucket.org:o/r"),
            "/issues/1 /pull-requests/2 /commits/1a2b3c4 /branches/compare/v2%0Dv1 /src/p/v%231"
        );
        let azure = Forge::of_remote("git@ssh.dev.azure.com:v3/o/p/r", None).unwrap();
        assert_eq!(
            azure.issue(1).unwrap(),
            "https://dev.azure.com/o/p/_workitems/edit/1"
        );
        assert_eq!(azure.compare("v1", "HEAD"), None);
        let sourcehut = Forge::of_remote("https://git.sr.ht/~u/r", None).unwrap();
        assert_eq!(sourcehut.issue(1).unwrap(), "https://todo.sr.ht/~u/r/1");
        assert_eq!(
            (sourcehut.pull(1), sourcehut.compare("a", "b")),
            (None, None)
        );
    }

    #[test]
    fn pages_have_short_words() {
        let id = "1a2b3c4d".repeat(5);
        for (remote, words) in [
            ("git@github.com:o/r", "#1 #2 1a2b3c4 v1…v2 p/v1"),
            ("git@gitlab.com:o/s/r", "#1 !2 1a2b3c4 v1…v2 p/v1"),
            ("git@codeberg.org:o/r", "#1 #2 1a2b3c4 v1…v2 p/v1"),
            ("git@bitbucket.org:o/r", "#1 #2 1a2b3c4 v1…v2 -"),
            ("https://git.sr.ht/~u/r", "- 1a2b3c4 p/v1"),
        ] {
            let forge = Forge::of_remote(remote, None).unwrap();
            let pages = [
                forge.issue(1),
                forge.pull(2),
                forge.commit(&id),
                forge.compare("v1", "v2"),
                forge.tag("p/v1"),
            ];
            let pages = pages.into_iter().flatten();
            let said = pages.map(|page| forge.short_words(&page).unwrap_or("-".to_owned()));
            assert_eq!(said.collect::<Vec<_>>().join(" "), words, "{remote}");
        }
        let azure = Forge::of_remote("git@ssh.dev.azure.com:v3/o/p/r", None).unwrap();
        let page = azure.compare("v1", "v2").unwrap();
        assert_eq!(azure.short_words(&page).as_deref(), Some("v1…v2"));
        assert_eq!(azure.short_words("https://example.org/compare/a...b"), None);
    }

    #[test]
    fn files_issues_and_accounts() {
        for (remote, file, issues) in [
            (
                "git@github.com:o/r",
                "/blob/v%231/a/B.md",
                "https://github.com/o/r/issues",
            ),
            (
                "git@gitlab.com:o/r",
                "/-/blob/v%231/a/B.md",
                "https://gitlab.com/o/r/-/issues",
            ),
            (
                "git@codeberg.org:o/r",
                "/src/v%231/a/B.md",
                "https://codeberg.org/o/r/issues",
            ),
            (
                "git@bitbucket.org:o/r",
                "/src/v%231/a/B.md",
                "https://bitbucket.org/o/r/issues",
            ),
            (
                "git@ssh.dev.azure.com:v3/o/p/r",
                "?path=/a/B.md&version=GTv%231",
                "https://dev.azure.com/o/p/_workitems",
            ),
            (
                "https://git.sr.ht/~u/r",
                "/tree/v%231/item/a/B.md",
                "https://todo.sr.ht/~u/r",
            ),
        ] {
            let forge = Forge::of_remote(remote, None).unwrap();
            assert_eq!(forge.file("v#1", "a/B.md"), format!("{}{file}", forge.web));
            assert_eq!((forge.issues(), forge.name()), (issues.to_owned(), "r"));
        }
        let account = |remote: &str, address: &str| {
            let forge = Forge::of_remote(remote, None).unwrap();
            forge.account(address).map(str::to_owned)
        };
        let address = "12+ada-l@users.noreply.github.com";
        assert_eq!(
            account("git@github.com:o/r", address).as_deref(),
            Some("ada-l")
        );
        assert_eq!(
            account("git@gitlab.com:o/r", address),
            None,
            "somebody else's there"
        );
        assert_eq!(account("git@github.com:o/r", "ada@example.org"), None);
        for (remote, address, expected) in [
            (
                "git@github.com:o/r",
                "ada@users.noreply.github.com",
                Some("ada"),
            ),
            (
                "git@github.com:o/r",
                "ada@users.noreply.github.com.evil.example",
                None,
            ),
            (
                "https://github.example.org/o/r",
                "1+ada@users.noreply.github.example.org",
                Some("ada"),
            ),
            (
                "git@gitlab.com:o/r",
                "12-ada-l@users.noreply.gitlab.com",
                Some("ada-l"),
            ),
            (
                "git@gitlab.com:o/r",
                "ada-l@users.noreply.gitlab.com",
                Some("ada-l"),
            ),
            (
                "git@codeberg.org:o/r",
                "ada.l@noreply.codeberg.org",
                Some("ada.l"),
            ),
            (
                "https://gitea.example.org:3000/o/r",
                "ada@noreply.gitea.example.org",
                Some("ada"),
            ),
            ("git@codeberg.org:o/r", "a b@noreply.codeberg.org", None),
            ("git@codeberg.org:o/r", "@noreply.codeberg.org", None),
            ("git@bitbucket.org:o/r", "ada@noreply.bitbucket.org", None),
        ] {
            assert_eq!(account(remote, address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn pages_whose_forge_is_known_by_the_name_of_the_host() {
        for (remote, expected) in [
            (
                "https://user:token@github.com/o/r.git",
                Some("https://github.com/o/r"),
            ),
            (
                "git@gitlab.example.org:g/s/r.git",
                Some("https://gitlab.example.org/g/s/r"),
            ),
            (
                "ssh://git@codeberg.org/o/r.git",
                Some("https://codeberg.org/o/r"),
            ),
            ("git@git.example.org:o/r.git", None),
            ("../r.git", None),
        ] {
            assert_eq!(Forge::address_of(remote).as_deref(), expected, "{remote}");
        }
    }
}
