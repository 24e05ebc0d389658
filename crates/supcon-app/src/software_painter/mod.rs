//! Draws egui's triangles on graphics adapters made of software, where egui's own shader is too slow.
//!
//! egui-wgpu 0.37's fragment shader holds a filter of its own for tests, with 32 integer divisions. Graphics
//! cards step over it; Mesa's llvmpipe computes both sides of every branch, and spends 80 ns on a pixel that
//! needs two. So a plugin takes the shapes of a frame before eframe sees them and puts paint callbacks in their
//! place, which draw the same triangles from the same textures with a shader of a line
//! (`software_and_egui_draw_the_same`). Other adapters never meet it.

mod drawing;
mod textures;

use drawing::Part;
use eframe::egui::epaint::{ClippedPrimitive, ClippedShape, Primitive};
use eframe::egui::{Context, FullOutput, Rect, Shape};
use eframe::egui_wgpu::RenderState;
use eframe::wgpu;
use std::sync::{Arc, Mutex, PoisonError};
use textures::Pending;

/// Takes over the drawing where the adapter is made of software.
pub fn install(ctx: &Context, state: Option<&RenderState>) {
    let Some(state) = state else { return };
    if is_software(state) {
        ctx.add_plugin(Plugin {
            target: state.target_format,
            pending: Arc::default(),
        });
    }
}

/// Whether the adapter is made of software.
#[must_use]
pub fn is_software(state: &RenderState) -> bool {
    state.adapter.get_info().device_type == wgpu::DeviceType::Cpu
}

struct Plugin {
    target: wgpu::TextureFormat,
    /// Changes of textures that no frame has carried out yet.
    pending: Arc<Mutex<Pending>>,
}

impl eframe::egui::Plugin for Plugin {
    fn debug_name(&self) -> &'static str {
        "software painter"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        // A frame of a hidden window is not drawn: what it changes waits for the next one.
        self.pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(&mut output.textures_delta);
        let shapes = std::mem::take(&mut output.shapes);
        let primitives = ctx.tessellate(shapes, output.pixels_per_point);
        output.shapes = self.callbacks(primitives, ctx.viewport_rect());
    }
}

impl Plugin {
    /// A callback for all meshes up to the next callback, and so on.
    fn callbacks(&self, primitives: Vec<ClippedPrimitive>, screen: Rect) -> Vec<ClippedShape> {
        let mut shapes = Vec::new();
        let mut part = Part::new(0, self.target, &self.pending);
        for primitive in primitives {
            match primitive.primitive {
                Primitive::Mesh(mesh) => part.add(primitive.clip_rect, &mesh),
                Primitive::Callback(callback) => {
                    let next = Part::new(part.number() + 1, self.target, &self.pending);
                    shapes.push(std::mem::replace(&mut part, next).into_shape(screen));
                    let shape = Shape::Callback(callback);
                    shapes.push(ClippedShape::new(primitive.clip_rect, shape));
                }
            }
        }
        shapes.push(part.into_shape(screen));
        shapes
    }
}
