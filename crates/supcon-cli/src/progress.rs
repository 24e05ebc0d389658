//! What a person (or, with --json, a program) sees while a run goes on.

use crate::{output, table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use supcon_protocol::{
    Envelope, Event, RunHistory, RunInfo, StageHistory, StageInfo, StepMetrics, human_duration,
};

/// Lines of progress printed for a stage where no bar can be drawn.
const LINES_PER_STAGE: u64 = 5;

/// Prints events as they come.
#[derive(Debug)]
pub struct Printer {
    json: bool,
    bar: Option<ProgressBar>,
}

impl Printer {
    /// Text with a progress bar (or, off a terminal, a few lines), or one JSON event a line.
    pub fn new(json: bool) -> Self {
        Self { json, bar: None }
    }

    /// Shows an event; `history` has it already.
    pub fn event(&mut self, envelope: &Envelope<Event>, history: &RunHistory) {
        if self.json {
            output::line(&serde_json::to_string(envelope).unwrap_or_default());
            return;
        }
        match &envelope.msg {
            Event::Started(info) => started(info),
            Event::StageStarted(info) => self.stage_started(info, history),
            Event::Step(step) => self.step(step, history),
            Event::Probe(probe) => {
                if let Some(bar) = &self.bar {
                    bar.set_prefix(format!("validation kNN {:.1} %  ", 100.0 * probe.knn_top1));
                }
            }
            Event::Evaluated(row) => {
                self.end();
                let top1 = row.linear.top1;
                output::line(&format!(
                    "    test: linear top-1 {:.1} % [{:.1}, {:.1}], kNN top-1 {:.1} %",
                    100.0 * top1.value,
                    100.0 * top1.low,
                    100.0 * top1.high,
                    100.0 * row.knn.top1.value
                ));
            }
            Event::Warning { message, .. } => self.aside(&format!("warning: {message}")),
            Event::State(_)
            | Event::Checkpoint { .. }
            | Event::ConfigChanged { .. }
            | Event::Failed(_) => {}
        }
    }

    fn stage_started(&mut self, info: &StageInfo, history: &RunHistory) {
        self.end();
        output::line(&format!(
            "[{}] {}: {} steps of {} images",
            info.plan.index + 1,
            info.plan,
            info.steps,
            info.batch_size
        ));
        let bar =
            ProgressBar::with_draw_target(Some(info.steps), ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("    {bar:30} {pos}/{len}  {prefix}{msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        // A resumed stage goes on where it stood.
        let stage = history.stage(info.plan.index);
        bar.set_position(stage.map_or(0, StageHistory::done));
        self.bar = Some(bar);
    }

    fn step(&mut self, step: &StepMetrics, history: &RunHistory) {
        let Some(stage) = history.stage(step.stage) else {
            return;
        };
        let mut text = format!("loss {:.3}", step.loss);
        if let Some(landmarks) = stage.info.landmarks {
            text += &format!(
                " (chance {:.2}, floor {:.2})",
                landmarks.chance, landmarks.floor
            );
        }
        if let Some(accuracy) = step.accuracy {
            text += &format!(", training accuracy {:.1} %", 100.0 * accuracy);
        }
        text += &format!(", {:.0} images/s", step.images_per_second);
        if let Some(secs) = stage.secs_left() {
            text += &format!("  {} left", human_duration(secs));
        }
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() {
            let every = (stage.info.steps / LINES_PER_STAGE).max(1);
            let before = stage
                .steps
                .len()
                .checked_sub(2)
                .map_or(0, |at| stage.steps[at].step);
            if step.step / every > before / every {
                output::line(&format!("    {}/{}  {text}", step.step, stage.info.steps));
            }
        }
        bar.set_message(text);
        bar.set_position(step.step);
    }

    fn aside(&self, text: &str) {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.suspend(|| eprintln!("{text}")),
            _ => eprintln!("{text}"),
        }
    }

    /// Leaves the bar as it stands and moves to the next line.
    pub fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.abandon();
        }
    }
}

fn started(info: &RunInfo) {
    let [train, validation, test] = info.images;
    output::line(&format!(
        "device  {}, {} threads",
        info.device, info.threads
    ));
    output::line(&format!(
        "data    {}: {} classes, {train} training, {validation} validation, {test} test images",
        info.dataset,
        info.classes.len()
    ));
    output::line(&format!(
        "encoder {} parameters, {:.2} M multiply-adds an image",
        info.encoder_parameters,
        info.encoder_multiply_adds as f64 / 1e6
    ));
}

/// The summary after a run.
pub fn summary(history: &RunHistory, differences: &str) -> String {
    let mut text = format!("\n{}", table::results(&history.results));
    if !differences.is_empty() {
        text += &format!("\n{differences}");
    }
    text
}
