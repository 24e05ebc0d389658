//! A screen to draw the window on: as eframe's painter draws it, into a texture that stays.

use crate::cpu;
use eframe::egui::{self, FullOutput, TexturesDelta};
use eframe::egui_wgpu::{RenderState, RendererOptions, ScreenDescriptor};
use eframe::wgpu;
use egui_kittest::TestRenderer;
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use image::RgbaImage;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longer than any frame.
const PATIENCE: Duration = Duration::from_secs(60);

/// When the pixels of the last frame could be read.
pub type Finished = Rc<Cell<Moment>>;

/// A moment, on the clock and in processor time of the window.
#[derive(Clone, Copy)]
pub struct Moment {
    pub at: Instant,
    pub processor_ms: Option<f64>,
}

impl Moment {
    pub fn now() -> Self {
        Self {
            at: Instant::now(),
            processor_ms: cpu::window_ms(),
        }
    }
}

/// Draws with the options of the program. A frame ends with its pixels copied to where the processor
/// reads them, as a window on a software adapter copies them to the display.
pub struct Screen {
    state: RenderState,
    surface: Option<Surface>,
    finished: Finished,
}

struct Surface {
    size: [u32; 2],
    texture: wgpu::Texture,
    copy: wgpu::Buffer,
}

impl Screen {
    pub fn new(finished: Finished) -> Self {
        Self {
            state: create_render_state(default_wgpu_setup(), RendererOptions::default()),
            surface: None,
            finished,
        }
    }
}

impl TestRenderer for Screen {
    fn setup_eframe(&self, cc: &mut eframe::CreationContext<'_>, frame: &mut eframe::Frame) {
        cc.wgpu_render_state = Some(self.state.clone());
        frame.wgpu_render_state = Some(self.state.clone());
    }

    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let RenderState { device, queue, .. } = &self.state;
        let mut renderer = self.state.renderer.write();
        for (id, images) in delta.set.drain() {
            for image in images {
                renderer.update_texture(device, queue, id, &image);
            }
        }
        for id in delta.free.drain() {
            renderer.free_texture(&id);
        }
    }

    fn render(&mut self, ctx: &egui::Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let pixels_per_point = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * pixels_per_point;
        let size = [size.x.round() as u32, size.y.round() as u32];
        let screen = ScreenDescriptor {
            pixels_per_point,
            size_in_pixels: size,
        };
        let RenderState { device, queue, .. } = &self.state;
        let surface = match self.surface.take() {
            Some(surface) if surface.size == size => surface,
            _ => Surface::new(device, self.state.target_format, size),
        };
        let shapes = ctx.tessellate(output.shapes.clone(), pixels_per_point);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut renderer = self.state.renderer.write();
        let before = renderer.update_buffers(device, queue, &mut encoder, &shapes, &screen);
        {
            let mut pass = encoder
                .begin_render_pass(&wgpu::RenderPassDescriptor {
                    color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                        view: &surface
                            .texture
                            .create_view(&wgpu::TextureViewDescriptor::default()),
                        resolve_target: None,
                        ops: wgpu::Operations {
                            load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                            store: wgpu::StoreOp::Store,
                        },
                        depth_slice: None,
                    })],
                    ..wgpu::RenderPassDescriptor::default()
                })
                .forget_lifetime();
            renderer.render(&mut pass, &shapes, &screen);
        }
        surface.record_copy(&mut encoder);
        queue.submit(before.into_iter().chain([encoder.finish()]));
        let pixels = surface.read(device)?;
        self.finished.set(Moment::now());
        let image = RgbaImage::from_raw(size[0], size[1], pixels.to_vec());
        drop(pixels);
        surface.copy.unmap();
        self.surface = Some(surface);
        image.ok_or_else(|| format!("rows of {} pixels are padded", size[0]))
    }
}

impl Surface {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat, size: [u32; 2]) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("screen"),
            size: extent(size),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let copy = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("what the display would be given"),
            size: u64::from(4 * size[0] * size[1]),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        Self {
            size,
            texture,
            copy,
        }
    }

    fn record_copy(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.copy,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(4 * self.size[0]),
                    rows_per_image: None,
                },
            },
            extent(self.size),
        );
    }

    /// Waits for what was submitted.
    fn read(&self, device: &wgpu::Device) -> Result<wgpu::BufferView, String> {
        let slice = self.copy.slice(..);
        slice.map_async(wgpu::MapMode::Read, |mapped| {
            mapped.expect("a buffer made for reading");
        });
        device
            .poll(wgpu::PollType::Wait {
                submission_index: None,
                timeout: Some(PATIENCE),
            })
            .map_err(|error| error.to_string())?;
        slice.get_mapped_range().map_err(|error| error.to_string())
    }
}

fn extent([width, height]: [u32; 2]) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width,
        height,
        depth_or_array_layers: 1,
    }
}
