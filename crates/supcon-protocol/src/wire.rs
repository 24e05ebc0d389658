//! Messages as bytes, for `postMessage` between page and worker: who sends, which version, then JSON.
//!
//! Pixels and embeddings travel inside it as base64 (`packed`): a quarter of the size of lists of
//! numbers, and the bits stay, also those of NaN.

use crate::PROTOCOL_VERSION;
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

const MAGIC: [u8; 6] = *b"supcon";

/// Why bytes are not a message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WireError {
    /// Something else.
    #[error("these bytes are no message of supcon's: reload the page")]
    Foreign,
    /// The page is of one version, its worker of another: one of them came out of a cache.
    #[error(
        "this part of the page speaks version {ours} of supcon's messages, the other one version {theirs}: \
         the browser kept an old file; reload the page, without its cache (Ctrl+Shift+R) if that is not enough"
    )]
    Version {
        /// [`PROTOCOL_VERSION`] of the reader.
        ours: u32,
        /// That of the sender.
        theirs: u32,
    },
    /// A message of the right version that cannot be read.
    #[error("a message cannot be read ({reason}): reload the page")]
    Unreadable {
        /// In the decoder's words.
        reason: String,
    },
}

/// A message as bytes.
#[must_use]
pub fn encode<M: Serialize>(message: &M) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(PROTOCOL_VERSION.to_le_bytes());
    serde_json::to_writer(&mut bytes, message)
        .expect("a message is plain data, and memory takes it");
    bytes
}

/// The message in the bytes of [`encode`].
///
/// # Errors
/// Bytes of something else, or of another version.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, WireError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(WireError::Foreign)?;
    let (version, message) = rest.split_first_chunk().ok_or(WireError::Foreign)?;
    let theirs = u32::from_le_bytes(*version);
    if theirs != PROTOCOL_VERSION {
        return Err(WireError::Version {
            ours: PROTOCOL_VERSION,
            theirs,
        });
    }
    serde_json::from_slice(message).map_err(|error| WireError::Unreadable {
        reason: error.to_string(),
    })
}

/// For `#[serde(with = "packed")]`: a list of numbers as base64 of their little-endian bytes.
pub(crate) mod packed {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use std::borrow::Cow;

    /// A number of a fixed number of bytes.
    pub(crate) trait Number: Copy {
        fn put(values: &[Self]) -> Vec<u8>;
        /// `None` where the bytes are no whole number of values.
        fn get(bytes: Vec<u8>) -> Option<Vec<Self>>;
    }

    impl Number for u8 {
        fn put(values: &[Self]) -> Vec<u8> {
            values.to_vec()
        }

        fn get(bytes: Vec<u8>) -> Option<Vec<Self>> {
            Some(bytes)
        }
    }

    impl Number for f32 {
        fn put(values: &[Self]) -> Vec<u8> {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        }

        fn get(bytes: Vec<u8>) -> Option<Vec<Self>> {
            let (words, rest) = bytes.as_chunks::<4>();
            let values = words.iter().map(|word| f32::from_le_bytes(*word));
            rest.is_empty().then(|| values.collect())
        }
    }

    pub(crate) fn serialize<N: Number, S: Serializer>(
        values: &[N],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(N::put(values)))
    }

    pub(crate) fn deserialize<'a, N: Number, D: Deserializer<'a>>(
        from: D,
    ) -> Result<Vec<N>, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        N::get(bytes).ok_or_else(|| D::Error::custom("a number is cut short"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmbeddingFrame, Notice, Request, RunId, Samples};

    #[test]
    fn messages_come_back_to_the_bit() {
        let request = Request::Resume(RunId("shapes-1".to_owned()));
        assert_eq!(decode(&encode(&request)), Ok(request));
        let z = vec![0.1, -0.0, f32::MIN_POSITIVE, f32::INFINITY, 1.0 / 3.0];
        let frame = EmbeddingFrame {
            dim: 5,
            z: z.clone(),
            predictions: vec![3],
            ..EmbeddingFrame::default()
        };
        let samples = Samples {
            pixels: (0..=255).collect(),
            ..Samples::default()
        };
        let notices = vec![Notice::Embedding(frame), Notice::Samples(Box::new(samples))];
        let back: Vec<Notice> = decode(&encode(&notices)).unwrap();
        assert_eq!(back, notices);
        let Notice::Embedding(frame) = &back[0] else {
            panic!("{back:?}")
        };
        let bits = |z: &[f32]| z.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&frame.z), bits(&z));
    }

    #[test]
    fn an_embedding_of_a_thousand_images_stays_small() {
        let frame = EmbeddingFrame {
            dim: 64,
            z: (0..128_000).map(|i| (i as f32).sin()).collect(),
            ..EmbeddingFrame::default()
        };
        let bytes = encode(&vec![Notice::Embedding(frame)]);
        assert!(bytes.len() < 128_000 * 11 / 2, "{} bytes", bytes.len());
    }

    #[test]
    fn another_version_is_named_and_anything_else_refused() {
        let mut bytes = encode(&0_u8);
        bytes[6..10].copy_from_slice(&(PROTOCOL_VERSION + 1).to_le_bytes());
        let error = decode::<u8>(&bytes).unwrap_err();
        assert!(matches!(error, WireError::Version { .. }));
        assert!(error.to_string().contains("reload the page"), "{error}");
        for foreign in [
            &b""[..],
            b"supcon",
            b"supcon\x01\0\0",
            b"{\"kind\":1}      ",
        ] {
            assert_eq!(decode::<u8>(foreign), Err(WireError::Foreign));
        }
        let cut = &encode(&"text")[..12];
        let error = decode::<String>(cut).unwrap_err();
        assert!(matches!(error, WireError::Unreadable { .. }), "{error}");
    }
}
