//! The fuzzer's corpus, run by every ordinary test run: what once was interesting stays harmless.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::{Path, PathBuf};

use emvqr::fps::FpsView;
use emvqr::{Builder, Profile, parse, parse_bytes};

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/payload");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn the_corpus_is_read_kept_and_written_again() {
    let files = corpus();
    assert!(files.len() > 20, "the corpus is there");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let parsed = parse_bytes(&bytes, Profile::Strict);
        let Ok(text) = std::str::from_utf8(&bytes) else {
            assert!(!parsed.is_valid(), "{file:?}");
            continue;
        };
        assert_eq!(
            parsed.document().encode() + parsed.document().line_ends(),
            text,
            "{file:?}"
        );
        let view = FpsView::read(parsed.document());
        assert!(
            view.is_none_or(|view| view
                .findings()
                .iter()
                .all(|f| f.offset <= text.chars().count())),
            "{file:?}"
        );
        if let Ok(document) = parsed.into_document() {
            let written = Builder::from_document(&document).build().unwrap();
            assert!(parse(&written, Profile::Strict).is_valid(), "{file:?}");
            assert_eq!(
                written.len(),
                document.encode().len(),
                "{file:?}: the order may change, the content may not"
            );
        }
    }
}
