use super::{ConfigError, DataSource, RunConfig, Stem};
use std::fmt::Display;

impl RunConfig {
    /// Checks every value against its range and against the others.
    ///
    /// # Errors
    /// [`ConfigError::OutOfRange`] for the first value that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        require(
            !self.seeds.is_empty(),
            "seeds",
            "[]",
            "name at least one seed, for example seeds = [0]",
        )?;
        require(
            !self.methods.is_empty(),
            "methods",
            "[]",
            "name at least one method, for example [\"supcon\"]",
        )?;
        for (i, method) in self.methods.iter().enumerate() {
            require(
                !self.methods[..i].contains(method),
                "methods",
                method.key(),
                "each method may stand once",
            )?;
        }
        for (i, seed) in self.seeds.iter().enumerate() {
            require(
                !self.seeds[..i].contains(seed),
                "seeds",
                seed,
                "each seed may stand once",
            )?;
        }
        self.check_data()?;
        self.check_views()?;
        self.check_model()?;
        self.check_stages()?;
        self.check_evaluation()
    }

    fn check_data(&self) -> Result<(), ConfigError> {
        let data = &self.data;
        let fraction = data.validation_fraction;
        require(
            fraction > 0.0 && fraction < 0.9,
            "data.validation_fraction",
            fraction,
            "must lie between 0 and 0.9: online probes need a validation split",
        )?;
        require(
            data.test_fraction > 0.0 && data.test_fraction < 0.9,
            "data.test_fraction",
            data.test_fraction,
            "must lie between 0 and 0.9",
        )?;
        require(
            (8..=1024).contains(&data.side),
            "data.side",
            data.side,
            "must lie between 8 and 1024 pixels",
        )?;
        if data.source == DataSource::Shapes {
            require(
                (100..=1_000_000).contains(&data.shapes_train),
                "data.shapes_train",
                data.shapes_train,
                "must lie between 100 and 1000000",
            )?;
            require(
                (100..=1_000_000).contains(&data.shapes_test),
                "data.shapes_test",
                data.shapes_test,
                "must lie between 100 and 1000000",
            )?;
            require(
                (2..=10).contains(&data.shapes_classes),
                "data.shapes_classes",
                data.shapes_classes,
                "must lie between 2 and 10",
            )?;
            require(
                [16, 32].contains(&data.shapes_side),
                "data.shapes_side",
                data.shapes_side,
                "must be 16 or 32",
            )?;
        }
        Ok(())
    }

    fn check_views(&self) -> Result<(), ConfigError> {
        let views = &self.views;
        require(
            (1..=16).contains(&views.n_views),
            "views.n_views",
            views.n_views,
            "must lie between 1 and 16",
        )?;
        range("views.crop.scale", views.crop.scale, 0.001, 1.0)?;
        range("views.crop.ratio", views.crop.ratio, 0.1, 10.0)?;
        range("views.blur.sigma", views.blur.sigma, 0.001, 100.0)?;
        probability("views.flip_probability", views.flip_probability)?;
        probability("views.jitter.probability", views.jitter.probability)?;
        probability("views.grayscale_probability", views.grayscale_probability)?;
        probability("views.blur.probability", views.blur.probability)?;
        for (key, value) in [
            ("views.jitter.brightness", views.jitter.brightness),
            ("views.jitter.contrast", views.jitter.contrast),
            ("views.jitter.saturation", views.jitter.saturation),
        ] {
            require(
                (0.0..=4.0).contains(&value),
                key,
                value,
                "must lie between 0 and 4",
            )?;
        }
        require(
            (0.0..=0.5).contains(&views.jitter.hue),
            "views.jitter.hue",
            views.jitter.hue,
            "must lie between 0 and 0.5 turns",
        )
    }

    fn check_model(&self) -> Result<(), ConfigError> {
        require(
            (1..=8).contains(&self.encoder_width),
            "encoder_width",
            self.encoder_width,
            "must lie between 1 and 8",
        )?;
        require(
            self.encoder.is_wide() || self.encoder_width == 1,
            "encoder_width",
            self.encoder_width,
            "widens resnet-18 and larger; set encoder_width = 1, or choose one of those",
        )?;
        require(
            self.encoder.is_wide() || self.encoder_stem == Stem::Cifar,
            "encoder_stem",
            "imagenet",
            "belongs to resnet-18 and larger; set encoder_stem = \"cifar\", or choose one of those",
        )?;
        let head = &self.projection_head;
        require(
            (1..=8192).contains(&head.hidden),
            "projection_head.hidden",
            head.hidden,
            "must lie between 1 and 8192",
        )?;
        require(
            (1..=4).contains(&head.hidden_layers),
            "projection_head.hidden_layers",
            head.hidden_layers,
            "must lie between 1 and 4",
        )?;
        require(
            (1..=512).contains(&head.out),
            "projection_head.out",
            head.out,
            "must lie between 1 and 512",
        )
    }

    fn check_stages(&self) -> Result<(), ConfigError> {
        let contrastive = &self.contrastive;
        require(
            contrastive.batch_size >= 2,
            "contrastive.batch_size",
            contrastive.batch_size,
            "must be at least 2: a contrast needs two images",
        )?;
        for (key, tau) in [
            ("contrastive.temperature", contrastive.temperature),
            (
                "contrastive.simclr_temperature",
                contrastive.simclr_temperature,
            ),
        ] {
            require(
                (0.001..=100.0).contains(&tau),
                key,
                tau,
                "must lie between 0.001 and 100",
            )?;
        }
        require(
            self.linear.batch_size >= 1,
            "linear.batch_size",
            self.linear.batch_size,
            "must be at least 1",
        )?;
        let ce = &self.cross_entropy;
        require(
            ce.batch_size >= 2,
            "cross_entropy.batch_size",
            ce.batch_size,
            "must be at least 2 for batch normalisation",
        )?;
        unit_share("cross_entropy.label_smoothing", ce.label_smoothing)?;
        self.check_objective()?;
        unit_share("linear.label_smoothing", self.linear.label_smoothing)?;
        let rate = self.linear.simclr_learning_rate;
        require(
            (0.0..=1000.0).contains(&rate),
            "linear.simclr_learning_rate",
            rate,
            "must lie between 0 and 1000; 0 takes linear.optimizer.learning_rate",
        )?;
        contrastive.optimizer.check("contrastive.optimizer")?;
        self.linear.optimizer.check("linear.optimizer")?;
        ce.optimizer.check("cross_entropy.optimizer")
    }

    fn check_evaluation(&self) -> Result<(), ConfigError> {
        let evaluation = &self.evaluation;
        require(
            evaluation.knn_neighbors >= 1,
            "evaluation.knn_neighbors",
            evaluation.knn_neighbors,
            "must be at least 1",
        )?;
        require(
            evaluation.knn_temperature > 0.0 && evaluation.knn_temperature.is_finite(),
            "evaluation.knn_temperature",
            evaluation.knn_temperature,
            "must be positive",
        )?;
        require(
            evaluation.bootstrap_resamples >= 100,
            "evaluation.bootstrap_resamples",
            evaluation.bootstrap_resamples,
            "must be at least 100 for a 95 % interval",
        )?;
        require(
            evaluation.probe_images >= 10,
            "evaluation.probe_images",
            evaluation.probe_images,
            "must be at least 10",
        )
    }
}

fn unit_share(key: &'static str, value: f32) -> Result<(), ConfigError> {
    require(
        (0.0..1.0).contains(&value),
        key,
        value,
        "must lie in [0, 1)",
    )
}

fn probability(key: &'static str, value: f32) -> Result<(), ConfigError> {
    require(
        (0.0..=1.0).contains(&value),
        key,
        value,
        "is a probability: between 0 and 1",
    )
}

fn range(key: &'static str, [low, high]: [f32; 2], min: f32, max: f32) -> Result<(), ConfigError> {
    let rule = format!("expected [smallest, largest] with {min} ≤ smallest ≤ largest ≤ {max}");
    require(
        low >= min && low <= high && high <= max,
        key,
        format!("[{low}, {high}]"),
        &rule,
    )
}

pub(super) fn require(
    holds: bool,
    key: impl Into<String>,
    value: impl Display,
    rule: &str,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError::OutOfRange {
        key: key.into(),
        value: value.to_string(),
        rule: rule.to_owned(),
    })
}
