use super::RecordingError;
use serde::{Serialize, de::DeserializeOwned};

/// Bytes of magic and of the version behind it.
const MAGIC_LEN: usize = 8;

/// A kind of file: eight bytes, the last of which is the version; a JSON header with its length
/// before it; then values, little-endian.
pub(super) struct Kind {
    pub(super) what: &'static str,
    pub(super) magic: [u8; MAGIC_LEN],
}

impl Kind {
    /// The beginning of a file.
    pub(super) fn begin(&self, header: &impl Serialize) -> Vec<u8> {
        let header = serde_json::to_vec(header).expect("a header is plain data");
        let mut bytes = self.magic.to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header);
        bytes
    }

    /// Header and values of a file.
    pub(super) fn split<'a, H: DeserializeOwned>(
        &self,
        bytes: &'a [u8],
    ) -> Result<(H, &'a [u8]), RecordingError> {
        let rest = bytes.strip_prefix(&self.magic);
        let rest = rest.ok_or_else(|| RecordingError::Foreign {
            what: self.what,
            found: bytes[..bytes.len().min(MAGIC_LEN)].to_vec(),
        })?;
        let short = |header_len: u32| RecordingError::Length {
            what: self.what,
            found: bytes.len(),
            expected: (MAGIC_LEN + size_of::<u32>()) as u128 + u128::from(header_len),
        };
        let (len, rest) = rest.split_first_chunk().ok_or_else(|| short(0))?;
        let len = u32::from_le_bytes(*len);
        let (header, values) = rest
            .split_at_checked(len as usize)
            .ok_or_else(|| short(len))?;
        let header = serde_json::from_slice(header).map_err(|e| self.wrong(e.to_string()))?;
        Ok((header, values))
    }

    /// Holds the lengths of a header against the values that are there.
    ///
    /// `parts` are products of counts; no product of three 64-bit numbers that fits a file overflows.
    pub(super) fn check_len(&self, values: &[u8], parts: &[&[u64]]) -> Result<(), RecordingError> {
        let product = |part: &&[u64]| {
            let factors = part.iter().map(|&factor| u128::from(factor));
            factors.fold(1_u128, u128::saturating_mul)
        };
        let expected = parts.iter().map(product).fold(0, u128::saturating_add);
        if expected == values.len() as u128 {
            return Ok(());
        }
        Err(RecordingError::Length {
            what: self.what,
            found: values.len(),
            expected,
        })
    }

    pub(super) fn wrong(&self, reason: String) -> RecordingError {
        RecordingError::Header {
            what: self.what,
            reason,
        }
    }
}

pub(super) fn u16s(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair))
}

pub(super) fn u32s(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| u32::from_le_bytes(*word))
}
