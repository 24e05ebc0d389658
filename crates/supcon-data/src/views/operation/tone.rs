use super::ByteImage;

/// What becomes of each byte.
type Table = [u8; 256];

fn table(change: impl Fn(u8) -> u8) -> Table {
    std::array::from_fn(|byte| change(byte as u8))
}

impl ByteImage {
    pub(super) fn auto_contrast(&mut self) {
        self.map_channels(|channel| {
            let low = *channel.iter().min()?;
            let high = *channel.iter().max()?;
            if low == high {
                return None;
            }
            let scale = 255.0 / f64::from(high - low);
            let offset = -f64::from(low) * scale;
            Some(table(|byte| (f64::from(byte) * scale + offset) as u8))
        });
    }

    pub(super) fn equalize(&mut self) {
        self.map_channels(equalizing_table);
    }

    pub(super) fn solarize(&mut self, from: u16) {
        self.map(|byte| {
            if u16::from(byte) < from {
                byte
            } else {
                255 - byte
            }
        });
    }

    pub(super) fn solarize_add(&mut self, addition: u8) {
        self.map(|byte| {
            if byte < 128 {
                byte.saturating_add(addition)
            } else {
                byte
            }
        });
    }

    pub(super) fn posterize(&mut self, bits: u8) {
        let dropped = u32::from(8 - bits.min(8));
        let mask = u8::MAX.checked_shl(dropped).unwrap_or(0);
        self.map(|byte| byte & mask);
    }

    fn map(&mut self, change: impl Fn(u8) -> u8) {
        let table = table(change);
        self.map_channels(|_| Some(table));
    }

    fn map_channels(&mut self, table: impl Fn(&[u8]) -> Option<Table>) {
        for channel in &mut self.channels {
            if let Some(table) = table(channel) {
                for byte in channel {
                    *byte = table[usize::from(*byte)];
                }
            }
        }
    }
}

/// Pillow's: every 255th part of the pixels, the brightest byte's left out of the count, gets a byte.
fn equalizing_table(channel: &[u8]) -> Option<Table> {
    let mut counts = [0_usize; 256];
    for &byte in channel {
        counts[usize::from(byte)] += 1;
    }
    let brightest = counts.iter().rev().find(|&&count| count > 0)?;
    let step = (channel.len() - brightest) / 255;
    if step == 0 {
        return None;
    }
    let mut below = step / 2;
    Some(counts.map(|count| {
        let byte = (below / step).min(255) as u8;
        below += count;
        byte
    }))
}
