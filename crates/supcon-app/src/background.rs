//! A tab in the background: how long, and whether the browser slowed the training down.

/// A rate below this share of the one before is called slower.
const SLOWER: f64 = 0.7;
/// Shorter absences, in seconds, are not worth a word.
const WORTH_A_WORD_SECS: f64 = 20.0;

/// Since when, and how many steps were done then.
#[derive(Clone, Copy, Debug)]
struct Mark {
    secs: f64,
    steps: u64,
}

impl Mark {
    /// Steps a second since then.
    fn rate(self, now: Self) -> f64 {
        now.steps.saturating_sub(self.steps) as f64 / (now.secs - self.secs).max(1e-9)
    }
}

/// Watches whether the tab is seen.
#[derive(Debug, Default)]
pub struct Background {
    shown: Option<Mark>,
    hidden: Option<(Mark, f64)>,
}

impl Background {
    /// Takes in whether the tab is hidden at a time, with the steps trained so far. When it comes back
    /// from a while in the background in which a run trained: what became of that, in a sentence.
    pub fn see(&mut self, is_hidden: bool, secs: f64, steps: u64) -> Option<String> {
        let now = Mark { secs, steps };
        if is_hidden {
            let before = self.shown.take().map_or(0.0, |shown| shown.rate(now));
            self.hidden.get_or_insert((now, before));
            return None;
        }
        let back = self.hidden.take();
        if self.shown.is_none_or(|shown| steps < shown.steps) {
            self.shown = Some(now);
        }
        let (since, before) = back?;
        let took = secs - since.secs;
        let done = steps.saturating_sub(since.steps);
        if took < WORTH_A_WORD_SECS || (done == 0 && before == 0.0) {
            return None;
        }
        Some(sentence(took, done, before))
    }
}

fn sentence(took: f64, done: u64, before: f64) -> String {
    let away = supcon_protocol::human_duration(took);
    let rate = done as f64 / took;
    let trained = format!("Hidden for {away}: {done} steps were trained meanwhile");
    if rate < SLOWER * before {
        format!(
            "{trained}, {:.0} % of the pace before: the browser slows hidden tabs down",
            100.0 * rate / before
        )
    } else {
        trained
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slowed_tab_says_so_and_a_steady_one_says_what_it_did() {
        let mut tab = Background::default();
        assert_eq!(tab.see(false, 0.0, 0), None);
        assert_eq!(tab.see(true, 100.0, 200), None);
        let said = tab.see(false, 200.0, 250).unwrap();
        assert!(said.contains("50 steps") && said.contains("25 %"), "{said}");
        assert_eq!(tab.see(true, 300.0, 450), None);
        assert_eq!(tab.see(true, 350.0, 550), None);
        let said = tab.see(false, 400.0, 650).unwrap();
        assert!(said.contains("200 steps") && !said.contains('%'), "{said}");
    }

    #[test]
    fn a_glance_elsewhere_and_an_idle_tab_say_nothing() {
        let mut tab = Background::default();
        tab.see(false, 0.0, 0);
        tab.see(true, 10.0, 20);
        assert_eq!(tab.see(false, 15.0, 30), None);
        let mut idle = Background::default();
        idle.see(false, 0.0, 0);
        idle.see(true, 100.0, 0);
        assert_eq!(idle.see(false, 900.0, 0), None);
    }
}
