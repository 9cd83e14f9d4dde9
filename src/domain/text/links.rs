//! Link addresses: which are safe, and which show one place and lead to another.

use crate::domain::text::terminal;

/// Whether a relative address leads out of the directory that it starts from. The directory of a text within the project is not known.
pub fn leads_up(url: &str) -> bool {
    if scheme(url).is_some() {
        return false;
    }
    let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    // Browsers read `%2e` as a dot (WHATWG URL, 4.1).
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    let mut depth = 0usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

/// Whether an address leads where it seems to, and is one for a reader to follow: on the web, by mail, or within the project. An address
/// with a user name before its host is not.
pub fn is_safe_address(url: &str) -> bool {
    let odd = |c: char| terminal::is_odd(c) || c.is_whitespace() || c == '\\';
    if url.contains(odd) || url.starts_with("//") {
        return false;
    }
    let Some((scheme, rest)) = scheme(url) else {
        return true; // relative
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => host_of(rest).is_some_and(|host| !host.contains('@')),
        "mailto" => true,
        _ => false,
    }
}

/// Scheme before the colon of an address that is not relative, and the text after it.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    (!scheme.contains(['/', '?', '#'])).then_some((scheme, rest))
}

/// A word as part of an address: characters that could end the address, or the link around it, are encoded (RFC 3986, 2.1).
pub fn encoded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for byte in word.bytes() {
        match byte {
            b'!'..=b'~' if !b"()<>[]\\\"'`".contains(&byte) => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Host after `//`.
fn host_of(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("//")?;
    let end = rest.find(['/', '?', '#']);
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|host| !host.is_empty())
}

/// Whether an address that is shown as its own link text contains an entity, so that it leads elsewhere than it shows.
pub fn hides_entity(link: &str) -> bool {
    let mut entities = link.match_indices('&');
    !link.starts_with('[') && entities.any(|(at, _)| begins_entity(&link[at + 1..]))
}

/// Whether the text of a link shows another host than the one that it leads to.
pub fn is_spoof(shown: &str, url: &str) -> bool {
    let bare = |host: &str| {
        let host = host.trim_end_matches('.').to_lowercase();
        host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
    };
    let own = match scheme(url) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => {
            rest.split(['@', '?']).nth(1)
        }
        Some((_, rest)) => host_of(rest),
        // A file of the project shown by its own name, as in `[README.fr](docs/README.fr)`.
        None if url.ends_with(shown) => return false,
        None => None,
    };
    let own = own.map(|host| bare(host.split(':').next().unwrap_or(host)));
    let shown: String = shown.chars().filter(|c| !terminal::is_joiner(*c)).collect();
    let mut hosts = shown.split(|c| !is_of_address(c)).flat_map(shown_hosts);
    hosts.any(|host| Some(bare(host)) != own)
}

/// Whether a character is part of an address (RFC 3986, 2), in any script, and not punctuation that is usually around it.
fn is_of_address(c: char) -> bool {
    c.is_alphanumeric() || "-._~:/?#@!$&+=%".contains(c)
}

/// Hosts in a word: the text after `//`, a text with a dot that is followed by a path, and a text whose last part looks like that of a
/// host.
fn shown_hosts(word: &str) -> impl Iterator<Item = &str> {
    word.split("//").enumerate().flat_map(|(number, rest)| {
        let is_address = number > 0;
        let rest = rest.trim_start_matches('/');
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let has_path = rest[end..].starts_with('/');
        let names = rest[..end].split(|c: char| !(c.is_alphanumeric() || "-.".contains(c)));
        names.filter(move |name| {
            let is_number = name.chars().all(|c| c.is_ascii_digit());
            // A path may begin with a directory name, as in `.github/x`.
            let is_dotted = name.contains('.') && !name.starts_with('.');
            is_address && !is_number || has_path && is_dotted || is_host(name)
        })
    })
}

/// Last parts of host names, besides the two letters of a country.
const DOMAINS: &[&str] = &[
    "app", "biz", "blog", "cloud", "com", "dev", "edu", "gov", "info", "int", "mil", "net",
    "online", "org", "page", "shop", "site", "tech", "xyz",
];

/// Last parts of two letters that usually are file extensions in a changelog.
const FILES: &[&str] = &[
    "cc", "cs", "db", "el", "ex", "fs", "go", "gz", "hh", "hs", "jl", "js", "kt", "md", "ml", "mm",
    "pl", "pm", "ps", "py", "rb", "rs", "sh", "so", "tf", "ts", "ui", "vb", "xz",
];

/// Whether a name looks like a host: `github.com` and `example.de`, not `Cargo.toml`, `file.rs`, `Node.js`, `ASP.NET`, `1.2.3`.
fn is_host(name: &str) -> bool {
    let name = name.trim_matches('.');
    if name.ends_with(".NET") || name.ends_with(".IO") {
        return false; // names of software
    }
    let name = name.to_lowercase();
    let Some((first, last)) = name.rsplit_once('.') else {
        return false;
    };
    let is_country = last.chars().count() == 2 && last.chars().all(char::is_alphabetic);
    let is_domain = is_country && !FILES.contains(&last) || DOMAINS.contains(&last);
    !first.is_empty() && (is_domain || name.starts_with("www."))
}

/// Whether the text after an `&` is that of an entity, as in `&amp;` or `&#38;`.
pub fn begins_entity(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
}
