//! Measuring the networks of a finished run again: those of another machine, on this one.

use super::start::{fact, unreadable};
use super::{Actor, RunStore};
use crate::saved_run::SavedRun;
use supcon_protocol::{DataRequest, DeviceChoice, ErrorReport, Notice, ResultRow, RunId};

impl<S: RunStore> Actor<S> {
    pub(super) async fn measure(&mut self, run: &RunId) {
        if self.run.is_some() || self.start.is_some() {
            return self.refuse_second_run();
        }
        let notice = match self.try_measure(run).await {
            Ok(rows) => Notice::Measured {
                run: run.clone(),
                rows,
            },
            Err(report) => Notice::Failed(report),
        };
        self.board().answer(notice);
    }

    async fn try_measure(&mut self, run: &RunId) -> Result<Vec<ResultRow>, ErrorReport> {
        // Held while it is read, so that no other tab trains it on.
        let _sink = self.store.open(run).await?;
        let (store, of) = (self.store.clone(), run.clone());
        let read = move |name: &str| store.read(&of, name);
        let saved = SavedRun::open(self.store.place(run), Box::new(read)).map_err(unreadable)?;
        let device = self.device(DeviceChoice::Auto).await;
        let device = device.map_err(|error| error.report())?.device;
        let kept = saved.invocation().map_err(unreadable)?;
        let place = kept.and_then(|kept| kept.data);
        let splits = self.images_of(&DataRequest {
            config: saved.plan().config().data.clone(),
            place: place.map(|place| place.display().to_string()),
        })?;
        let fingerprint = format!("{:016x}", splits.fingerprint());
        let mut rows = Vec::new();
        for name in saved.ready() {
            let network = saved.network(Some(&name), &device).map_err(unreadable)?;
            if network.data_fingerprint() != fingerprint {
                return Err(fact(
                    &format!("{} was trained on other images than these", saved.place()),
                    "Load the images it was trained on, then measure it.",
                ));
            }
            let config = &saved.plan().config().evaluation;
            let measured = network.measure(&splits, config).await;
            rows.extend(measured.map_err(|error| error.report())?);
        }
        if rows.is_empty() {
            return Err(fact(
                &format!("no network of {} is trained yet", saved.place()),
                "Resume the run, and measure it when it is finished.",
            ));
        }
        Ok(rows)
    }
}
