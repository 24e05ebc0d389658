//! The tensors of a model under their dotted paths: what checkpoints hold.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use std::collections::BTreeMap;
use thiserror::Error;

/// A named tensor on its device: flat values and shape.
#[derive(Clone, Debug)]
pub struct StateTensor {
    values: Tensor<1>,
    shape: Vec<usize>,
}

/// Named tensors, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct StateTensors(BTreeMap<String, StateTensor>);

/// Named tensors on the host: little-endian f32 and shapes.
pub type HostTensors = BTreeMap<String, HostTensor>;

/// A tensor on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Values, row-major.
    pub values: Vec<f32>,
    /// Shape.
    pub shape: Vec<usize>,
}

/// Why tensors do not fit a model.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StateError {
    /// The model has a tensor that the state lacks.
    #[error("tensor \"{name}\" is missing: the weights are of another network")]
    Missing {
        /// Its path.
        name: String,
    },
    /// Same name, other shape.
    #[error(
        "tensor \"{name}\" has shape {found:?} where the network has {expected:?}: the weights are of another network"
    )]
    Shape {
        /// Its path.
        name: String,
        /// In the state.
        found: Vec<usize>,
        /// In the model.
        expected: Vec<usize>,
    },
    /// The device failed while its memory was read.
    #[error("the device failed while tensor \"{name}\" was read back: {reason}")]
    ReadBack {
        /// Its path.
        name: String,
        /// In the device's words.
        reason: String,
    },
}

/// The tensors under a prefix, without it.
pub(crate) fn part(tensors: &HostTensors, prefix: &str) -> HostTensors {
    let under = |(name, tensor): (&String, &HostTensor)| {
        let rest = name.strip_prefix(prefix)?.strip_prefix('.')?;
        Some((rest.to_owned(), tensor.clone()))
    };
    tensors.iter().filter_map(under).collect()
}

impl StateTensors {
    /// All parameters and running statistics of a model.
    #[must_use]
    pub fn of<M: Module>(model: &M) -> Self {
        let mut collect = Collect::default();
        model.visit(&mut collect);
        collect.tensors
    }

    /// From the host to the model's own device happens on loading; here they are only wrapped.
    #[must_use]
    pub fn from_host(host: HostTensors, device: &burn::tensor::Device) -> Self {
        let wrap = |tensor: HostTensor| {
            let len = tensor.values.len();
            StateTensor {
                values: Tensor::from_data(TensorData::new(tensor.values, [len]), device),
                shape: tensor.shape,
            }
        };
        Self(
            host.into_iter()
                .map(|(name, tensor)| (name, wrap(tensor)))
                .collect(),
        )
    }

    /// The values, read back.
    ///
    /// # Errors
    /// [`StateError::ReadBack`].
    pub async fn to_host(&self) -> Result<HostTensors, StateError> {
        let mut host = HostTensors::new();
        for (name, tensor) in &self.0 {
            let failed = |reason: String| StateError::ReadBack {
                name: name.clone(),
                reason,
            };
            let data = tensor
                .values
                .clone()
                .into_data_async()
                .await
                .map_err(|e| failed(format!("{e:?}")))?;
            let values = data
                .try_to_vec::<f32>()
                .map_err(|e| failed(format!("{e:?}")))?;
            host.insert(
                name.clone(),
                HostTensor {
                    values,
                    shape: tensor.shape.clone(),
                },
            );
        }
        Ok(host)
    }

    /// The model with these tensors in place of its own.
    ///
    /// # Errors
    /// A missing tensor or one of another shape; the model is lost then.
    pub fn load_into<M: Module>(&self, model: M) -> Result<M, StateError> {
        let mut load = Load {
            path: Vec::new(),
            tensors: &self.0,
            error: None,
        };
        let model = model.map(&mut load);
        load.error.map_or(Ok(model), Err)
    }

    /// Whether no tensor is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Tensors that belong to parameters but live elsewhere (an optimiser's velocities).
pub(crate) trait Companions {
    /// The companion of a parameter, if it has one.
    fn get<const D: usize>(&self, param: &Param<Tensor<D>>) -> Option<Tensor<D>>;
    /// Takes a companion in.
    fn set<const D: usize>(&mut self, param: &Param<Tensor<D>>, value: Tensor<D>);
}

impl StateTensors {
    /// The companions of a model's parameters.
    pub(crate) fn of_companions<M: Module>(model: &M, companions: &impl Companions) -> Self {
        let mut collect = CollectCompanions {
            path: Vec::new(),
            companions,
            tensors: Self::default(),
        };
        model.visit(&mut collect);
        collect.tensors
    }

    /// Hands each tensor to the parameter of its name.
    pub(crate) fn load_companions<M: Module>(
        &self,
        model: &M,
        companions: &mut impl Companions,
    ) -> Result<(), StateError> {
        let mut load = LoadCompanions {
            path: Vec::new(),
            tensors: &self.0,
            companions,
            error: None,
        };
        model.visit(&mut load);
        load.error.map_or(Ok(()), Err)
    }

    fn insert<const D: usize>(&mut self, path: &[String], tensor: Tensor<D>) {
        let shape = tensor.dims().to_vec();
        let len: usize = shape.iter().product();
        // The checkpoint wants the value alone, without its graph.
        let values = tensor.inner().reshape([len]);
        self.0.insert(path.join("."), StateTensor { values, shape });
    }
}

fn fit<const D: usize>(
    name: &str,
    tensor: &StateTensor,
    like: &Tensor<D>,
) -> Result<Tensor<D>, StateError> {
    let expected = like.dims();
    if tensor.shape != expected {
        return Err(StateError::Shape {
            name: name.to_owned(),
            found: tensor.shape.clone(),
            expected: expected.to_vec(),
        });
    }
    Ok(tensor.values.clone().reshape(expected))
}

macro_rules! track_path {
    () => {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }
    };
}

#[derive(Default)]
struct Collect {
    path: Vec<String>,
    tensors: StateTensors,
}

impl ModuleVisitor for Collect {
    track_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.tensors.insert(&self.path, param.val());
    }
}

struct Load<'a> {
    path: Vec<String>,
    tensors: &'a BTreeMap<String, StateTensor>,
    error: Option<StateError>,
}

impl ModuleMapper for Load<'_> {
    track_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let loaded = match self.tensors.get(&name) {
            None => Err(StateError::Missing { name }),
            Some(tensor) => fit(&name, tensor, &param.val()),
        };
        match loaded {
            Ok(value) => param.map(|old| {
                let (tracked, autodiff) = (old.is_require_grad(), old.device().is_autodiff());
                let value = if autodiff {
                    Tensor::from_inner(value.inner())
                } else {
                    value.inner()
                };
                value.set_require_grad(tracked)
            }),
            Err(error) => {
                self.error.get_or_insert(error);
                param
            }
        }
    }
}

struct CollectCompanions<'a, C> {
    path: Vec<String>,
    companions: &'a C,
    tensors: StateTensors,
}

impl<C: Companions> ModuleVisitor for CollectCompanions<'_, C> {
    track_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(value) = self.companions.get(param) {
            self.tensors.insert(&self.path, value);
        }
    }
}

struct LoadCompanions<'a, C> {
    path: Vec<String>,
    tensors: &'a BTreeMap<String, StateTensor>,
    companions: &'a mut C,
    error: Option<StateError>,
}

impl<C: Companions> ModuleVisitor for LoadCompanions<'_, C> {
    track_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.join(".");
        // A parameter that has not been stepped yet has no companion.
        let Some(tensor) = self.tensors.get(&name) else {
            return;
        };
        match fit(&name, tensor, &param.val()) {
            Ok(value) => self.companions.set(param, value.inner()),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }
}
