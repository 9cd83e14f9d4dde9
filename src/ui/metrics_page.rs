//! The page of `relwatch metrics --html`: whole in itself, without scripts and without anything from elsewhere; dark and light as the
//! reader's system is. Every plot is also there as text.

use crate::domain::order;
use crate::domain::report::metrics::{Metrics, MetricsRow, Month};
use crate::ui::metrics::{figures, summary, time};

/// Width of a plot, in units of its own; it is as wide as the page.
const WIDTH: usize = 720;
/// Left of what is plotted stand the names of the rows.
const LEFT: usize = 80;

const STYLE: &str = include_str!("metrics_page.css");

/// The page.
pub fn page(title: &str, all: &[Metrics]) -> String {
    let title = escaped(title);
    let parts: String = all.iter().map(part).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}: releases</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{parts}</main>\n<footer>Made by relwatch from tags, commits and the list of releases. Lead time counts from the author's date to the first final release that holds the change; a failed release was withdrawn or needed a hotfix.</footer>\n</body>\n</html>\n"
    )
}

fn part(metrics: &Metrics) -> String {
    let name = metrics.component.as_deref().map_or(String::new(), |name| {
        format!("<h2>{}</h2>\n", escaped(name))
    });
    let figures = figures(metrics)
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escaped(&value)));
    let note = match metrics.change_failures.concluded {
        0 => "",
        _ => {
            "<p class=\"note\">Concluded: a patch within two days that mends and adds nothing counts as a hotfix where the list of releases does not tell.</p>\n"
        }
    };
    format!(
        "<section>\n{name}<p>{}</p>\n<dl>\n{}</dl>\n{note}{}{}{}{}</section>\n",
        summary(metrics),
        figures.concat(),
        timeline(metrics),
        frequency(&metrics.months),
        distribution(metrics),
        releases(&metrics.releases),
    )
}

/// A plot with its title; `what` is for those who hear it.
fn figure(title: &str, what: &str, height: usize, marks: &str) -> String {
    format!(
        "<figure>\n<figcaption>{title}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n{marks}</svg>\n</figure>\n",
        escaped(what)
    )
}

/// Every release at its time, in the row of its level; one that failed stands out.
fn timeline(metrics: &Metrics) -> String {
    const ROW: usize = 34;
    const LEVELS: [&str; 3] = ["major", "minor", "patch"];
    let rows = &metrics.releases;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return String::new();
    };
    let span = (last.time - first.time).max(1) as f64;
    let room = (WIDTH - LEFT - 16) as f64;
    let mut marks = String::new();
    for (at, level) in LEVELS.iter().enumerate() {
        let y = ROW * at + ROW / 2;
        marks.push_str(&format!("<text x=\"0\" y=\"{}\">{level}</text><line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>\n", y + 5));
        let mut own: Vec<&MetricsRow> = rows.iter().filter(|row| row.level == *level).collect();
        order::by_key(&mut own, |row| row.has_failed()); // over the others
        for row in own {
            let x = LEFT as f64 + 8.0 + (row.time - first.time) as f64 / span * room;
            let class = if row.has_failed() { "failed" } else { "good" };
            marks.push_str(&format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y}\" r=\"5\"><title>{}</title></circle>\n", escaped(&told(row))));
        }
    }
    let y = ROW * LEVELS.len() + 20;
    marks.push_str(&format!("<text x=\"{LEFT}\" y=\"{y}\">{}</text><text x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n", first.date, last.date));
    let what = format!(
        "{} releases from {} to {}",
        rows.len(),
        first.date,
        last.date
    );
    figure(
        "Releases <span class=\"failed\">● failed</span>",
        &what,
        y + 8,
        &marks,
    )
}

/// A release in a line.
fn told(row: &MetricsRow) -> String {
    let mut words = format!("{}, {}", row.tag, row.date);
    if row.withdrawn {
        words.push_str(", withdrawn");
    }
    if let Some(fix) = &row.fixed_by {
        let concluded = if row.fix_concluded {
            " (concluded)"
        } else {
            ""
        };
        words.push_str(&format!(", mended by {fix}{concluded}"));
    }
    words
}

/// A bar for each month, with what failed at its foot.
fn frequency(months: &[Month]) -> String {
    const HEIGHT: usize = 140;
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return String::new();
    };
    let most = months
        .iter()
        .map(|month| month.releases)
        .max()
        .unwrap_or(0)
        .max(1);
    let width = (WIDTH - LEFT) as f64 / months.len() as f64;
    let length = |count: usize| count as f64 / most as f64 * HEIGHT as f64;
    let mut marks = format!(
        "<text x=\"0\" y=\"14\">{most}</text><text x=\"0\" y=\"{HEIGHT}\">0</text><line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{HEIGHT}\" y2=\"{HEIGHT}\"/>\n"
    );
    for (at, month) in months
        .iter()
        .enumerate()
        .filter(|(_, month)| month.releases > 0)
    {
        let x = LEFT as f64 + at as f64 * width;
        let bar = |class: &str, count: usize| {
            let (wide, high) = ((width * 0.8).max(0.5), length(count));
            format!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\"/>",
                HEIGHT as f64 - high
            )
        };
        let Month {
            month: name,
            releases,
            failed,
            ..
        } = month;
        marks.push_str(&format!(
            "<g><title>{name}: {releases}, failed {failed}</title>{}{}</g>\n",
            bar("good", *releases),
            bar("failed", *failed)
        ));
    }
    let y = HEIGHT + 24;
    marks.push_str(&format!("<text x=\"{LEFT}\" y=\"{y}\">{}</text><text x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n", first.month, last.month));
    let what = format!(
        "releases by month from {} to {}, at most {most}",
        first.month, last.month
    );
    figure(
        "Releases by month <span class=\"failed\">● failed</span>",
        &what,
        y + 8,
        &marks,
    )
}

/// How many changes took how long.
fn distribution(metrics: &Metrics) -> String {
    const ROW: usize = 30;
    const NAMES: usize = 140;
    let most = metrics
        .distribution
        .iter()
        .map(|class| class.changes)
        .max()
        .unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let room = (WIDTH - NAMES - 80) as f64;
    let mut marks = String::new();
    let mut what = Vec::new();
    for (at, class) in metrics.distribution.iter().enumerate() {
        let (y, long) = (ROW * at, class.changes as f64 / most as f64 * room);
        let name = match class.up_to {
            "longer" => "longer".to_owned(),
            up_to => format!("≤ {up_to}"),
        };
        marks.push_str(&format!("<text x=\"0\" y=\"{0}\">{name}</text><rect class=\"good\" x=\"{NAMES}\" y=\"{1}\" width=\"{long:.1}\" height=\"18\"/><text x=\"{2:.1}\" y=\"{0}\">{3}</text>\n", y + 16, y + 2, NAMES as f64 + long + 6.0, class.changes));
        what.push(format!("{name}: {}", class.changes));
    }
    figure(
        "Lead time of changes",
        &what.join(", "),
        ROW * metrics.distribution.len(),
        &marks,
    )
}

/// Every release, the newest first.
fn releases(rows: &[MetricsRow]) -> String {
    let length = |seconds: Option<i64>| seconds.map_or("–".to_owned(), time);
    let line = |row: &MetricsRow| {
        let mut state = Vec::new();
        if row.withdrawn {
            state.push("withdrawn".to_owned());
        }
        let concluded = if row.fix_concluded {
            " (concluded)"
        } else {
            ""
        };
        state.extend(
            row.fixed_by
                .as_ref()
                .map(|fix| format!("mended by {fix}{concluded}")),
        );
        state.extend(row.fixes.as_ref().map(|of| format!("mends {of}")));
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escaped(&row.tag),
            row.date,
            row.changes,
            length(row.lead_time.p50),
            length(row.first_commit),
            escaped(&state.join(", "))
        )
    };
    let lines: String = rows.iter().rev().map(line).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!(
            "<details>\n<summary>All releases</summary>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">release</th><th scope=\"col\">date</th><th scope=\"col\">changes</th><th scope=\"col\">lead time p50</th><th scope=\"col\">first commit</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n</details>\n"
        )
    }
}

/// Text that is nothing but text, also within quotes.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
