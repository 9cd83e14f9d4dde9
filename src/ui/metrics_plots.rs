//! The plots of the metrics page, as our own SVG. Heights are in pixels, widths are shares of the page. So text and dots keep their size in
//! every window, labels neither increase in number nor overlap, and both plots have the same months above each other.
//!
//! No plot library does that in a self-contained page. charming draws with ECharts, 1 MB of JavaScript. plotters and poloto write SVG of a
//! fixed size, whose text shrinks with the window to 8 pixels on a phone, and plotters writes each colour into each element, which prevents
//! a dark page. The rest of such a library, two scales, is less code than this file.

use crate::domain::report::metrics::{Class, Metrics, MetricsRow, Month};
use crate::domain::text::html::escaped;

/// Number of dots that fit beside each other on a phone.
const COLUMNS: usize = 60;

/// Number of days in the longest month.
const DAYS: usize = 31;

/// Distance in pixels between dots above each other, and maximum height of a column of dots.
const DOT: f64 = 9.0;
const TALLEST: f64 = 240.0;

/// Number of labels below a plot.
const LABELS: usize = 4;

/// A plot: the names left of it, its marks, and its height in pixels.
struct Plot {
    names: String,
    marks: String,
    height: f64,
}

impl Plot {
    fn line(&mut self, y: f64, name: &str) {
        self.names.push_str(&format!(
            "<text x=\"100%\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            y + 4.0
        ));
        self.marks.push_str(&format!(
            "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n"
        ));
    }

    /// The plot with the months below it. `what` is the description for screen readers, `title` is HTML.
    fn figure(self, title: &str, what: &str, months: &[Month]) -> String {
        let height = self.height + 24.0;
        let labels = labels(months, self.height + 18.0);
        format!(
            "<figure>\n<figcaption>{title}</figcaption>\n<div class=\"plot\">\n<svg height=\"{height:.0}\" aria-hidden=\"true\">{}</svg>\n<svg height=\"{height:.0}\" role=\"img\" aria-label=\"{}\">\n{}{labels}</svg>\n</div>\n</figure>\n",
            self.names,
            escaped(what),
            self.marks
        )
    }
}

/// The names of some months, regardless of their number.
fn labels(months: &[Month], y: f64) -> String {
    let last = months.len().saturating_sub(1);
    let count = months.len().min(LABELS);
    let label = |number: usize| {
        let at = match count {
            1 => 0,
            count => last * number / (count - 1),
        };
        let (x, anchor) = match number {
            0 => (0.0, "start"),
            _ if at == last => (100.0, "end"),
            _ => ((at as f64 + 0.5) / months.len() as f64 * 100.0, "middle"),
        };
        format!(
            "<text x=\"{x:.2}%\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(&months[at].month)
        )
    };
    (0..count).map(label).collect()
}

/// Columns of dots: parts of a month, or several months.
#[derive(Debug, Clone, Copy)]
struct Columns {
    months: usize,
    /// Number of columns per month.
    parts: usize,
    /// Number of months per column, if months have no parts.
    joined: usize,
}

impl Columns {
    fn of_months(months: usize) -> Columns {
        Columns {
            months,
            parts: (COLUMNS / months.max(1)).clamp(1, DAYS),
            joined: months.div_ceil(COLUMNS).max(1),
        }
    }

    /// The column of a day, `YYYY-MM-DD`, in the month with this index.
    fn of_day(self, month: usize, day: &str) -> usize {
        let day: usize = day.get(8..10).and_then(|day| day.parse().ok()).unwrap_or(1);
        let part = (day.clamp(1, DAYS) - 1) * self.parts / DAYS;
        (month * self.parts + part) / self.joined
    }

    /// The middle of a column, in percent.
    fn middle(self, column: usize) -> f64 {
        let all = (self.months * self.parts).max(1) as f64;
        (column as f64 + 0.5) * self.joined as f64 / all * 100.0
    }

    fn words(self) -> String {
        match (self.joined, self.parts) {
            (1, 1) => "a column is a month".to_owned(),
            (1, DAYS) => "a column is a day".to_owned(),
            (1, parts) => format!(
                "a column is about {} days",
                (DAYS as f64 / parts as f64).round()
            ),
            (joined, _) => format!("a column is {joined} months"),
        }
    }
}

/// Every release as a dot at its time, in the row of its level. Releases at the same time are stacked. A failed one is a ring.
pub fn timeline(metrics: &Metrics) -> String {
    const LEVELS: [&str; 3] = ["patch", "minor", "major"];
    let (rows, months) = (&metrics.releases, &metrics.months);
    let columns = Columns::of_months(months.len());
    let column = |row: &MetricsRow| {
        let month = months
            .iter()
            .position(|month| row.date.starts_with(&month.month));
        columns.of_day(month.unwrap_or_default(), &row.date)
    };
    let of_level = LEVELS.map(|level| {
        let own = rows.iter().filter(|row| row.level == level);
        own.map(|row| (column(row), row)).collect::<Vec<_>>()
    });
    let tallest = |own: &[(usize, &MetricsRow)]| {
        let counts = own
            .iter()
            .map(|(at, _)| own.iter().filter(|(other, _)| other == at).count());
        counts.max().unwrap_or(0)
    };
    if rows.is_empty() || months.is_empty() {
        return String::new();
    }
    let mut plot = Plot {
        names: String::new(),
        marks: String::new(),
        height: 0.0,
    };
    for (level, own) in LEVELS.iter().zip(&of_level).rev() {
        let most = tallest(own).max(1) as f64;
        let step = DOT.min(TALLEST / most);
        plot.height += most * step + 16.0;
        let foot = plot.height;
        plot.line(foot, level);
        let mut stacks: Vec<usize> = vec![0; columns.months * columns.parts + 1];
        for (at, row) in own {
            let y = foot - (stacks[*at] as f64 + 0.5) * step - 2.0;
            stacks[*at] += 1;
            let class = if row.has_failed() { "failed" } else { "good" };
            plot.marks.push_str(&format!(
                "<circle class=\"{class}\" cx=\"{:.2}%\" cy=\"{y:.1}\" r=\"3\"><title>{}</title></circle>\n",
                columns.middle(*at),
                escaped(&said(row))
            ));
        }
    }
    let ends = [&metrics.period.since, &metrics.period.until];
    let what = format!(
        "{} releases from {} to {}; the table of all releases has them",
        rows.len(),
        ends[0],
        ends[1]
    );
    let title = format!(
        "Releases <span class=\"key\"><span class=\"good\">●</span> release <span class=\"failed\">○ failed</span>, {}</span>",
        columns.words()
    );
    plot.figure(&title, &what, months)
}

/// A release in one line of text.
fn said(row: &MetricsRow) -> String {
    let mut words = format!("{}, {}", row.tag, row.date);
    if row.withdrawn {
        words.push_str(", withdrawn");
    }
    if let Some(fix) = &row.fixed_by {
        let inferred = if row.fix_concluded { " (inferred)" } else { "" };
        words.push_str(&format!(", fixed by {fix}{inferred}"));
    }
    words
}

/// Space for a number above the highest bar, in pixels, and the height of that bar.
const TOP: f64 = 18.0;
const HIGHEST: f64 = 140.0;

/// Maximum number of months whose numbers fit above their bars.
const FEW: usize = 12;

/// A bar for each month, with failed releases at its foot.
pub fn frequency(months: &[Month]) -> String {
    let most = months.iter().map(|month| month.releases).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    // An even number, so that half of it is a number of releases.
    let top = if most == 1 {
        1
    } else {
        most.next_multiple_of(2)
    };
    let foot = TOP + HIGHEST;
    let mut plot = Plot {
        names: String::new(),
        marks: String::new(),
        height: foot,
    };
    plot.line(foot, "0");
    plot.line(TOP, &top.to_string());
    if top > 1 {
        plot.line(foot - HIGHEST / 2.0, &(top / 2).to_string());
    }
    let bars = months.iter().enumerate();
    let bars = bars.filter(|(_, month)| month.releases > 0);
    plot.marks
        .extend(bars.map(|(at, month)| bar(month, at, months.len(), top)));
    let what = format!("releases by month, at most {most}; the table of months has them");
    plot.figure(
        "Releases by month <span class=\"key\"><span class=\"good\">■</span> releases <span class=\"failed\">■ failed</span></span>",
        &what,
        months,
    )
}

/// The bar of the month with index `at` among `all`. A bar of `top` releases has the full height.
fn bar(month: &Month, at: usize, all: usize, top: usize) -> String {
    let width = 100.0 / all as f64;
    let x = (at as f64 + 0.1) * width;
    let y = |count: usize| TOP + HIGHEST * (1.0 - count as f64 / top as f64);
    let part = |class: &str, count: usize| {
        format!(
            "<rect class=\"{class}\" x=\"{x:.2}%\" y=\"{:.1}\" width=\"{:.2}%\" height=\"{:.1}\"/>",
            y(count),
            width * 0.8,
            y(0) - y(count)
        )
    };
    let Month {
        month,
        releases,
        failed,
        ..
    } = month;
    let good = part("good", *releases);
    let bad = match failed {
        0 => String::new(),
        failed => part("failed", *failed),
    };
    let number = if all <= FEW {
        format!(
            "<text x=\"{:.2}%\" y=\"{:.1}\" text-anchor=\"middle\">{releases}</text>\n",
            x + width * 0.4,
            y(*releases) - 4.0
        )
    } else {
        String::new()
    };
    format!(
        "<g><title>{}: {releases}, failed {failed}</title>{good}{bad}</g>\n{number}",
        escaped(month)
    )
}

/// Number of changes per lead time class, as a table whose bars are proportional to the numbers.
pub fn distribution(metrics: &Metrics) -> String {
    let classes = &metrics.distribution;
    let most = classes.iter().map(|class| class.changes).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let line = |class: &Class| {
        let name = match class.up_to {
            "longer" => "longer".to_owned(),
            up_to => format!("up to {up_to}"),
        };
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{0}</td><td class=\"bar\"><span style=\"width:{1:.2}%\"></span></td></tr>\n",
            class.changes,
            class.changes as f64 / most as f64 * 100.0
        )
    };
    let lines: String = classes.iter().map(line).collect();
    format!(
        "<figure>\n<figcaption>Lead time of changes <span class=\"key\">each change in one row</span></figcaption>\n<table class=\"bars\">\n<thead><tr><th scope=\"col\">released within</th><th scope=\"col\">changes</th><td></td></tr></thead>\n<tbody>\n{lines}</tbody>\n</table>\n</figure>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(count: usize) -> Vec<Month> {
        let month = |at: usize| Month {
            month: format!("{}-{:02}", 2000 + at / 12, at % 12 + 1),
            releases: 1,
            ..Month::default()
        };
        (0..count).map(month).collect()
    }

    #[test]
    fn labels_do_not_grow_in_number() {
        for (count, shown) in [(1, 1), (2, 2), (4, 4), (12, 4), (300, 4)] {
            let labels = labels(&months(count), 0.0);
            assert_eq!(labels.matches("<text").count(), shown, "{count}: {labels}");
            assert!(labels.contains("2000-01"));
            assert!(labels.contains(&months(count)[count - 1].month));
        }
    }

    #[test]
    fn columns_are_days_parts_of_months_or_months() {
        for (count, day, column, words) in [
            (1, (0, "2000-01-31"), 30, "a column is a day"),
            (4, (3, "2000-04-30"), 59, "a column is about 2 days"),
            (60, (59, "2004-12-31"), 59, "a column is a month"),
            (61, (60, "2005-01-31"), 30, "a column is 2 months"),
        ] {
            let columns = Columns::of_months(count);
            assert_eq!(columns.of_day(day.0, day.1), column);
            assert_eq!(columns.words(), words);
            assert!(columns.middle(column) <= 101.0 && columns.middle(0) > 0.0);
        }
    }
}
