//! What a run leaves behind: its log, its checkpoints, and who it was.

use super::{Engine, Job};
use crate::checkpoint::{Checkpoint, InputFormat, Position};
use crate::error::TrainError;
use crate::state::HostTensors;
use crate::{files, model};
use supcon_data::Splits;
use supcon_protocol::{Event, RunInfo};

impl Engine<'_> {
    pub(crate) fn emit(&mut self, event: Event) -> Result<(), TrainError> {
        let line = self.log.push(event);
        self.sink.append(files::EVENTS, line.as_bytes())?;
        self.log_bytes += line.len() as u64;
        Ok(())
    }

    pub(super) fn checkpoint(
        &mut self,
        stage: usize,
        step: u64,
        tensors: HostTensors,
    ) -> Result<(), TrainError> {
        // First the event: the checkpoint's position then covers it, and a resume repeats nothing.
        self.emit(Event::Checkpoint { stage, step })?;
        let position = self.position(stage, step);
        self.sink.put(
            files::CHECKPOINT,
            &Checkpoint {
                tensors,
                position,
                input: Some(self.input()),
            }
            .to_bytes(),
        )?;
        Ok(())
    }

    pub(super) fn input(&self) -> InputFormat {
        InputFormat {
            height: self.train.height(),
            width: self.train.width(),
            normalisation: self.normalisation,
            classes: self.info.classes.clone(),
        }
    }

    pub(super) fn position(&self, stage: usize, step: u64) -> Position {
        Position {
            config_hash: self.info.config_hash.clone(),
            data_fingerprint: self.info.data_fingerprint.clone(),
            stage,
            step,
            log_events: self.log.len() as u64,
            log_bytes: self.log_bytes,
        }
    }
}

/// The first number of a checkpoint that is none.
pub(super) fn first_non_finite(tensors: &HostTensors) -> Option<f64> {
    let mut values = tensors.values().flat_map(|tensor| &tensor.values);
    values
        .find(|value| !value.is_finite())
        .copied()
        .map(f64::from)
}

pub(super) fn run_info(job: &Job) -> RunInfo {
    let config = job.plan.config();
    let Splits {
        name,
        train,
        validation,
        test,
    } = &job.splits;
    let cost = model::cost(config.encoder, train.height());
    RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: config.hash(),
        device: job.device.description.clone(),
        threads: job.execution.threads,
        host: job.host.clone(),
        dataset: name.clone(),
        data_fingerprint: format!("{:016x}", job.splits.fingerprint()),
        classes: train.class_names().to_vec(),
        images: [train.len(), validation.len(), test.len()],
        encoder_parameters: cost.parameters,
        encoder_multiply_adds: cost.multiply_adds,
    }
}

pub(super) fn check_same(position: &Position, info: &RunInfo) -> Result<(), TrainError> {
    let differ = |what, found: &str, expected: &str| {
        Err(TrainError::Mismatch(format!(
            "the checkpoint belongs to {what} {found}, not {expected}: resume with what the run was started with"
        )))
    };
    if position.config_hash != info.config_hash {
        return differ("configuration", &position.config_hash, &info.config_hash);
    }
    if position.data_fingerprint != info.data_fingerprint {
        return differ(
            "the data with fingerprint",
            &position.data_fingerprint,
            &info.data_fingerprint,
        );
    }
    Ok(())
}
