//! Points on the GPU: a paint callback of egui that draws every point as one triangle around its shape.

use bytemuck::{Pod, Zeroable};
use eframe::egui::{Color32, PaintCallbackInfo, Rect, Shape};
use eframe::egui_wgpu::{self, CallbackResources, CallbackTrait, ScreenDescriptor};
use eframe::wgpu;
use std::collections::HashMap;
use std::sync::Arc;

/// One point as the shader reads it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct PointInstance {
    /// Where it glides from.
    pub from: [f32; 3],
    /// Where it glides to.
    pub to: [f32; 3],
    /// RGBA.
    pub color: [u8; 4],
    /// [`crate::palette::Shape`].
    pub shape: u32,
    /// Times the common radius.
    pub size: f32,
}

/// How the points are looked at: the shader's uniform.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct PointsView {
    /// Rows of the rotation.
    pub rotation: [[f32; 4]; 3],
    /// Offset of the map's origin from the middle of the picture, pixels, y upwards.
    pub offset: [f32; 2],
    /// Half the picture, pixels.
    pub half_size: [f32; 2],
    /// Pixels per unit.
    pub scale: f32,
    /// Radius of a point, pixels.
    pub radius: f32,
    /// How far the points have glided, 0 to 1.
    pub glide: f32,
    /// 1 on the sphere.
    pub depth: f32,
    /// Colour of the rim.
    pub rim: [f32; 4],
}

/// Corners of what is drawn around a point.
const CORNERS: u32 = 3;

/// Points to draw in a rectangle.
pub struct PointsCallback {
    /// Which map this is, so that two maps side by side keep their own buffers.
    pub key: u64,
    /// Changes whenever the instances do.
    pub generation: u64,
    /// The points.
    pub instances: Arc<Vec<PointInstance>>,
    /// How they are looked at.
    pub view: PointsView,
    /// What is drawn on.
    pub target: wgpu::TextureFormat,
}

impl PointsCallback {
    /// The callback as something to paint.
    pub fn into_shape(self, rect: Rect) -> Shape {
        Shape::Callback(egui_wgpu::Callback::new_paint_callback(rect, self))
    }
}

/// A colour as the uniform wants it.
#[must_use]
pub fn rgba(color: Color32) -> [f32; 4] {
    color.to_normalized_gamma_f32()
}

struct Pipeline {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    maps: HashMap<u64, MapBuffers>,
}

struct MapBuffers {
    uniform: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    vertices: wgpu::Buffer,
    generation: Option<u64>,
    count: u32,
}

impl CallbackTrait for PointsCallback {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let points = resources
            .entry::<Pipeline>()
            .or_insert_with(|| Pipeline::new(device, self.target));
        points.prepare(device, queue, self);
        Vec::new()
    }

    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        let Some(points) = resources.get::<Pipeline>() else {
            return;
        };
        let Some(map) = points.maps.get(&self.key) else {
            return;
        };
        pass.set_pipeline(&points.pipeline);
        pass.set_bind_group(0, &map.bind_group, &[]);
        pass.set_vertex_buffer(0, map.vertices.slice(..));
        pass.draw(0..CORNERS * map.count, 0..1);
    }
}

impl Pipeline {
    fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::include_wgsl!("points.wgsl"));
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("points view"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("points"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let attributes = wgpu::vertex_attr_array![
            0 => Float32x3, 1 => Float32x3, 2 => Unorm8x4, 3 => Uint32, 4 => Float32
        ];
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("points"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("place"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride: size_of::<PointInstance>() as u64,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &attributes,
                })],
            },
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleList,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("shade"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: &[("is_linear", f64::from(target.is_srgb()))],
                    ..wgpu::PipelineCompilationOptions::default()
                },
                targets: &[Some(wgpu::ColorTargetState {
                    format: target,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        Self {
            pipeline,
            layout,
            maps: HashMap::new(),
        }
    }

    fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, points: &PointsCallback) {
        let layout = &self.layout;
        let bytes = (CORNERS as usize * size_of_val(&points.instances[..])) as u64;
        let map = self
            .maps
            .entry(points.key)
            .or_insert_with(|| MapBuffers::new(device, layout, bytes));
        if map.vertices.size() < bytes {
            *map = MapBuffers::new(device, layout, bytes);
        }
        if map.generation != Some(points.generation) {
            map.write_points(queue, &points.instances);
            map.generation = Some(points.generation);
            map.count = points.instances.len() as u32;
        }
        queue.write_buffer(&map.uniform, 0, bytemuck::bytes_of(&points.view));
    }
}

impl MapBuffers {
    fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, vertex_bytes: u64) -> Self {
        let buffer = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let uniform = buffer(
            "points view",
            size_of::<PointsView>() as u64,
            wgpu::BufferUsages::UNIFORM,
        );
        let vertices = buffer(
            "points",
            vertex_bytes.max(size_of::<PointInstance>() as u64),
            wgpu::BufferUsages::VERTEX,
        );
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("points view"),
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: uniform.as_entire_binding(),
            }],
        });
        Self {
            uniform,
            bind_group,
            vertices,
            generation: None,
            count: 0,
        }
    }

    /// Every point once a corner.
    fn write_points(&self, queue: &wgpu::Queue, points: &[PointInstance]) {
        let corners: Vec<PointInstance> = points
            .iter()
            .flat_map(|point| [*point; CORNERS as usize])
            .collect();
        queue.write_buffer(&self.vertices, 0, bytemuck::cast_slice(&corners));
    }
}
