// Points of a map: one instance a point, one quad an instance. Positions glide from one frame to the
// next; the rotation turns maps on the sphere and is the identity for flat ones.

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
    // 1 where the target stores linear colours.
    is_linear: f32,
    padding_0: f32,
    padding_1: f32,
    padding_2: f32,
}

@group(0) @binding(0) var<uniform> view: View;

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) local: vec2<f32>,
    @location(1) color: vec4<f32>,
    @location(2) radius: f32,
    @location(3) @interpolate(flat) shape: u32,
}

// The quad reaches this many radii: shapes have corners, rims and soft edges.
const REACH: f32 = 1.7;

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
    let corner = vec2<f32>(f32(vertex & 1u), f32(vertex >> 1u)) * 2.0 - 1.0;
    let pixel = turned.xy * view.scale + view.offset + corner * radius * REACH * vec2<f32>(1.0, -1.0);
    var out: Varying;
    out.position = vec4<f32>(pixel / view.half_size, 0.0, 1.0);
    out.local = corner * REACH;
    out.color = vec4<f32>(color.rgb, color.a * mix(0.35, 1.0, nearness));
    out.radius = radius;
    out.shape = shape;
    return out;
}

// Signed distance to the edge, in radii; y points down.
fn distance_to(shape: u32, p: vec2<f32>) -> f32 {
    switch shape {
        case 1u: {
            return max(abs(p.x), abs(p.y)) - 0.88;
        }
        case 2u: {
            return max(abs(p.x) * 0.872 - p.y * 0.489 - 0.587, p.y - 0.85);
        }
        case 3u: {
            return (abs(p.x) + abs(p.y) - 1.2) * 0.7071;
        }
        case 4u: {
            return max(abs(p.x) * 0.872 + p.y * 0.489 - 0.587, -p.y - 0.85);
        }
        default: {
            return length(p) - 1.0;
        }
    }
}

fn linear(gamma: vec3<f32>) -> vec3<f32> {
    let low = gamma / 12.92;
    let high = pow((gamma + vec3<f32>(0.055)) / 1.055, vec3<f32>(2.4));
    return select(high, low, gamma < vec3<f32>(0.04045));
}

@fragment
fn shade(in: Varying) -> @location(0) vec4<f32> {
    let edge = distance_to(in.shape, in.local) * in.radius;
    let rim_width = 1.0;
    let inside = clamp(0.5 - edge, 0.0, 1.0);
    let with_rim = clamp(0.5 - (edge - rim_width), 0.0, 1.0);
    let alpha = max(inside, with_rim * view.rim.a) * in.color.a;
    var rgb = mix(view.rim.rgb, in.color.rgb, inside);
    if (view.is_linear > 0.5) {
        rgb = linear(rgb);
    }
    return vec4<f32>(rgb * alpha, alpha);
}
