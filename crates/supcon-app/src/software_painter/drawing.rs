//! Draws the triangles of a part of a frame.

use super::textures::{Pending, Textures};
use eframe::egui::epaint::{ClippedShape, Mesh, Vertex, WHITE_UV};
use eframe::egui::{PaintCallbackInfo, Pos2, Rect, Shape, TextureId};
use eframe::egui_wgpu::{self, CallbackResources, CallbackTrait, ScreenDescriptor};
use eframe::wgpu;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Square points of a triangle that is worth another pipeline: llvmpipe copies its state into new pages for every
/// change of it, half of its samples in a profile of a pan.
const LARGE: f32 = 16_384.0;

/// How triangles are shaded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// From a picture: text, images, and small things of one colour.
    Picture,
    /// Large and of one colour.
    Plain,
    /// The same, and hiding what is behind.
    Opaque,
}

struct Draw {
    clip: Rect,
    texture: TextureId,
    kind: Kind,
    indices: Range<u32>,
}

/// Meshes between two paint callbacks.
pub(super) struct Part {
    number: usize,
    target: wgpu::TextureFormat,
    pending: Arc<Mutex<Pending>>,
    vertices: Vec<Vertex>,
    indices: Vec<u32>,
    draws: Vec<Draw>,
}

impl Part {
    pub(super) fn new(
        number: usize,
        target: wgpu::TextureFormat,
        pending: &Arc<Mutex<Pending>>,
    ) -> Self {
        Self {
            number,
            target,
            pending: Arc::clone(pending),
            vertices: Vec::new(),
            indices: Vec::new(),
            draws: Vec::new(),
        }
    }

    /// Its place among the parts of the frame.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn add(&mut self, clip: Rect, mesh: &Mesh) {
        let base = self.vertices.len() as u32;
        self.vertices.extend_from_slice(&mesh.vertices);
        let fresh = self.draws.len();
        for triangle in mesh.indices.as_chunks::<3>().0 {
            let kind = kind_of(triangle.map(|at| mesh.vertices[at as usize]));
            let first = self.indices.len() as u32;
            self.indices.extend(triangle.map(|at| base + at));
            match self.draws[fresh..].last_mut() {
                Some(draw) if draw.kind == kind => draw.indices.end = first + 3,
                _ => self.draws.push(Draw {
                    clip,
                    texture: mesh.texture_id,
                    kind,
                    indices: first..first + 3,
                }),
            }
        }
    }

    /// To be painted over the whole screen.
    pub(super) fn into_shape(self, screen: Rect) -> ClippedShape {
        let callback = egui_wgpu::Callback::new_paint_callback(screen, self);
        ClippedShape::new(screen, Shape::Callback(callback))
    }
}

fn kind_of(corners: [Vertex; 3]) -> Kind {
    let [a, b, c]: [Pos2; 3] = corners.map(|corner| corner.pos);
    let (u, v) = (b - a, c - a);
    let is_large = (u.x * v.y - u.y * v.x).abs() >= 2.0 * LARGE;
    let color = corners[0].color;
    let is_plain = |corner: &Vertex| corner.uv == WHITE_UV && corner.color == color;
    if !is_large || !corners.iter().all(is_plain) {
        Kind::Picture
    } else if color.is_opaque() {
        Kind::Opaque
    } else {
        Kind::Plain
    }
}

impl CallbackTrait for Part {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let painter = resources
            .entry::<Painter>()
            .or_insert_with(|| Painter::new(device, self.target));
        if self.number == 0 {
            painter.begin_frame(device, queue, screen, &self.pending);
        }
        painter.upload(device, queue, self);
        Vec::new()
    }

    fn paint(
        &self,
        info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        if let Some(painter) = resources.get::<Painter>() {
            painter.draw(pass, self, &info);
        }
    }
}

struct Painter {
    /// By kind.
    pipelines: [wgpu::RenderPipeline; 3],
    texture_layout: wgpu::BindGroupLayout,
    screen: wgpu::Buffer,
    screen_group: wgpu::BindGroup,
    textures: Textures,
    /// Vertices and indices of each part.
    parts: Vec<[wgpu::Buffer; 2]>,
}

impl Painter {
    fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let screen = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("screen"),
            size: size_of::<[f32; 4]>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let [screen_layout, texture_layout] = layouts(device);
        let screen_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("screen"),
            layout: &screen_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: screen.as_entire_binding(),
            }],
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("triangles of the window"),
            bind_group_layouts: &[Some(&screen_layout), Some(&texture_layout)],
            immediate_size: 0,
        });
        let module = device.create_shader_module(wgpu::include_wgsl!("triangles.wgsl"));
        let pipelines = [Kind::Picture, Kind::Plain, Kind::Opaque]
            .map(|kind| pipeline(device, &module, &layout, target, kind));
        Self {
            pipelines,
            texture_layout,
            screen,
            screen_group,
            textures: Textures::default(),
            parts: Vec::new(),
        }
    }

    fn begin_frame(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        pending: &Mutex<Pending>,
    ) {
        let [width, height] = screen.size_in_pixels.map(|side| side as f32);
        let scale = screen.pixels_per_point;
        let size = [width / scale, height / scale, 0.0, 0.0];
        queue.write_buffer(&self.screen, 0, bytemuck::bytes_of(&size));
        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
        self.textures.free();
        self.textures
            .follow(&mut pending, &self.texture_layout, device, queue);
    }

    fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, part: &Part) {
        let contents: [(&[u8], _); 2] = [
            (
                bytemuck::cast_slice(&part.vertices),
                wgpu::BufferUsages::VERTEX,
            ),
            (
                bytemuck::cast_slice(&part.indices),
                wgpu::BufferUsages::INDEX,
            ),
        ];
        let made = |(bytes, usage): (&[u8], wgpu::BufferUsages)| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("triangles of the window"),
                size: (bytes.len() as u64).next_power_of_two().max(1 << 12),
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        while self.parts.len() <= part.number {
            self.parts.push(contents.map(made));
        }
        for (buffer, (bytes, usage)) in self.parts[part.number].iter_mut().zip(contents) {
            if buffer.size() < bytes.len() as u64 {
                *buffer = made((bytes, usage));
            }
            queue.write_buffer(buffer, 0, bytes);
        }
    }

    fn draw(&self, pass: &mut wgpu::RenderPass<'static>, part: &Part, info: &PaintCallbackInfo) {
        let [vertices, indices] = &self.parts[part.number];
        pass.set_bind_group(0, &self.screen_group, &[]);
        pass.set_vertex_buffer(0, vertices.slice(..));
        pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
        let mut set = None;
        for draw in &part.draws {
            let [x, y, width, height] =
                scissor(draw.clip, info.pixels_per_point, info.screen_size_px);
            let Some(texture) = self.textures.bind_group(draw.texture) else {
                continue;
            };
            if width == 0 || height == 0 {
                continue;
            }
            pass.set_scissor_rect(x, y, width, height);
            if set.replace((draw.kind, draw.texture)) != Some((draw.kind, draw.texture)) {
                pass.set_pipeline(&self.pipelines[draw.kind as usize]);
                pass.set_bind_group(1, texture, &[]);
            }
            pass.draw_indexed(draw.indices.clone(), 0, 0..1);
        }
    }
}

/// The pixels of a clip rectangle as egui rounds it: left, top, width, height.
fn scissor(clip: Rect, scale: f32, [width, height]: [u32; 2]) -> [u32; 4] {
    let pixel = |at: f32, low: u32, high: u32| ((scale * at).round() as u32).clamp(low, high);
    let (left, top) = (pixel(clip.min.x, 0, width), pixel(clip.min.y, 0, height));
    let right = pixel(clip.max.x, left, width);
    let bottom = pixel(clip.max.y, top, height);
    [left, top, right - left, bottom - top]
}

/// Of the screen's size, and of a texture.
fn layouts(device: &wgpu::Device) -> [wgpu::BindGroupLayout; 2] {
    let entry = |binding, visibility, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty,
        count: None,
    };
    let screen = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let texture = wgpu::BindingType::Texture {
        multisampled: false,
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
    };
    let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
    let fragment = wgpu::ShaderStages::FRAGMENT;
    let of = |entries: &[wgpu::BindGroupLayoutEntry]| {
        device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("triangles of the window"),
            entries,
        })
    };
    [
        of(&[entry(0, wgpu::ShaderStages::VERTEX, screen)]),
        of(&[entry(0, fragment, texture), entry(1, fragment, sampler)]),
    ]
}

fn pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layout: &wgpu::PipelineLayout,
    target: wgpu::TextureFormat,
    kind: Kind,
) -> wgpu::RenderPipeline {
    // As egui blends.
    let over = wgpu::BlendState {
        color: wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::One,
            dst_factor: wgpu::BlendFactor::OneMinusSrcAlpha,
            operation: wgpu::BlendOperation::Add,
        },
        alpha: wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::OneMinusDstAlpha,
            dst_factor: wgpu::BlendFactor::One,
            operation: wgpu::BlendOperation::Add,
        },
    };
    let [place, shade] = match kind {
        Kind::Picture => ["place", "with_picture"],
        Kind::Plain | Kind::Opaque => ["place_plain", "plain"],
    };
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("triangles of the window"),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(place),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[Some(wgpu::VertexBufferLayout {
                array_stride: size_of::<Vertex>() as u64,
                step_mode: wgpu::VertexStepMode::Vertex,
                attributes: &wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Unorm8x4],
            })],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(shade),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &[("is_linear", f64::from(target.is_srgb()))],
                ..wgpu::PipelineCompilationOptions::default()
            },
            targets: &[Some(wgpu::ColorTargetState {
                format: target,
                blend: (kind != Kind::Opaque).then_some(over),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
