//! egui's textures, as its own painter keeps them.

use eframe::egui::epaint::{ImageData, ImageDelta};
use eframe::egui::{TextureFilter, TextureId, TextureOptions, TextureWrapMode, TexturesDelta};
use eframe::wgpu;
use std::collections::HashMap;

/// Changes in the order in which they came.
#[derive(Default)]
pub(super) struct Pending(Vec<Change>);

enum Change {
    Set(TextureId, ImageDelta),
    Free(TextureId),
}

impl Pending {
    /// Takes the changes of a frame over, so that no other painter keeps the same textures.
    pub(super) fn take(&mut self, delta: &mut TexturesDelta) {
        for (id, images) in delta.set.drain() {
            // Of pictures that no frame has drawn only the last counts: a hidden window would keep them all.
            if images.iter().any(ImageDelta::is_whole) {
                self.0
                    .retain(|change| !matches!(change, Change::Set(other, _) if *other == id));
            }
            self.0
                .extend(images.into_iter().map(|image| Change::Set(id, image)));
        }
        self.0.extend(delta.free.drain().map(Change::Free));
    }
}

/// Textures ready to draw from.
#[derive(Default)]
pub(super) struct Textures {
    kept: HashMap<TextureId, Texture>,
    /// Let go with the last frame, which may still have drawn from them.
    doomed: Vec<TextureId>,
}

struct Texture {
    texture: wgpu::Texture,
    options: TextureOptions,
    bind_group: wgpu::BindGroup,
}

impl Textures {
    pub(super) fn bind_group(&self, id: TextureId) -> Option<&wgpu::BindGroup> {
        self.kept.get(&id).map(|texture| &texture.bind_group)
    }

    /// Carries out what waits, before a frame.
    pub(super) fn follow(
        &mut self,
        pending: &mut Pending,
        layout: &wgpu::BindGroupLayout,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) {
        for change in std::mem::take(&mut pending.0) {
            match change {
                Change::Set(id, image) => self.set(id, &image, layout, device, queue),
                Change::Free(id) => self.doomed.push(id),
            }
        }
    }

    /// Lets go of what only frames before draw from.
    pub(super) fn free(&mut self) {
        for id in self.doomed.drain(..) {
            self.kept.remove(&id);
        }
    }

    fn set(
        &mut self,
        id: TextureId,
        delta: &ImageDelta,
        layout: &wgpu::BindGroupLayout,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size.map(|side| side as u32);
        let size = wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        };
        let fits = |kept: &Texture| kept.texture.size() == size && kept.options == delta.options;
        if delta.is_whole() && !self.kept.get(&id).is_some_and(fits) {
            let texture = Texture::new(device, layout, size, delta.options);
            self.kept.insert(id, texture);
        }
        let Some(Texture { texture, .. }) = self.kept.get(&id) else {
            return;
        };
        let [x, y] = delta.pos.unwrap_or_default().map(|at| at as u32);
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                origin: wgpu::Origin3d { x, y, z: 0 },
                ..texture.as_image_copy()
            },
            bytemuck::cast_slice(&image.pixels),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(4 * width),
                rows_per_image: None,
            },
            size,
        );
    }
}

impl Texture {
    fn new(
        device: &wgpu::Device,
        layout: &wgpu::BindGroupLayout,
        size: wgpu::Extent3d,
        options: TextureOptions,
    ) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("texture of the window"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("texture of the window"),
            layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(&sampler(device, options)),
                },
            ],
        });
        Self {
            texture,
            options,
            bind_group,
        }
    }
}

fn sampler(device: &wgpu::Device, options: TextureOptions) -> wgpu::Sampler {
    let filter = |filter| match filter {
        TextureFilter::Nearest => wgpu::FilterMode::Nearest,
        TextureFilter::Linear => wgpu::FilterMode::Linear,
    };
    let wrap = match options.wrap_mode {
        TextureWrapMode::ClampToEdge => wgpu::AddressMode::ClampToEdge,
        TextureWrapMode::Repeat => wgpu::AddressMode::Repeat,
        TextureWrapMode::MirroredRepeat => wgpu::AddressMode::MirrorRepeat,
    };
    device.create_sampler(&wgpu::SamplerDescriptor {
        mag_filter: filter(options.magnification),
        min_filter: filter(options.minification),
        address_mode_u: wrap,
        address_mode_v: wrap,
        ..wgpu::SamplerDescriptor::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Color32, ColorImage};

    fn change(id: u64, delta: ImageDelta) -> TexturesDelta {
        let mut changes = TexturesDelta::default();
        changes.push(TextureId::Managed(id), delta);
        changes
    }

    /// A window that nobody sees changes its pictures all the same.
    #[test]
    fn pictures_that_no_frame_drew_are_not_kept() {
        let image =
            |gray| -> ImageData { ColorImage::filled([2, 2], Color32::from_gray(gray)).into() };
        let options = TextureOptions::NEAREST;
        let mut pending = Pending::default();
        pending.take(&mut change(1, ImageDelta::full(image(9), options)));
        for gray in 0..5 {
            pending.take(&mut change(2, ImageDelta::full(image(gray), options)));
            pending.take(&mut change(
                2,
                ImageDelta::partial([0, 0], image(7), options),
            ));
        }
        let sets = pending.0.iter().map(|change| match change {
            Change::Set(TextureId::Managed(id), delta) => (*id, delta.image == image(4)),
            _ => panic!("nothing else was changed"),
        });
        let kept: Vec<_> = sets.collect();
        assert_eq!(kept, [(1, false), (2, true), (2, false)]);
    }
}
