//! Files of acknowledgements: read whole or not at all, and each number as it was written.

use epay_feed::{
    ACKNOWLEDGEMENT_BYTES_MAX, Acknowledgement, BadAcknowledgementFile, Verdict,
    read_acknowledgements,
};
use proptest::prelude::*;

/// A line as a department writes it.
fn line(said: &Acknowledgement) -> String {
    match &said.verdict {
        Verdict::Accepted { rows, net_minor } => {
            let sign = if *net_minor < 0 { "-" } else { "" };
            let (dollars, cents) = (net_minor.abs() / 100, net_minor.abs() % 100);
            format!("ACK {:06} {rows} {sign}{dollars}.{cents:02}", said.sequence)
        }
        Verdict::Refused { line, reason } => format!("NAK {:06} {line} {reason}", said.sequence),
    }
}

fn said() -> impl Strategy<Value = Acknowledgement> {
    let cents = 1_000_000_000_000_i64;
    let accepted = (any::<u64>(), -cents..cents)
        .prop_map(|(rows, net_minor)| Verdict::Accepted { rows, net_minor });
    let reason = "[^\\p{Cc}\\p{White_Space}]([^\\p{Cc}]{0,40}[^\\p{Cc}\\p{White_Space}])?";
    let refused =
        (any::<u32>(), reason).prop_map(|(line, reason)| Verdict::Refused { line, reason });
    (any::<u64>(), prop_oneof![accepted, refused])
        .prop_map(|(sequence, verdict)| Acknowledgement { sequence, verdict })
}

proptest! {
    #[test]
    fn what_a_department_writes_is_what_is_read(all in prop::collection::vec(said(), 0..8), feed in "\r?\n") {
        let text: String = all.iter().map(|one| line(one) + &feed).collect();
        prop_assert_eq!(read_acknowledgements(text.as_bytes()), Ok(all));
    }

    #[test]
    fn one_line_that_says_nothing_spoils_the_file(all in prop::collection::vec(said(), 0..4), place in 0_usize..5) {
        let mut lines: Vec<String> = all.iter().map(line).collect();
        let place = place.min(lines.len());
        lines.insert(place, "ACK 000123 1".to_owned());
        let read = read_acknowledgements(lines.join("\n").as_bytes());
        let wrong = matches!(read, Err(BadAcknowledgementFile::Line { number, .. }) if number == place + 1);
        prop_assert!(wrong);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), words in "(ACK|NAK) [0-9 .x-]{0,30}") {
        let _any = read_acknowledgements(&bytes);
        let _like = read_acknowledgements(words.as_bytes());
    }
}

#[test]
fn a_file_has_a_bound_and_is_text() {
    let line = b"ACK 000001 0 0.00\n";
    let full = line.repeat(ACKNOWLEDGEMENT_BYTES_MAX / line.len());
    assert_eq!(
        read_acknowledgements(&full).map(|all| all.len()),
        Ok(ACKNOWLEDGEMENT_BYTES_MAX / line.len())
    );
    let beyond = line.repeat(ACKNOWLEDGEMENT_BYTES_MAX / line.len() + 1);
    assert_eq!(
        read_acknowledgements(&beyond),
        Err(BadAcknowledgementFile::TooLarge)
    );
    assert_eq!(
        read_acknowledgements(b"ACK 000001 0 0.00\xff"),
        Err(BadAcknowledgementFile::NotText)
    );
    assert_eq!(read_acknowledgements(b""), Ok(vec![]));
}
