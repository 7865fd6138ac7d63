//! A measured figure, its budget, and the table of them.

use serde_json::{Value, json};

/// What a figure counts. Sizes are decimal: 1 KB is 1,000 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
    Ticks,
    Times,
    MillisecondsPerMegabyte,
    Kilobytes,
    Megabytes,
    TurnsPerSecond,
    PercentOfACore,
}

impl Unit {
    fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Ticks => "ticks",
            Self::Times => "×",
            Self::MillisecondsPerMegabyte => "ms/MB",
            Self::Kilobytes => "KB",
            Self::Megabytes => "MB",
            Self::TurnsPerSecond => "turns/s",
            Self::PercentOfACore => "% of a core",
        }
    }
}

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Budget {
    /// Nothing: the figure is information.
    None,
    /// At most this.
    AtMost(f64),
    /// At most this, and at most so many times the plain loop.
    AtMostAndTimes(f64, f64),
    /// At most so many times its peer, which is measured beside it.
    Times(f64),
    /// At least this.
    AtLeast(f64),
}

/// A measured figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// What was measured.
    pub(super) what: String,
    /// What it counts.
    pub(super) unit: Unit,
    /// The value of what is measured beside it, where there is such a thing: the plain loop, or the host.
    pub(super) plain: Option<f64>,
    /// Deskhand's value.
    pub(super) ours: f64,
    /// What was promised.
    pub(super) budget: Budget,
}

/// Whether the promise is kept.
#[derive(Debug, PartialEq)]
enum Verdict {
    Ok,
    Miss(String),
    Information,
}

impl Figure {
    /// Deskhand's value as a multiple of the one beside it.
    fn ratio(&self) -> Option<f64> {
        self.plain.filter(|plain| *plain > 0.0).map(|plain| self.ours / plain)
    }

    fn verdict(&self) -> Verdict {
        let over = |limit: f64| format!("over by {}", percent(self.ours, limit));
        match self.budget {
            Budget::None => Verdict::Information,
            Budget::AtMost(limit) | Budget::AtMostAndTimes(limit, _) if self.ours > limit => Verdict::Miss(over(limit)),
            Budget::AtMostAndTimes(_, times) => match self.ratio() {
                Some(ratio) if ratio > times => Verdict::Miss(format!("{ratio:.2} × the loop, {times} × allowed")),
                Some(_) | None => Verdict::Ok,
            },
            Budget::Times(times) => match self.ratio() {
                Some(ratio) if ratio > times => Verdict::Miss(format!("{ratio:.2} ×, {times} allowed")),
                Some(_) => Verdict::Ok,
                None => Verdict::Miss("it has no peer".to_owned()),
            },
            Budget::AtLeast(floor) if self.ours < floor => {
                Verdict::Miss(format!("under by {:.0} %", (1.0 - self.ours / floor) * 100.0))
            }
            Budget::AtMost(_) | Budget::AtLeast(_) => Verdict::Ok,
        }
    }

    fn promise(&self) -> String {
        let symbol = self.unit.symbol();
        match self.budget {
            Budget::None => String::new(),
            Budget::AtMost(limit) => format!("≤ {} {symbol}", short(limit)),
            Budget::AtMostAndTimes(limit, times) => format!("≤ {} {symbol}, ≤ {times} ×", short(limit)),
            Budget::Times(times) => format!("≤ {times} ×"),
            Budget::AtLeast(floor) => format!("≥ {} {symbol}", short(floor)),
        }
    }

    fn cells(&self) -> [String; 6] {
        let value = |value: f64| format!("{} {}", short(value), self.unit.symbol());
        let verdict = match self.verdict() {
            Verdict::Ok => "ok".to_owned(),
            Verdict::Miss(how) => format!("MISS, {how}"),
            Verdict::Information => String::new(),
        };
        [
            self.what.clone(),
            self.plain.map(value).unwrap_or_default(),
            value(self.ours),
            self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            self.promise(),
            verdict,
        ]
    }

    /// The figure for programs.
    pub(super) fn to_json(&self) -> Value {
        let (met, miss) = match self.verdict() {
            Verdict::Ok => (Some(true), None),
            Verdict::Miss(how) => (Some(false), Some(how)),
            Verdict::Information => (None, None),
        };
        json!({
            "what": self.what,
            "unit": self.unit.symbol(),
            "plain": self.plain,
            "deskhand": self.ours,
            "ratio": self.ratio(),
            "budget": self.promise(),
            "ok": met,
            "miss": miss,
        })
    }
}

/// How far a value is above a limit.
fn percent(value: f64, limit: f64) -> String {
    if limit > 0.0 { format!("{:.0} %", (value / limit - 1.0) * 100.0) } else { short(value) }
}

/// A number with about three digits that mean something.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The table, as wide as its cells.
pub(super) fn table(figures: &[Figure]) -> String {
    let heading = ["what", "peer", "deskhand", "ratio", "budget", ""].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(figures.iter().map(Figure::cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Budget, Figure, Unit, Verdict, short, table};

    fn figure(plain: Option<f64>, ours: f64, budget: Budget) -> Figure {
        Figure { what: "read turn".into(), unit: Unit::Milliseconds, plain, ours, budget }
    }

    #[test]
    fn a_budget_is_met_or_missed_by_so_much() {
        let verdict = |plain, ours, budget| figure(plain, ours, budget).verdict();
        let miss = |text: &str| Verdict::Miss(text.to_owned());
        assert_eq!(verdict(None, 15.0, Budget::AtMost(15.0)), Verdict::Ok);
        assert_eq!(verdict(None, 18.0, Budget::AtMost(15.0)), miss("over by 20 %"));
        assert_eq!(verdict(None, 2.0, Budget::AtMost(0.0)), miss("over by 2"));
        assert_eq!(verdict(Some(0.3), 0.4, Budget::AtMostAndTimes(0.4, 1.5)), Verdict::Ok);
        assert_eq!(verdict(Some(0.2), 0.4, Budget::AtMostAndTimes(0.4, 1.5)), miss("2.00 × the loop, 1.5 × allowed"));
        assert_eq!(verdict(Some(0.9), 0.6, Budget::AtMostAndTimes(0.4, 1.5)), miss("over by 50 %"));
        assert_eq!(verdict(Some(2.0), 4.0, Budget::Times(2.0)), Verdict::Ok);
        assert_eq!(verdict(Some(2.0), 5.0, Budget::Times(2.0)), miss("2.50 ×, 2 allowed"));
        assert_eq!(verdict(None, 5.0, Budget::Times(2.0)), miss("it has no peer"));
        assert_eq!(verdict(None, 2_000.0, Budget::AtLeast(2_000.0)), Verdict::Ok);
        assert_eq!(verdict(None, 1_500.0, Budget::AtLeast(2_000.0)), miss("under by 25 %"));
        assert_eq!(verdict(None, 9.0, Budget::None), Verdict::Information);
    }

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 0.241, 0.4, 1.504, 12.34, 178.9, 2_000.0].map(short);
        assert_eq!(shown, ["0", "0.241", "0.4", "1.5", "12.3", "179", "2000"]);
    }

    #[test]
    fn the_table_lines_up() {
        let figures = [
            figure(Some(0.24), 0.36, Budget::AtMostAndTimes(0.4, 1.5)),
            Figure {
                what: "binary".into(),
                unit: Unit::Megabytes,
                plain: None,
                ours: 25.0,
                budget: Budget::AtMost(20.0),
            },
        ];
        assert_eq!(
            table(&figures),
            "\
what       peer     deskhand  ratio  budget
read turn  0.24 ms  0.36 ms   1.50   ≤ 0.4 ms, ≤ 1.5 ×  ok
binary              25 MB            ≤ 20 MB            MISS, over by 25 %"
        );
    }
}
