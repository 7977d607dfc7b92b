//! Draws up everything that one transfer leaves behind: the transaction row, the interbank messages, the notices.
//!
//! Pure: references come from the given randomness, time and sequence numbers arrive as arguments. The sample writer and
//! the books use the same function, so a sample is what the bank would have sent.

use std::io;

use jiff::Timestamp;
use rand::Rng;
use serde::Serialize;
use uuid::Uuid;

use super::camt054::{self, CreditNotice};
use super::ids::{Ids, message_id};
use super::instruction::Instruction;
use super::{pacs002, pacs008};
use crate::faults::Faults;
use crate::frame::{HOLD_GROUP_DEFAULT, Start};

/// One booked transfer, field by field as the books keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// The bank's reference, `AcctSvcrRef` in the notice.
    pub bank_reference: String,
    /// The clearing system's reference.
    pub fps_reference: String,
    /// From payer to payee.
    pub end_to_end_id: String,
    /// From bank to bank.
    pub transaction_id: String,
    /// The debited account.
    pub payer_account: String,
    /// The payer's full name.
    pub payer_name: String,
    /// The credited account.
    pub payee_account: String,
    /// Cents moved.
    pub amount_cents: i64,
    /// Cents that the code asked for.
    pub asked_cents: Option<i64>,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// Object 62/05.
    pub reference: Option<String>,
    /// Object 62/01.
    pub bill_number: Option<String>,
    /// SHA-256 of the code's text.
    pub qr_sha256: Option<String>,
    /// The scan that was paid.
    pub scan_id: Option<Uuid>,
    /// What was made to go wrong.
    pub faults: Faults,
    /// When the payer said yes.
    pub instructed_at: Timestamp,
    /// When the bank booked it.
    pub booked_at: Timestamp,
    /// The interbank transfer.
    pub pacs008: String,
    /// The clearing system's answer.
    pub pacs002: String,
}

/// One message to the payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Group header id and channel message id.
    pub message_id: String,
    /// The camt.054 document.
    pub body: String,
    /// When it may leave.
    pub start: Start,
}

/// A transfer ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The transaction row.
    pub transaction: Transaction,
    /// One notice, or two when the fault says so.
    pub notices: Vec<Notice>,
}

impl Booking {
    /// Draws up a transfer booked `now`, whose notices are numbered from `sequence` in the payee's account.
    ///
    /// # Errors
    /// Only if writing a message into memory fails.
    pub fn draw_up(
        instruction: &Instruction,
        rng: &mut impl Rng,
        sequence: i64,
        now: Timestamp,
    ) -> io::Result<Self> {
        let ids = Ids::draw(rng, now);
        let mut transaction = Transaction {
            bank_reference: ids.bank_reference,
            fps_reference: ids.fps_reference,
            end_to_end_id: ids.end_to_end_id,
            transaction_id: ids.transaction_id,
            payer_account: instruction.payer.number.clone(),
            payer_name: instruction.payer.name.clone(),
            payee_account: instruction.payee.number.clone(),
            amount_cents: instruction.amount_cents,
            asked_cents: instruction.asked_cents,
            currency: instruction.currency.clone(),
            reference: instruction.reference.clone(),
            bill_number: instruction.bill_number.clone(),
            qr_sha256: instruction.qr_sha256.clone(),
            scan_id: instruction.scan_id,
            faults: instruction.faults.clone(),
            instructed_at: instruction.instructed_at,
            booked_at: now,
            pacs008: String::new(),
            pacs002: String::new(),
        };
        let parties = pacs008::Parties {
            payer_bank_code: &instruction.payer.bank_code,
            payee_name: &instruction.payee.name,
        };
        let transfer_id = message_id(rng);
        transaction.pacs008 = pacs008::write(&transfer_id, &transaction, parties)?;
        transaction.pacs002 = pacs002::write(&message_id(rng), &transfer_id, &transaction)?;
        let first = notice(&transaction, message_id(rng), sequence)?;
        let mut notices = vec![first];
        if instruction.faults.duplicate {
            notices.push(notice(
                &transaction,
                message_id(rng),
                sequence.saturating_add(1),
            )?);
        }
        Ok(Self {
            transaction,
            notices,
        })
    }
}

fn notice(transaction: &Transaction, message_id: String, sequence: i64) -> io::Result<Notice> {
    let faults = &transaction.faults;
    let told = |text: &'_ Option<String>| text.clone().filter(|_| !faults.lost_reference);
    let (bill_number, reference) = (told(&transaction.bill_number), told(&transaction.reference));
    let body = camt054::write(&CreditNotice {
        message_id: &message_id,
        sequence,
        created_at: transaction.booked_at,
        account: &transaction.payee_account,
        currency: &transaction.currency,
        amount_cents: transaction.amount_cents,
        bank_reference: &transaction.bank_reference,
        fps_reference: &transaction.fps_reference,
        end_to_end_id: &transaction.end_to_end_id,
        transaction_id: &transaction.transaction_id,
        payer_name: &transaction.payer_name,
        bill_number: bill_number.as_deref(),
        reference: reference.as_deref(),
        instructed_at: transaction.instructed_at,
        booked_at: transaction.booked_at,
    })?;
    let start = if faults.holds() {
        let group = faults
            .group
            .clone()
            .unwrap_or_else(|| HOLD_GROUP_DEFAULT.to_owned());
        Start::Held {
            group,
            reversed: faults.out_of_order,
        }
    } else {
        let delay = jiff::SignedDuration::from_secs(i64::from(faults.delay_seconds));
        Start::At(
            transaction
                .booked_at
                .saturating_add(delay)
                .unwrap_or(transaction.booked_at),
        )
    };
    Ok(Notice {
        message_id,
        body,
        start,
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use rand::{SeedableRng, rngs::StdRng};

    use super::super::instruction::Account;
    use super::*;

    fn instruction(faults: Faults) -> Instruction {
        let account = |number: &str, name: &str| Account {
            number: number.into(),
            name: name.into(),
            bank_code: "998".into(),
        };
        Instruction {
            payer: account("998000000001", "CHAN <Tai> & Man"),
            payee: account("999000000201", "TEST Rating and Valuation Department"),
            amount_cents: 372_050,
            asked_cents: Some(372_050),
            currency: "HKD".into(),
            reference: Some("P01ABC<&>".into()),
            bill_number: Some("000123456789011".into()),
            qr_sha256: None,
            scan_id: None,
            instructed_at: "2026-01-20T15:58:03.12Z".parse().unwrap(),
            faults,
        }
    }

    fn booking(faults: Faults) -> Booking {
        let now = "2026-01-20T16:00:00Z".parse().unwrap();
        Booking::draw_up(&instruction(faults), &mut StdRng::seed_from_u64(1), 41, now).unwrap()
    }

    #[test]
    fn the_messages_of_a_transfer_are_these() {
        let booking = booking(Faults {
            duplicate: true,
            ..Faults::default()
        });
        let mut all = String::new();
        for body in booking.notices.iter().map(|notice| &notice.body) {
            writeln!(all, "{body}\n").unwrap();
        }
        writeln!(
            all,
            "{}\n\n{}",
            booking.transaction.pacs008, booking.transaction.pacs002
        )
        .unwrap();
        insta::assert_snapshot!(all);
    }

    #[test]
    fn a_lost_reference_leaves_only_the_narrative() {
        let booking = booking(Faults {
            lost_reference: true,
            ..Faults::default()
        });
        let body = &booking.notices[0].body;
        assert!(
            body.contains("<Ustrd>FPS</Ustrd>")
                && !body.contains("Strd>\n")
                && !body.contains("P01ABC"),
            "{body}"
        );
        assert_eq!(booking.transaction.reference.as_deref(), Some("P01ABC<&>"));
    }

    #[test]
    fn a_notice_starts_when_its_faults_say() {
        let at = |text: &str| Start::At(text.parse().unwrap());
        let held = |group: &str, reversed| Start::Held {
            group: group.into(),
            reversed,
        };
        let rows = [
            (Faults::default(), at("2026-01-20T16:00:00Z")),
            (
                Faults {
                    delay_seconds: 90,
                    ..Faults::default()
                },
                at("2026-01-20T16:01:30Z"),
            ),
            (
                Faults {
                    hold: true,
                    ..Faults::default()
                },
                held("default", false),
            ),
            (
                Faults {
                    out_of_order: true,
                    group: Some("g".into()),
                    ..Faults::default()
                },
                held("g", true),
            ),
        ];
        for (faults, expected) in rows {
            assert_eq!(booking(faults).notices[0].start, expected);
        }
    }
}
