//! What was drawn can be read again, by a reader that shares no code with the writer.

use super::*;

const PAYLOAD: &str = "00020101021226330012hk.com.hkicl0209999900101520400005303344540737\
20.005802HK5904TEST6002HK62240520EP0123456789ABCDEFGH63041234";

fn read(png: &[u8]) -> (u32, u32, String) {
    let image = image::load_from_memory(png).unwrap().to_luma8();
    let (width, height) = image.dimensions();
    let mut prepared = rqrr::PreparedImage::prepare(image);
    let grids = prepared.detect_grids();
    assert_eq!(grids.len(), 1);
    (width, height, grids[0].decode().unwrap().1)
}

#[test]
fn the_code_is_read_from_both_pictures() {
    let caption = Caption {
        headline: "HKD 3,720.00".into(),
        lines: vec![
            "TEST Rating and Valuation Department".into(),
            "EP0123456789ABCDEFGH".into(),
        ],
    };
    let (width, height, payload) = read(&code(PAYLOAD).unwrap());
    assert_eq!((payload.as_str(), width), (PAYLOAD, height));
    assert!(width >= 560, "two pixels for each of 280: {width}");
    let (captioned_width, captioned_height, payload) = read(&captioned(PAYLOAD, &caption).unwrap());
    assert_eq!((payload.as_str(), captioned_width), (PAYLOAD, width));
    assert!(captioned_height > height + 32 + 24 + 24);
}

#[test]
fn a_long_name_is_broken_at_spaces_and_never_drawn_outside() {
    assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
    assert_eq!(wrapped("abcdefghij klm", 4), ["abcd", "klm"]);
    assert_eq!(wrapped("", 10), [""]);
    let caption = Caption {
        headline: "差餉物業估價署".into(),
        lines: vec!["wide ".repeat(60)],
    };
    let (_, _, payload) = read(&captioned(PAYLOAD, &caption).unwrap());
    assert_eq!(payload, PAYLOAD);
}

#[test]
fn nothing_to_draw_is_an_error() {
    assert!(matches!(code(""), Err(PictureError::Code(_))));
}
