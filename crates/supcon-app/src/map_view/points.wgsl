// Points of a map: one triangle a point, around its shape. Positions glide from one frame to the next; the
// rotation turns maps on the sphere and is the identity for flat ones.
//
// A processor that plays GPU draws this too, in a page. So a point is one small triangle of three plain vertices (an
// instance costs such a driver more than the point itself), and the fragment shader has no branch: both
// sides would be computed for every pixel.

struct View {
    rotation_x: vec4<f32>,
    rotation_y: vec4<f32>,
    rotation_z: vec4<f32>,
    // Offset of the map's origin from the middle, and half the size of the picture, in pixels.
    offset: vec2<f32>,
    half_size: vec2<f32>,
    // Pixels per unit of the map.
    scale: f32,
    // Radius of a point in pixels.
    radius: f32,
    // How far the points have glided, 0 to 1.
    glide: f32,
    // 1 on the sphere, where points at the back are smaller and fainter.
    depth: f32,
    // Colour of the rim, so that points that touch stay apart.
    rim: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;

// Whether the target stores linear colours.
override is_linear: bool = false;

// Pixels of the rim.
const RIM: f32 = 1.0;
// Pixels beyond the rim that its soft edge reaches.
const SOFT: f32 = 0.5;

struct Varying {
    @builtin(position) position: vec4<f32>,
    // Place in the shape in radii, y down.
    @location(0) @interpolate(linear) local: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    // Radius in pixels.
    @location(2) @interpolate(flat) radius: f32,
    @location(3) @interpolate(flat) shape: u32,
}

// Pixels from the middle of a point to each side of the triangle around it: the shape, its rim and its soft
// edge reach so far, in radii and in pixels. Triangles lie in one that looks the same way.
fn extent_of(shape: u32, radius: f32) -> f32 {
    let squares = select(vec2<f32>(1.203, 1.366), vec2<f32>(1.2, 1.4143), shape == 3u);
    let corners = select(vec2<f32>(0.85, 1.03), squares, shape == 1u || shape == 3u);
    let reach = select(corners, vec2<f32>(1.0, 1.0), shape == 0u);
    return radius * reach.x + (RIM + SOFT) * reach.y;
}

@vertex
fn place(
    @builtin(vertex_index) vertex: u32,
    @location(0) position_from: vec3<f32>,
    @location(1) position_to: vec3<f32>,
    @location(2) color: vec4<f32>,
    @location(3) shape: u32,
    @location(4) size: f32,
) -> Varying {
    let at = mix(position_from, position_to, view.glide);
    let turned = vec3<f32>(
        dot(view.rotation_x.xyz, at),
        dot(view.rotation_y.xyz, at),
        dot(view.rotation_z.xyz, at),
    );
    let nearness = mix(1.0, 0.5 + 0.5 * clamp(turned.z, -1.0, 1.0), view.depth);
    let radius = view.radius * size * mix(0.7, 1.0, nearness);
    // The triangle around a circle of radius 1, stretched; of a hidden point nothing.
    let turn = f32(vertex % 3u) - 1.0;
    let tip = select(-2.0, 2.0, shape == 4u);
    let corner = vec2<f32>(turn * 1.7320508, select(-0.5, 1.0, turn == 0.0) * tip);
    let extent = select(0.0, extent_of(shape, radius), radius > 0.0);
    let pixel = turned.xy * view.scale + view.offset + corner * extent * vec2<f32>(1.0, -1.0);
    var out: Varying;
    out.position = vec4<f32>(pixel / view.half_size, 0.0, 1.0);
    out.local = corner * extent / max(radius, 1e-6);
    out.color = vec4<f32>(color.rgb, color.a * mix(0.35, 1.0, nearness));
    out.radius = radius;
    out.shape = shape;
    return out;
}

// Signed distance to the edge, in radii; y points down.
fn distance_to(shape: u32, p: vec2<f32>) -> f32 {
    let x = abs(p.x);
    let down = select(p.y, -p.y, shape == 4u);
    let square = max(x, abs(p.y)) - 0.88;
    let diamond = (x + abs(p.y) - 1.2) * 0.7071;
    let triangle = max(x * 0.872 - down * 0.489 - 0.587, down - 0.85);
    let corners = select(square, select(diamond, triangle, shape != 3u), shape != 1u);
    return select(corners, length(p) - 1.0, shape == 0u);
}

fn linear(gamma: vec3<f32>) -> vec3<f32> {
    let low = gamma / 12.92;
    let high = pow((gamma + vec3<f32>(0.055)) / 1.055, vec3<f32>(2.4));
    return select(high, low, gamma < vec3<f32>(0.04045));
}

@fragment
fn shade(in: Varying) -> @location(0) vec4<f32> {
    let edge = distance_to(in.shape, in.local) * in.radius;
    let inside = clamp(SOFT - edge, 0.0, 1.0);
    let with_rim = clamp(SOFT - (edge - RIM), 0.0, 1.0);
    let alpha = max(inside, with_rim * view.rim.a) * in.color.a;
    var rgb = mix(view.rim.rgb, in.color.rgb, inside);
    if (is_linear) {
        rgb = linear(rgb);
    }
    return vec4<f32>(rgb * alpha, alpha);
}
