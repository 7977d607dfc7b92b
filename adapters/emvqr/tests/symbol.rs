//! Symbols are read back by an independent decoder, and its raw bits show that nothing but byte mode was used.
#![cfg(feature = "render")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use emvqr::render::{
    ErrorCorrection, PngOptions, RenderError, SvgOptions, Symbol, TerminalOptions,
};

const ASCII: &str = "00020101021226270012hk.com.hkicl020712345675204000053033445802HK5902NA6002HK";
const CHINESE: &str = "64200002ZH0104最佳运输0202北京";

/// The data bits of a symbol, as an independent reader finds them. It neither takes the mask off nor puts the blocks of larger
/// symbols in order, so the mask comes off here, and only symbols of one block (up to version 5 at the lowest error
/// correction) make sense.
fn raw_nibbles(symbol: &Symbol) -> Vec<u8> {
    let (meta, _) = grid(symbol).get_raw_data().unwrap();
    let side = usize::try_from(symbol.width()).unwrap();
    let unmasked = |x: usize, y: usize| {
        let is_format = (x < 9 && y < 9) || (x + 8 >= side && y == 8) || (x == 8 && y + 8 >= side);
        symbol.is_dark(x.try_into().unwrap(), y.try_into().unwrap())
            != (!is_format && is_masked(meta.mask, x, y))
    };
    let (_, raw) = rqrr::Grid::new(rqrr::SimpleGrid::from_func(side, unmasked))
        .get_raw_data()
        .unwrap();
    raw.data
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xF])
        .collect()
}

/// The eight mask patterns of the standard.
fn is_masked(mask: u16, x: usize, y: usize) -> bool {
    let sum = match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (y / 2 + x / 3) % 2,
        5 => (x * y) % 2 + (x * y) % 3,
        6 => ((x * y) % 2 + (x * y) % 3) % 2,
        _ => ((x + y) % 2 + (x * y) % 3) % 2,
    };
    sum == 0
}

fn grid(symbol: &Symbol) -> rqrr::Grid<rqrr::SimpleGrid> {
    let size = usize::try_from(symbol.width()).unwrap();
    let is_dark = |x: usize, y: usize| symbol.is_dark(x.try_into().unwrap(), y.try_into().unwrap());
    rqrr::Grid::new(rqrr::SimpleGrid::from_func(size, is_dark))
}

#[test]
fn every_segment_is_in_byte_mode() {
    const BYTES: &[u8] = &[0x4];
    const UTF8_BYTES: &[u8] = &[0x7, 0x1, 0xA, 0x4];
    for (payload, header) in [
        (ASCII, BYTES),
        (CHINESE, UTF8_BYTES),
        ("0123456789", BYTES),
        ("ABC DEF", BYTES),
    ] {
        let symbol = Symbol::encode(payload, ErrorCorrection::Low).unwrap();
        assert!(symbol.width() <= 17 + 4 * 5, "one block only");
        let nibbles = raw_nibbles(&symbol);
        let (found, rest) = nibbles.split_at(header.len());
        assert_eq!(found, header, "mode and ECI of {payload:?}");
        // All bytes of the payload are in this one segment, so no other mode can follow.
        assert_eq!(
            usize::from(rest[0]) * 16 + usize::from(rest[1]),
            payload.len(),
            "{payload:?}"
        );
    }
}

#[test]
fn a_symbol_is_read_back_at_every_error_correction() {
    let long = ASCII.repeat(6);
    for payload in [ASCII, CHINESE, &long] {
        for correction in [
            ErrorCorrection::Low,
            ErrorCorrection::Medium,
            ErrorCorrection::Quartile,
            ErrorCorrection::High,
        ] {
            let symbol = Symbol::encode(payload, correction).unwrap();
            assert_eq!(grid(&symbol).decode().unwrap().1, payload);
        }
    }
}

/// Reads pictures the way a camera would.
fn read_back(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if is_dark(x, y) { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn a_png_is_read_back() {
    for (payload, scale, quiet_zone) in [(ASCII, 8, 4), (CHINESE, 3, 4), (ASCII, 5, 10)] {
        let symbol = Symbol::encode(payload, ErrorCorrection::Medium).unwrap();
        let file = symbol.png(&PngOptions { scale, quiet_zone }).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width, (symbol.width() + 2 * quiet_zone) * scale);
        let width = info.width as usize;
        assert_eq!(
            read_back(width, info.height as usize, |x, y| pixels[y * width + x]
                == 0),
            payload
        );
    }
}

#[test]
fn an_svg_is_drawn_as_modules_and_speaks() {
    let symbol = Symbol::encode(ASCII, ErrorCorrection::Medium).unwrap();
    let title = Some("Pay <HK$125.00> & go".to_owned());
    let svg = symbol
        .svg(&SvgOptions {
            title,
            ..SvgOptions::default()
        })
        .unwrap();
    assert!(
        svg.contains("role=\"img\"")
            && svg.contains("<title>Pay &lt;HK$125.00&gt; &amp; go</title>"),
        "{svg}"
    );
    let path = svg
        .rsplit_once(" d=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();
    let mut dark = std::collections::BTreeSet::new();
    for run in path.split('M').skip(1) {
        let (corner, length) = run.split_once('h').unwrap();
        let (x, y) = corner.split_once(' ').unwrap();
        let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
        let length: u32 = length.split('v').next().unwrap().parse().unwrap();
        dark.extend((x..x + length).map(|x| (x, y)));
    }
    let expected: std::collections::BTreeSet<_> = (0..symbol.width())
        .flat_map(|y| (0..symbol.width()).map(move |x| (x, y)))
        .filter(|(x, y)| symbol.is_dark(*x, *y))
        .map(|(x, y)| (x + 4, y + 4))
        .collect();
    assert_eq!(dark, expected);
    assert!(
        symbol
            .svg(&SvgOptions::default())
            .unwrap()
            .contains("aria-hidden=\"true\"")
    );
}

#[test]
fn terminal_text_is_read_back_on_both_backgrounds() {
    let symbol = Symbol::encode(ASCII, ErrorCorrection::Medium).unwrap();
    for light_background in [false, true] {
        let text = symbol
            .terminal(&TerminalOptions {
                light_background,
                quiet_zone: 4,
            })
            .unwrap();
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let side = lines[0].len();
        let is_drawn = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        let is_dark = |x: usize, y: usize| is_drawn(x / 4, y / 4) == light_background;
        assert_eq!(read_back(side * 4, side * 4, is_dark), ASCII);
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    assert!(matches!(
        Symbol::encode("", ErrorCorrection::Low),
        Err(RenderError::Empty)
    ));
    assert!(Symbol::encode(&"a".repeat(2953), ErrorCorrection::Low).is_ok());
    assert!(matches!(
        Symbol::encode(&"a".repeat(2954), ErrorCorrection::Low),
        Err(RenderError::TooLong { bytes: 2954 })
    ));
    let symbol = Symbol::encode(ASCII, ErrorCorrection::Medium).unwrap();
    for (scale, quiet_zone) in [(0, 4), (33, 4), (8, 65)] {
        assert!(matches!(
            symbol.png(&PngOptions { scale, quiet_zone }),
            Err(RenderError::Options)
        ));
        assert!(matches!(
            symbol.svg(&SvgOptions {
                scale,
                quiet_zone,
                title: None
            }),
            Err(RenderError::Options)
        ));
    }
    let terminal = TerminalOptions {
        quiet_zone: 65,
        light_background: true,
    };
    assert!(matches!(
        symbol.terminal(&terminal),
        Err(RenderError::Options)
    ));
}
