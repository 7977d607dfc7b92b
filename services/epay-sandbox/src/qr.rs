//! Reading a QR code the way a bank app does: image, then text, then tag-length-value, then a payment request.
//!
//! 1. [`image`] turns PNG bytes into the text of the symbol, with caps on bytes and pixels.
//! 2. [`tlv`] splits the text into objects and checks the CRC; it knows nothing of payments.
//! 3. [`request`] reads the Hong Kong FPS meaning of the objects.
//!
//! Everything here was written from the public format rules alone, so that a mistake in the gateway's own QR code shows.

mod crc;
pub mod image;
pub mod request;
pub mod tlv;

pub use image::{ImageError, read_image};
pub use request::{PaymentRequest, Proxy, RequestError};
