//! QR images for tests: payloads from a few fields, drawn by a crate that the sandbox does not use.

use std::io::Cursor;

use base64::Engine as _;
use crc::{CRC_16_IBM_3740, Crc};

/// The fields of a code; `Code::bill()` is an ordinary one.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) fps_id: &'static str,
    pub(crate) amount: Option<&'static str>,
    pub(crate) editable: bool,
    pub(crate) time_out: Option<&'static str>,
    pub(crate) bill_number: Option<&'static str>,
    pub(crate) reference: Option<String>,
}

fn object(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.chars().count())
}

impl Code {
    pub(crate) fn bill() -> Self {
        Self {
            fps_id: "999900201",
            amount: Some("3720.00"),
            editable: false,
            time_out: Some("991231235959"),
            bill_number: Some("000123456789011"),
            reference: Some("P01ABC".to_owned()),
        }
    }

    pub(crate) fn payload(&self) -> String {
        let optional =
            |id: &str, value: Option<&str>| value.map_or(String::new(), |value| object(id, value));
        let fps = [
            object("00", "hk.com.hkicl"),
            object("02", self.fps_id),
            optional("05", self.time_out),
            optional("06", self.editable.then_some("1")),
        ];
        let extra = [
            optional("01", self.bill_number),
            optional("05", self.reference.as_deref()),
        ]
        .concat();
        let text = [
            "000201010212".to_owned(),
            object("26", &fps.concat()),
            "520400005303344".to_owned(),
            optional("54", self.amount),
            "5802HK5902NA6002HK".to_owned(),
            optional("62", Some(extra.as_str()).filter(|extra| !extra.is_empty())),
            "6304".to_owned(),
        ]
        .concat();
        let checksum = Crc::<u16>::new(&CRC_16_IBM_3740).checksum(text.as_bytes());
        format!("{text}{checksum:04X}")
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        png(&self.payload())
    }

    pub(crate) fn base64(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(self.png())
    }
}

pub(crate) fn png(text: &str) -> Vec<u8> {
    let code = qrcode::QrCode::new(text).unwrap();
    let (side, colors) = (code.width(), code.to_colors());
    let pixels = u32::try_from((side + 8) * 5).unwrap();
    let picture = image::GrayImage::from_fn(pixels, pixels, |x, y| {
        let (x, y) = ((x / 5) as usize, (y / 5) as usize);
        let inside = (4..side + 4).contains(&x) && (4..side + 4).contains(&y);
        let dark = inside && colors[(y - 4) * side + x - 4] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}
