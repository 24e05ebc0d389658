// egui's triangles without egui's filter for tests.

struct Screen {
    // In points.
    size: vec2<f32>,
    padding: vec2<f32>,
}

@group(0) @binding(0) var<uniform> screen: Screen;
@group(1) @binding(0) var picture: texture_2d<f32>;
@group(1) @binding(1) var filtering: sampler;

// Whether the target stores linear colours.
override is_linear: bool = false;

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(linear) uv: vec2<f32>,
    // Premultiplied, gamma-encoded.
    @location(1) @interpolate(linear) color: vec4<f32>,
}

// Of a triangle of one colour: nothing is to be computed from pixel to pixel.
struct Uniform {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

fn on_screen(at: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(vec2<f32>(2.0, -2.0) * at / screen.size + vec2<f32>(-1.0, 1.0), 0.0, 1.0);
}

@vertex
fn place(
    @location(0) at: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
) -> Varying {
    return Varying(on_screen(at), uv, color);
}

@vertex
fn place_plain(@location(0) at: vec2<f32>, @location(2) color: vec4<f32>) -> Uniform {
    return Uniform(on_screen(at), color);
}

fn stored(gamma: vec4<f32>) -> vec4<f32> {
    if (!is_linear) {
        return gamma;
    }
    let low = gamma.rgb / 12.92;
    let high = pow((gamma.rgb + vec3<f32>(0.055)) / 1.055, vec3<f32>(2.4));
    return vec4<f32>(select(high, low, gamma.rgb < vec3<f32>(0.04045)), gamma.a);
}

@fragment
fn with_picture(in: Varying) -> @location(0) vec4<f32> {
    return stored(in.color * textureSampleLevel(picture, filtering, in.uv, 0.0));
}

// A ground: nothing of a picture is in it.
@fragment
fn plain(in: Uniform) -> @location(0) vec4<f32> {
    return stored(in.color);
}
