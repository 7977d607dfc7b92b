//! From PNG bytes to the text of the one QR symbol in them.
//!
//! Order: check the size, decode with pixel and memory caps, lay transparent pixels on white, look for symbols, decode.
//! Bounds: [`IMAGE_BYTES_MAX`], [`IMAGE_SIDE_MAX`] and `IMAGE_MEMORY_BYTES_MAX`. This is processor work: callers run
//! it off the async threads.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits, Rgba};
use thiserror::Error;

/// The largest upload. A phone's screenshot is under one mebibyte.
pub const IMAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The longest side in pixels; a small file can claim a huge canvas.
pub const IMAGE_SIDE_MAX: u32 = 4_096;

/// The most memory that decoding may take.
const IMAGE_MEMORY_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why no text came out of an image.
#[derive(Debug, Error)]
pub enum ImageError {
    /// More bytes than [`IMAGE_BYTES_MAX`].
    #[error("the image is larger than {IMAGE_BYTES_MAX} bytes")]
    TooLarge,
    /// Not a PNG, a damaged one, or one past the pixel caps.
    #[error(
        "the file is not a readable PNG image of at most {IMAGE_SIDE_MAX} by {IMAGE_SIDE_MAX} pixels"
    )]
    Unreadable(#[source] image::ImageError),
    /// No symbol that decodes.
    #[error("there is no readable QR code in the image")]
    NoCode,
    /// Two symbols with different texts: choosing one would be a guess with money.
    #[error("there are {0} different QR codes in the image")]
    SeveralCodes(usize),
}

/// Reads the text of the one QR symbol in a PNG image.
///
/// # Errors
/// [`ImageError`] says what stands in the way.
pub fn read_image(bytes: &[u8]) -> Result<String, ImageError> {
    if bytes.len() > IMAGE_BYTES_MAX {
        return Err(ImageError::TooLarge);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(IMAGE_SIDE_MAX);
    limits.max_image_height = Some(IMAGE_SIDE_MAX);
    limits.max_alloc = Some(IMAGE_MEMORY_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    reader.limits(limits);
    let picture = reader.decode().map_err(ImageError::Unreadable)?.to_rgba8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut shades = picture.pixels().map(shade_on_white);
    // The closure is called once a pixel, row by row, which is the order of `pixels`.
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |_, _| {
        shades.next().unwrap_or(u8::MAX)
    });
    let mut texts: Vec<String> = prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect();
    texts.sort();
    texts.dedup();
    match (texts.pop(), texts.len()) {
        (None, _) => Err(ImageError::NoCode),
        (Some(text), 0) => Ok(text),
        (Some(_), others) => Err(ImageError::SeveralCodes(others.saturating_add(1))),
    }
}

/// The grey value of a pixel laid on white paper, in integers: transparent is white, not black.
fn shade_on_white(pixel: &Rgba<u8>) -> u8 {
    let [red, green, blue, alpha] = pixel.0.map(u32::from);
    let luma = (red * 299 + green * 587 + blue * 114) / 1000;
    let laid = (luma * alpha + 255 * (255 - alpha)) / 255;
    u8::try_from(laid).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, dark: impl Fn(u32, u32) -> bool, light: [u8; 4]) -> Vec<u8> {
        let picture = image::RgbaImage::from_fn(width, height, |x, y| {
            if dark(x, y) {
                Rgba([0, 0, 0, 255])
            } else {
                Rgba(light)
            }
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn symbol(text: &str, light: [u8; 4]) -> Vec<u8> {
        let code = qrcode::QrCode::new(text).unwrap();
        let (side, colors) = (code.width(), code.to_colors());
        let pixels = u32::try_from((side + 8) * 6).unwrap();
        let dark = |x: u32, y: u32| {
            let (x, y) = ((x / 6) as usize, (y / 6) as usize);
            (4..side + 4).contains(&x)
                && (4..side + 4).contains(&y)
                && colors[(y - 4) * side + x - 4] == qrcode::Color::Dark
        };
        png(pixels, pixels, dark, light)
    }

    #[test]
    fn a_symbol_is_read_on_white_and_on_glass() {
        for light in [[255, 255, 255, 255], [0, 0, 0, 0]] {
            assert_eq!(read_image(&symbol("000201", light)).unwrap(), "000201");
        }
    }

    #[test]
    fn pictures_without_one_code_are_told_apart() {
        let rows: [(Vec<u8>, &str); 5] = [
            (vec![0; IMAGE_BYTES_MAX + 1], "the image is larger"),
            (b"GIF89a".to_vec(), "not a readable PNG"),
            (symbol("x", [255; 4])[..60].to_vec(), "not a readable PNG"),
            (
                png(IMAGE_SIDE_MAX + 1, 1, |_, _| false, [255; 4]),
                "not a readable PNG",
            ),
            (png(64, 64, |_, _| false, [255; 4]), "no readable QR code"),
        ];
        for (bytes, expected) in rows {
            let error = read_image(&bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
