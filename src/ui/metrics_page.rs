//! The page of `relwatch metrics --html`: metrics with their meaning, plots, and all values as tables. Every value is accessible on touch
//! screens: nothing is shown only on hover.

use crate::domain::report::metrics::{Metrics, MetricsRow, Month};
use crate::domain::report::trend::Trend;
use crate::domain::text::html::escaped;
use crate::ui::html_page::HtmlFrame;
use crate::ui::metrics::{counts, summary, time};
use crate::ui::{metrics_cards, metrics_plots};

const STYLE: &str = include_str!("metrics_page.css");

/// The metrics of a project or a component.
#[derive(Debug, Clone)]
pub struct MetricsPart {
    pub metrics: Metrics,
    /// The trend. `None` if there is nothing to compare with.
    pub trend: Option<Trend>,
}

/// The page of a project, created on the day `today`.
pub fn page(project: &str, today: &str, parts: &[MetricsPart]) -> String {
    let title = format!("{project}: Release metrics");
    let sections: String = parts.iter().map(section).collect();
    let told = parts.iter().map(|part| summary(&part.metrics));
    let description = format!(
        "How {project} releases: {}.",
        told.collect::<Vec<_>>().join("; ")
    );
    let frame = HtmlFrame {
        title: &title,
        description: &description,
        site: project,
        published: None,
        style: STYLE,
    };
    let main = format!(
        "<main>\n<h1>{}</h1>\n<p class=\"about\">Generated on <time datetime=\"{today}\">{today}</time></p>\n{sections}</main>\n<footer>Made by relwatch from tags, commits and the release manifest. Lead time counts from the author's date of a change to the first final release that contains it. A failed release was withdrawn or needed a hotfix.</footer>\n",
        escaped(&title)
    );
    frame.page(&main)
}

fn section(part: &MetricsPart) -> String {
    let MetricsPart { metrics, trend } = part;
    let name = metrics.component.as_deref().map(escaped);
    // Headings are below the name of a component.
    let level = if name.is_some() { 3 } else { 2 };
    let name = name.map_or(String::new(), |name| format!("<h2>{name}</h2>\n"));
    let inferred = match metrics.change_failures.concluded {
        0 => "",
        _ => {
            "<p class=\"note\">Inferred: a patch within two days that fixes and adds nothing counts as a hotfix, unless the release manifest says what it is.</p>\n"
        }
    };
    format!(
        "<section>\n{name}<p class=\"period\">{}, <time>{}</time> to <time>{}</time></p>\n{}{inferred}{}{}{}{}{}{}</section>\n",
        counts(metrics),
        metrics.period.since,
        metrics.period.until,
        metrics_cards::cards(metrics, trend.as_ref()),
        metrics_cards::levels(metrics, level),
        metrics_plots::timeline(metrics),
        metrics_plots::frequency(&metrics.months),
        months(&metrics.months),
        metrics_plots::distribution(metrics),
        releases(&metrics.releases, level),
    )
}

fn length(seconds: Option<i64>) -> String {
    seconds.map_or("–".to_owned(), time)
}

/// Every month, newest first.
fn months(months: &[Month]) -> String {
    if months.is_empty() {
        return String::new();
    }
    let line = |month: &Month| {
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escaped(&month.month),
            month.releases,
            month.failed,
            length(month.lead_time_p50)
        )
    };
    let lines: String = months.iter().rev().map(line).collect();
    format!(
        "<details>\n<summary>Values by month</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Values by month\"><table>\n<thead><tr><th scope=\"col\">month</th><th scope=\"col\">releases</th><th scope=\"col\">failed</th><th scope=\"col\">median lead time</th></tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n</details>\n"
    )
}

/// Every release, newest first. `level` is the level of the heading.
fn releases(rows: &[MetricsRow], level: usize) -> String {
    let line = |row: &MetricsRow| {
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escaped(&row.tag),
            row.date,
            row.level,
            row.changes,
            length(row.lead_time.p50),
            length(row.first_commit),
            escaped(&state(row))
        )
    };
    let lines: String = rows.iter().rev().map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "<h{level}>All releases</h{level}>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"All releases\"><table>\n<thead><tr><th scope=\"col\">release</th><th scope=\"col\">date</th><th scope=\"col\">level</th><th scope=\"col\">changes</th><th scope=\"col\">median lead time</th><th scope=\"col\">first commit to release</th><th scope=\"col\">state</th></tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n"
    )
}

/// The state of a release.
fn state(row: &MetricsRow) -> String {
    let inferred = if row.fix_concluded { " (inferred)" } else { "" };
    let fixed = row.fixed_by.as_ref();
    let states = [
        row.withdrawn.then(|| "withdrawn".to_owned()),
        fixed.map(|fix| format!("fixed by {fix}{inferred}")),
        row.fixes.as_ref().map(|of| format!("fixes {of}")),
    ];
    states.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
