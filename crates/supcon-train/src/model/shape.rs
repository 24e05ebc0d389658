/// A convolution as its cost sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvShape {
    pub(crate) channels: [usize; 2],
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// Side of its (square) output.
    pub(crate) out_side: usize,
}

impl ConvShape {
    fn weights(&self) -> u64 {
        (self.channels[0] * self.channels[1] * self.kernel * self.kernel) as u64
    }

    fn multiply_adds(&self) -> u64 {
        self.weights() * (self.out_side * self.out_side) as u64
    }
}

/// What a network costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Trained numbers: convolutions, and scale and shift of each normalisation.
    pub parameters: u64,
    /// Multiply-adds of the convolutions for one image.
    pub multiply_adds: u64,
}

impl Cost {
    /// Of convolutions without bias, each with its batch normalisation.
    pub(crate) fn of(convs: &[ConvShape]) -> Self {
        Self {
            parameters: convs
                .iter()
                .map(|conv| conv.weights() + 2 * conv.channels[1] as u64)
                .sum(),
            multiply_adds: convs.iter().map(ConvShape::multiply_adds).sum(),
        }
    }
}
