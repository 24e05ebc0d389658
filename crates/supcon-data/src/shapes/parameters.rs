/// What the scenes are drawn from: the difficulty of the data set, all in one place. Lengths are in
/// pixels of a 32×32 image; white is 1; pairs are the ends of a uniform range.
pub(super) struct Parameters {
    /// Area of the shape, the same for every class.
    pub(super) area: [f32; 2],
    /// Distance of the shape's centre from the middle of the image, along each axis.
    pub(super) offset: [f32; 2],
    /// Stretch along one axis of the shape; the other shrinks by as much.
    pub(super) stretch: [f32; 2],
    /// Luminance of the darker of shape and ground.
    pub(super) dark: [f32; 2],
    /// How much brighter the other one is.
    pub(super) contrast: [f32; 2],
    /// How far a colour may lie from gray.
    pub(super) chroma: [f32; 2],
    /// Share of surfaces with a texture.
    pub(super) texture_probability: f32,
    /// Half the luminance range of a texture.
    pub(super) texture_amplitude: [f32; 2],
    /// Length of a texture's period.
    pub(super) texture_period: [f32; 2],
    /// Marks under the shape, at most.
    pub(super) marks_below: usize,
    /// Marks that may cover a part of the shape, at most.
    pub(super) marks_above: usize,
    /// Half the width of a mark.
    pub(super) mark_radius: [f32; 2],
    /// Length of a mark; short ones are dots.
    pub(super) mark_length: [f32; 2],
    /// Change of luminance from the middle of the picture to its edge, over all layers.
    pub(super) illumination: [f32; 2],
    /// Standard deviation of the sensor noise.
    pub(super) noise: [f32; 2],
}

/// The frozen values: a change here is another data set and moves the golden hash.
pub(super) const PARAMETERS: Parameters = Parameters {
    area: [170.0, 260.0],
    offset: [-4.5, 4.5],
    stretch: [0.95, 1.05],
    dark: [0.1, 0.4],
    contrast: [0.4, 0.54],
    chroma: [0.2, 0.9],
    texture_probability: 0.5,
    texture_amplitude: [0.02, 0.08],
    texture_period: [4.0, 12.0],
    marks_below: 2,
    marks_above: 1,
    mark_radius: [0.5, 1.3],
    mark_length: [0.0, 6.0],
    illumination: [0.1, 0.45],
    noise: [0.0, 0.02],
};
