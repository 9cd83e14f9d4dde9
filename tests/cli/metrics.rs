//! `relwatch metrics`: figures from tags, commits and the release manifest.

use serde_json::Value;

use crate::support::{Repo, Sandbox, cases, configure, says, with_remote};

/// Runs git at a time of day one.
fn at(repo: &Repo<'_>, when: &str, args: &[&str]) {
    let dates = [("GIT_AUTHOR_DATE", when), ("GIT_COMMITTER_DATE", when)];
    repo.run("git", args, &dates).ok();
}

fn commit(repo: &Repo<'_>, when: &str, message: &str) {
    at(
        repo,
        when,
        &["commit", "-q", "--allow-empty", "-m", message],
    );
}

fn tag(repo: &Repo<'_>, when: &str, tag: &str) {
    at(repo, when, &["tag", "-a", "-m", tag, tag]);
}

fn json(repo: &Repo<'_>, args: &[&str]) -> Value {
    let args = [&["metrics", "--json"], args].concat();
    let printed = repo.relwatch(&args).ok().stdout;
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(json["schema"], 1);
    json["metrics"].clone()
}

/// A release, its hotfix on the next day, a pre-release, and the release after it two months later.
fn history(repo: &Repo<'_>) {
    commit(repo, "2025-11-01T12:00:00Z", "feat: start");
    commit(repo, "2025-11-09T12:00:00Z", "feat: a thing");
    commit(repo, "2025-11-10T11:00:00Z", "chore(release): v1.0.0");
    tag(repo, "2025-11-10T12:00:00Z", "v1.0.0");
    commit(repo, "2025-11-11T10:00:00Z", "fix: mend the thing");
    tag(repo, "2025-11-11T12:00:00Z", "v1.0.1");
    commit(repo, "2026-01-02T12:00:00Z", "feat: another thing");
    tag(repo, "2026-01-03T12:00:00Z", "v1.1.0-rc.1");
    tag(repo, "2026-01-12T12:00:00Z", "v1.1.0");
}

#[test]
fn a_history_in_numbers() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    let said = repo.relwatch(&["metrics"]).ok();
    assert_eq!(
        said.stdout,
        "3 releases and 1 pre-release, 2025-11-10 to 2026-01-30

lead time for changes     p50 24.0 h, p90 10.0 d (of 4)
first commit to release   p50 9.0 d, p90 10.0 d (of 3)
deployment frequency      1.0 a month, median interval 24.0 h
change failure rate       33.3 % (1 of 3: 1 hotfixed, 1 inferred)
time to restore           p50 24.0 h, p90 24.0 h (of 1)
rollback rate             0.0 %
duration of a release     n/a

by month, 2025-11 to 2026-01
  p50 of lead time        ▂·█  up to 10.0 d
  releases                █·▅  up to 2

inferred: a patch within two days that only fixes counts as a hotfix if the release manifest does not say otherwise
"
    );
    assert_eq!(said.stderr, "");
    assert_eq!(repo.status(), "");
}

#[test]
fn nothing_released_is_no_figure() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let said = repo.relwatch(&["metrics"]).ok().stdout;
    assert_eq!(said.matches("n/a").count(), 7, "{said}");
    repo.commit("feat: start");
    let all = json(&repo, &[]);
    assert_eq!(all[0]["change_failures"]["rate"], Value::Null);
    assert_eq!(all[0]["rollback_rate"], Value::Null);
    assert_eq!(all[0]["lead_time"]["p50"], Value::Null);
    repo.relwatch(&["metrics", "--html"]).ok();
}

#[test]
fn a_period_and_what_is_no_day() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    let tags = |args: &[&str]| -> Vec<String> {
        let all = json(&repo, args);
        let rows = all[0]["releases"].as_array().unwrap().iter();
        rows.map(|row| row["tag"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(tags(&["--since", "2025-11-11"]), ["v1.0.1", "v1.1.0"]);
    assert_eq!(tags(&["--since", "30 days ago"]), ["v1.1.0"]);
    assert_eq!(tags(&["--until", "2025-11-10"]), ["v1.0.0"]);
    // Its hotfix is not out yet.
    let early = json(&repo, &["--until", "2025-11-10"]);
    assert_eq!(early[0]["change_failures"]["failed"], 0);
    let said = repo.relwatch(&["metrics", "--since", "then"]).code(2);
    assert_eq!(
        said.stderr,
        "relwatch: `then` is no day; give 2026-01-30, yesterday or `1 year ago`\n"
    );
    says(
        &repo.relwatch(&["metrics", "--csv", "--json"]).code(2),
        &["--csv"],
    );
}

#[test]
fn the_list_of_releases_goes_before_conclusions() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    let list = |kind: &str| {
        let line = |tag: &str, date: &str, kind: &str, more: &str| {
            format!(
                "- {{\"tag\":\"v{tag}\",\"version\":\"{tag}\",\"date\":\"{date}\",\"kind\":\"{kind}\",\"base\":\"x\"{more}}}\n"
            )
        };
        let gone = ",\"withdrawn\":{\"date\":\"2026-01-15\",\"reason\":\"loses data\"}";
        let text = [
            line("1.0.1", "2025-11-11", kind, ""),
            line("1.1.0", "2026-01-12", "regular", gone),
        ];
        repo.commit_file(".relwatch/releases.yml", &text.concat(), "docs: list");
    };
    list("regular");
    let failures = json(&repo, &[])[0]["change_failures"].clone();
    let wanted = serde_json::json!({"rate": 1.0 / 3.0, "failed": 1, "of": 3, "withdrawn": 1, "hotfixed": 0, "concluded": 0});
    assert_eq!(failures, wanted);
    list("hotfix");
    let all = json(&repo, &[]);
    let failures = &all[0]["change_failures"];
    assert_eq!(
        (&failures["failed"], &failures["concluded"]),
        (&2.into(), &0.into())
    );
    // A day for the hotfix, three days until the withdrawal.
    assert_eq!(all[0]["time_to_restore"]["p50"], 24 * 3600);
    assert_eq!(all[0]["time_to_restore"]["p90"], 3 * 24 * 3600);
    assert_eq!(all[0]["rollback_rate"], 1.0 / 3.0);
}

#[test]
fn a_change_counts_where_it_came_out_first() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    commit(&repo, "2025-11-01T12:00:00Z", "feat: start");
    tag(&repo, "2025-11-01T13:00:00Z", "v1.0.0");
    repo.commit_file("a", "1\n", "feat: on main alone");
    let dates = [("GIT_AUTHOR_DATE", "2025-11-03T12:00:00Z")];
    repo.write("b", "1\n");
    repo.git(&["add", "b"]).ok();
    repo.run("git", &["commit", "-q", "-m", "fix: on both"], &dates)
        .ok();
    repo.git(&["switch", "-q", "-c", "patch", "v1.0.0"]).ok();
    at(&repo, "2025-11-04T12:00:00Z", &["cherry-pick", "main"]);
    // The patch branch is never merged; the plain tag has the time of its commit.
    repo.git(&["tag", "v1.0.1"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    tag(&repo, "2026-01-22T12:00:00Z", "v1.1.0");
    let all = json(&repo, &[]);
    let changes: Vec<&Value> = all[0]["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["changes"])
        .collect();
    assert_eq!(changes, [1, 1, 1]);
    assert_eq!(all[0]["releases"][1]["lead_time"]["p50"], 24 * 3600);
}

#[test]
fn tags_of_an_earlier_form_are_releases() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    commit(&repo, "2025-11-01T12:00:00Z", "feat: start");
    tag(&repo, "2025-11-01T13:00:00Z", "0.9.0");
    commit(&repo, "2025-11-05T12:00:00Z", "feat: go on");
    tag(&repo, "2025-11-05T13:00:00Z", "v1.0.0");
    tag(&repo, "2025-11-05T14:00:00Z", "1.0.0");
    let csv = repo.relwatch(&["metrics", "--csv"]).ok().stdout;
    assert_eq!(
        csv,
        "component,tag,version,date,level,changes,lead_time_p50_s,lead_time_p90_s,first_commit_to_release_s,interval_s,withdrawn,fixes,fixed_by,fix_concluded,restored_after_s,duration_s\r
,0.9.0,0.9.0,2025-11-01,minor,1,3600,3600,3600,,false,,,false,,\r
,v1.0.0,1.0.0,2025-11-05,major,1,3600,3600,3600,345600,false,,,false,,\r
"
    );
}

#[test]
fn a_tag_of_no_commit_is_no_release() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("a", "1\n", "feat: start");
    repo.git(&["tag", "-a", "-m", "a tree", "v0.1.0", "HEAD^{tree}"])
        .ok();
    repo.git(&["tag", "v0.2.0-tree", "HEAD^{tree}"]).ok();
    repo.git(&["tag", "v0.2.0"]).ok();
    let all = json(&repo, &[]);
    assert_eq!(all[0]["releases"].as_array().unwrap().len(), 1);
    assert_eq!(all[0]["prereleases"], 0);
}

#[test]
fn what_people_wrote_into_the_list_is_shown_nowhere() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    commit(&repo, "2025-11-01T12:00:00Z", "feat: start");
    tag(&repo, "2025-11-01T13:00:00Z", "v1.0.0");
    let line = "- {\"tag\":\"v1.0.0\",\"version\":\"1.0.0\",\"date\":\"<script>\",\"kind\":\"lts\",\"support_until\":\"<script>\"}\n";
    repo.commit_file(".relwatch/releases.yml", line, "docs: list");
    let page = repo.relwatch(&["metrics", "--html"]).ok().stdout;
    assert!(page.contains("2025-11-01") && !page.contains("<script"));
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    assert!(block.contains("1.0.x") && !block.contains("<script"));
}

#[test]
fn each_component_has_its_own() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    configure(
        &repo,
        "components:\n  api: {paths: [api], tag: 'api-v{version}'}\n  web: {paths: [web], tag: 'web-v{version}'}\n",
    );
    repo.commit_file("api/a", "1\n", "feat: a");
    repo.commit_file("web/a", "1\n", "feat: b");
    repo.commit_file("web/b", "1\n", "feat: c");
    repo.git(&["tag", "api-v1.0.0"]).ok();
    repo.git(&["tag", "web-v1.0.0"]).ok();
    repo.git(&["tag", "v9.0.0"]).ok();
    let all = json(&repo, &[]);
    let told = |at: usize| {
        let one = &all[at];
        assert_eq!(one["releases"].as_array().unwrap().len(), 1, "{one}");
        (
            one["component"].clone(),
            one["releases"][0]["changes"].clone(),
        )
    };
    assert_eq!(told(0), ("api".into(), 1.into()));
    assert_eq!(told(1), ("web".into(), 2.into()));
    assert_eq!(
        json(&repo, &["-c", "web"]),
        Value::Array(vec![all[1].clone()])
    );
    let table = repo.relwatch(&["metrics"]).ok().stdout;
    assert!(table.starts_with("api: 1 release, "), "{table}");
    assert!(table.contains("\n\nweb: 1 release, "), "{table}");
}

#[test]
fn a_release_takes_as_long_as_its_steps() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        "publish:\n  - {name: crate, run: 'true', undo: 'true'}\n",
    );
    repo.git(&["push", "-q"]).ok();
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    // Tagged at git's time, 2026-01-21T12:53:20Z; done at the end of the clock's day before 2026-01-30.
    let seconds = 1_769_731_200 - 1_769_000_000;
    let all = json(&repo, &[]);
    assert_eq!(all[0]["duration"]["p50"], seconds);
    assert_eq!(all[0]["duration"]["count"], 1);
    assert_eq!(all[0]["rollback_rate"], 0.0);
    repo.relwatch(&["withdraw", "0.2.0", "--reason", "loses data", "--yes"])
        .ok();
    let all = json(&repo, &[]);
    assert_eq!(all[0]["duration"]["count"], 0);
    assert_eq!(all[0]["rollback_rate"], 0.5);
    assert_eq!(all[0]["time_to_restore"]["p50"], 0);
}

#[test]
fn the_page_is_whole_in_itself() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("<r> & \"r\"");
    history(&repo);
    let said = repo
        .relwatch(&["metrics", "--html", "--output", "page.html"])
        .ok();
    assert_eq!(said.stdout, "wrote: page.html\n");
    let page = repo.read("page.html");
    for args in [["--html"].as_slice(), &["--html", "--output", "-"]] {
        let args = [&["metrics"], args].concat();
        assert_eq!(repo.relwatch(&args).ok().stdout, page);
    }
    for wanted in [
        "<!doctype html>\n",
        "width=device-width",
        "prefers-color-scheme: dark",
        "<title>&lt;r&gt; &amp; &quot;r&quot;: Release metrics</title>",
        "<h1>&lt;r&gt; &amp; &quot;r&quot;: Release metrics</h1>",
        "Generated on <time datetime=\"2026-01-30\">",
        "3 releases and 1 pre-release, <time>2025-11-10</time> to <time>2026-01-30</time>",
        "<dt>Change failure rate</dt>\n<dd class=\"value\">33.3 %</dd>\n<dd>Releases that were withdrawn (0) or needed a hotfix (1, 1 of them inferred), of 3.</dd>",
        "<dd class=\"trend\">Last 41 days: 10.0 d, the 41 before: 24.0 h (▲\u{a0}worse)</dd>",
        "<dd class=\"level\">DORA level: medium</dd>",
        "<a href=\"https://dora.dev/research/2024/dora-report/\">Accelerate State of DevOps Report 2024</a>",
        "<title>v1.0.0, 2025-11-10, fixed by v1.0.1 (inferred)</title>",
        "<title>2025-11: 2, failed 1</title>",
        "<tr><th scope=\"row\">2025-11</th><td>2</td><td>1</td>",
        "<tr><th scope=\"row\">v1.0.0</th><td>2025-11-10</td><td>major</td><td>2</td>",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    assert_eq!(page.matches("role=\"img\"").count(), 2);
    assert_eq!(page.matches("<circle ").count(), 3);
    // Nothing is loaded, nothing runs; the one address is a link.
    for other in ["<script", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(other), "{other} is in the page");
    }
    assert_eq!(page.matches("http").count(), 1);
    // Every element that is opened is closed, in order.
    let mut open: Vec<&str> = Vec::new();
    for element in page.split('<').skip(2) {
        let tag = element.split('>').next().unwrap();
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap();
        match tag {
            _ if name == "meta" || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ => open.push(name),
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn releases_of_one_day_are_apart_and_labels_are_few() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    for year in 2001..2020 {
        commit(&repo, &format!("{year}-01-01T12:00:00Z"), "feat: a thing");
        tag(
            &repo,
            &format!("{year}-01-02T12:00:00Z"),
            &format!("v1.{year}.0"),
        );
    }
    for patch in 1..4 {
        let when = format!("2020-01-02T12:0{patch}:00Z");
        commit(&repo, &when, "fix: a thing");
        tag(&repo, &when, &format!("v1.2019.{patch}"));
    }
    let page = repo.relwatch(&["metrics", "--html"]).ok().stdout;
    let places: Vec<&str> = page
        .split("<circle ")
        .skip(1)
        .map(|circle| circle.split('>').next().unwrap())
        .collect();
    let apart: std::collections::HashSet<&&str> = places.iter().collect();
    assert_eq!((places.len(), apart.len()), (22, 22));
    let plots: Vec<&str> = page.split("role=\"img\"").skip(1).collect();
    for plot in plots {
        let (plot, _) = plot.split_once("</svg>").unwrap();
        assert_eq!(plot.matches("<text ").count(), 4, "{plot}");
    }
}

#[test]
fn a_page_compares_a_period_with_the_one_before_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    for (args, words) in [
        (
            ["--since", "2025-12-01"].as_slice(),
            "The last 61 days are 2025-12-01 to 2026-01-30, the 61 before 2025-10-01 to 2025-11-30.",
        ),
        (
            &[],
            "The last 41 days are 2025-12-21 to 2026-01-30, the 41 before 2025-11-10 to 2025-12-20.",
        ),
    ] {
        let args = [&["metrics", "--html"], args].concat();
        let page = repo.relwatch(&args).ok().stdout;
        assert!(page.contains(words), "{page}");
    }
    // Too short to say anything.
    let args = ["metrics", "--html", "--until", "2025-11-12"];
    let page = repo.relwatch(&args).ok().stdout;
    assert!(!page.contains("class=\"trend\""));
}

#[test]
fn a_period_longer_than_the_project_has_no_empty_months_around_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    let ever = ["--since", "0001-01-01", "--until", "9999-12-31"];
    let all = json(&repo, &ever);
    let months: Vec<&Value> = all[0]["months"].as_array().unwrap().iter().collect();
    let names: Vec<&str> = months
        .iter()
        .map(|month| month["month"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2025-11", "2025-12", "2026-01"]);
    let curves = "\nby month, 2025-11 to 2026-01\n";
    cases::run(
        [ever.as_slice(), &ever[..2], &ever[2..]],
        |&more| more.join(" "),
        |&more| {
            let said = repo.relwatch(&[&["metrics"], more].concat()).ok();
            says(&said, &[curves, "1.0 a month"]);
            assert_eq!(said.stderr, "");
        },
    );
    // Before the first release there is nothing to show.
    let early = json(&repo, &["--until", "2020-01-01"]);
    assert_eq!(early[0]["since"], "2020-01-01");
    assert_eq!(early[0]["months"], serde_json::json!([]));
}

#[test]
fn a_period_that_ends_before_it_begins_is_no_period() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    let args = ["metrics", "--since", "2025-05-01", "--until", "2025-04-01"];
    assert_eq!(
        repo.relwatch(&args).code(2).stderr,
        "relwatch: 2025-05-01 is after 2025-04-01; give --since an earlier day, or --until a later one\n"
    );
    let said = repo.relwatch(&["metrics", "--since", "2026-02-01"]).code(2);
    says(&said, &["2026-02-01 is after 2026-01-30"]);
    repo.relwatch(&["metrics", "--since", "today", "--until", "today"])
        .ok();
}

#[test]
fn numbers_of_a_shallow_clone_are_warned_of() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    for at in 0..3 {
        commit(&repo, "2026-01-20T12:00:00Z", &format!("feat: more {at}"));
    }
    repo.sh("git clone -q --depth 3 \"file://$(pwd)\" ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    let why = "warning: the clone is shallow, changes may be missing; run `git fetch --unshallow --tags`\n";
    cases::run(
        ["metrics", "support"],
        |&command| command,
        |&command| {
            assert_eq!(shallow.relwatch(&[command]).ok().stderr, why, "{command}");
            assert_eq!(repo.relwatch(&[command]).ok().stderr, "", "{command}");
        },
    );
}

#[test]
fn tags_of_wrong_clocks_are_warned_of() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    history(&repo);
    tag(&repo, "1971-01-01T12:00:00Z", "v1.1.1");
    commit(&repo, "2026-01-20T12:00:00Z", "feat: more");
    tag(&repo, "2030-01-01T12:00:00Z", "v1.2.0");
    let early = "warning: v1.1.1 is dated 1971-01-01, before 4 changes that it contains: each counts as 0 s; `git show v1.1.1` shows who tagged it\n";
    let late = "warning: v1.2.0 is dated 2030-01-01, which is to come: ";
    let said = repo.relwatch(&["metrics"]).ok();
    assert_eq!(
        said.stderr,
        format!("{early}{late}it is excluded; `--until 2030-01-01` counts it\n")
    );
    let said = repo.relwatch(&["metrics", "--until", "2030-01-01"]).ok();
    assert_eq!(
        said.stderr,
        format!("{early}{late}it counts; `git show v1.2.0` shows who tagged it\n")
    );
    // Outside the period its zeros are in no number.
    let said = repo.relwatch(&["metrics", "--since", "2025-01-01"]).ok();
    assert!(said.stderr.starts_with(late), "{}", said.stderr);
}

#[test]
fn few_releases_over_years_are_not_0_a_month() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    commit(&repo, "2005-01-01T12:00:00Z", "feat: start");
    for year in ["2005", "2006", "2007", "2008", "2009"] {
        let when = format!("{year}-01-01T12:00:00Z");
        tag(&repo, &when, &format!("v{year}.0.0"));
    }
    says(
        &repo.relwatch(&["metrics"]).ok(),
        &["deployment frequency      0.020 a month, "],
    );
}
