//! The page of `relwatch notes --format html`: links, boxes for breaking changes, contents, metadata.

use crate::support::{Repo, Sandbox, configure, project};

/// A project on GitHub with one release that has a breaking change, a spec and a commit in its words.
fn lamp<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "lamp");
    repo.git(&["remote", "add", "origin", "git@github.com:acme/lamp.git"])
        .ok();
    repo.write(
        ".chant/specs/2026-01-29-002-abc.md",
        "---\nstatus: completed\n---\n# Serialize writers\n\n## Release Notes\n\n### Breaking Changes\n\n- `write()` waits (#4).\n\n  **Migration:** use `write_async()`.\n",
    );
    repo.git(&["add", "-A"]).ok();
    repo.commit("docs: how to upgrade");
    repo.commit("feat: dim the lamp (#1)");
    repo.commit("fix: <script>alert(1)</script> \"quoted\" (#2)");
    repo.relwatch(&["update"]).ok();
    repo.relwatch(&["release", "0.2.0", "--yes", "--offline"])
        .ok();
    repo
}

fn page(repo: &Repo<'_>, args: &[&str]) -> String {
    let args = [&["notes"], args, &["--format", "html"]].concat();
    repo.relwatch(&args).ok().stdout
}

fn has(page: &str, all: &[&str]) {
    for wanted in all {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
}

#[test]
fn a_page_says_what_it_is_of_and_links_it() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let full = page(&repo, &["0.2.0", "--full"]);
    has(
        &full,
        &[
            "<title>lamp 0.2.0</title>",
            "<meta name=\"description\" content=\"1 breaking change, 1 feature and 1 fix since v0.1.0. ",
            "<meta property=\"og:title\" content=\"lamp 0.2.0\">",
            "<meta property=\"og:site_name\" content=\"lamp\">",
            "<meta property=\"article:published_time\" content=\"2026-01-30\">",
            "<meta name=\"twitter:card\" content=\"summary\">",
            "prefers-color-scheme: dark",
            "Released on <time datetime=\"2026-01-30\">2026-01-30</time> · Tag <a href=\"https://github.com/acme/lamp/releases/tag/v0.2.0\">v0.2.0</a> · Project <a href=\"https://github.com/acme/lamp\">lamp</a>",
            "<section class=\"breaking\" aria-labelledby=\"breaking-changes\">\n<h2 id=\"breaking-changes\">",
            "<div class=\"part migration\">\n<p><strong>Migration:</strong> use <code>write_async()</code>.</p>\n</div>",
            "(<a href=\"https://github.com/acme/lamp/issues/1\">#1</a>)",
            "(<a href=\"https://github.com/acme/lamp/blob/v0.2.0/.chant/archive/2026-01-29/2026-01-29-002-abc.md\">2026-01-29-002-abc</a>)",
            "<a class=\"anchor\" href=\"#features\" aria-label=\"Link to Features\">#</a>",
            "<a href=\"https://github.com/acme/lamp/compare/v0.1.0...v0.2.0\">v0.1.0…v0.2.0</a>",
        ],
    );
    for never in ["<script", "<img", "src=", "url(", "@import", "<link"] {
        assert!(!full.contains(never), "{never} is in the page");
    }
    assert!(!full.contains("class=\"contents\""));
    let plain = page(&repo, &["0.2.0"]);
    has(
        &plain,
        &["<h2 id=\"added\">", "<li class=\"breaking\">", "v0.2.0</a>"],
    );
}

#[test]
fn references_lead_nowhere_where_no_forge_is_known() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let is_plain = |page: &str| {
        has(page, &["(#1)", "(2026-01-29-002-abc"]);
        assert!(!page.contains("issues/1"), "{page}");
    };
    repo.git(&["remote", "remove", "origin"]).ok();
    is_plain(&page(&repo, &["0.2.0"]));
    for (links, is_linked) in [("", true), (", links: false", false)] {
        let settings = format!("web: {{url: 'https://gitlab.example.org/a/b'{links}}}\n");
        configure(&repo, &settings);
        let page = page(&repo, &["0.2.0"]);
        let link = "(<a href=\"https://gitlab.example.org/a/b/-/issues/1\">#1</a>)";
        assert_eq!(page.contains(link), is_linked, "{page}");
        has(&page, &["https://gitlab.example.org/a/b/-/tags/v0.2.0"]);
    }
}

#[test]
fn a_commit_is_a_link_where_it_is_one_of_the_project() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let id = repo.git(&["rev-parse", "HEAD"]).ok().stdout;
    let id = &id[..9];
    repo.commit(&format!("fix: what {id} broke, not deadbeef or 1234567"));
    let page = page(&repo, &[]);
    let link = format!(
        "What <a href=\"https://github.com/acme/lamp/commit/{id}\">{id}</a> broke, not deadbeef or 1234567"
    );
    has(&page, &["Not released yet", &link]);
}

#[test]
fn long_pages_have_contents_and_versions_have_anchors() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    for at in 3..5 {
        for change in 0..10 {
            repo.commit(&format!("feat: thing {at}.{change}"));
        }
        repo.git(&["tag", "-a", "-m", "x", &format!("v0.{at}.0")])
            .ok();
    }
    for args in [["--all"].as_slice(), &["v0.1.0..v0.4.0"]] {
        let page = page(&repo, args);
        has(
            &page,
            &[
                "<nav class=\"contents\" aria-label=\"Contents\">",
                "<li><a href=\"#0.4.0\">0.4.0 - ",
                "<h2 id=\"0.3.0\"><a href=\"https://github.com/acme/lamp/",
                "<h3 id=\"0.3.0-added\">",
            ],
        );
        assert_eq!(page.matches("<h1>").count(), 1);
    }
}
