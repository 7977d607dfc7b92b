//! The counter: what the bank app and the API ask of the bank.
//!
//! A payment is decided in this order: read the image, read the code, find the payee, choose the faults, check time-out and
//! amount, then book. Everything before the booking refuses with no money moved.

mod error;
mod rules;
mod shapes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

pub use error::{BankError, MoneyMoved};
pub use shapes::{DirectInstruction, ImageSource, PayRequest, Scanned};

use super::booking::Booking;
use super::fetch::Fetcher;
use super::ids::BANK_CODE;
use super::instruction::{Account, Instruction};
use crate::books::Books;
use crate::books::interbank_account;
use crate::channel::signature::sha256_hex;
use crate::config::{Config, Payee};
use crate::faults::{Faults, TRANSFER_MENU};
use crate::frame::Frame;
use crate::hk_time::offset_text;
use crate::qr::{PaymentRequest, Proxy, read_image};

/// The most instructions in one `pay-many`: a few megabytes of messages in one database transaction.
pub const INSTRUCTIONS_MAX: usize = 1_000;

/// The payer of an instruction that names none.
const OTHER_BANK_CUSTOMER: &str = "TEST Customer";

/// The bank: its books, its directory of payees, and its app's camera.
#[derive(Debug, Clone)]
pub struct Bank {
    /// The books, for reading.
    pub books: Books,
    frame: Frame,
    fetcher: Fetcher,
}

impl Bank {
    /// Puts a bank together.
    #[must_use]
    pub fn new(frame: Frame, fetcher: Fetcher) -> Self {
        Self {
            books: frame.books.clone(),
            frame,
            fetcher,
        }
    }

    /// The configured payers and payees.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.frame.config
    }

    /// Whether the app can fetch images at all.
    #[must_use]
    pub fn can_fetch(&self) -> bool {
        self.fetcher.any_allowed()
    }

    /// Tells the sender to look at the outbox.
    pub fn wake_sender(&self) {
        self.frame.wake();
    }

    /// Reads an image and says what it asks for. No money moves.
    ///
    /// # Errors
    /// [`BankError`] says what is wrong with image, code or payee.
    pub async fn scan(&self, source: ImageSource) -> Result<Scanned, BankError> {
        let bytes = match (source.image_base64, source.url) {
            (Some(text), None) => {
                let text = text
                    .split_once(";base64,")
                    .map_or(text.as_str(), |(_, data)| data);
                STANDARD.decode(text.trim()).map_err(BankError::Base64)?
            }
            (None, Some(url)) => self.fetcher.fetch(&url).await?,
            (None, None) | (Some(_), Some(_)) => return Err(BankError::OneSource),
        };
        self.scan_bytes(bytes).await
    }

    /// The same for bytes at hand.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub async fn scan_bytes(&self, bytes: Vec<u8>) -> Result<Scanned, BankError> {
        // Finding a symbol is processor work, and a panic in the decoder must end in an answer, not in a dead connection.
        let payload = tokio::task::spawn_blocking(move || read_image(&bytes))
            .await
            .map_err(BankError::Reader)??;
        self.read_code(payload)
    }

    /// Reads the text of a code.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub fn read_code(&self, payload: String) -> Result<Scanned, BankError> {
        let request = PaymentRequest::read(&payload)?;
        let Proxy::FpsId(fps_id) = &request.proxy else {
            return Err(BankError::UnknownPayee);
        };
        let payee = self.payee(fps_id)?;
        if payee.currency != request.currency {
            return Err(BankError::Currency);
        }
        Ok(Scanned {
            qr_sha256: sha256_hex(payload.as_bytes()),
            payload,
            fps_id: payee.fps_id.clone(),
            account: payee.account.clone(),
            registered_name: payee.registered_name.clone(),
            currency: payee.currency.clone(),
            amount_cents: request.amount_cents,
            amount_editable: request.amount_editable,
            bill_number: request.bill_number,
            reference: request.reference,
            expires_at: request.expires_at.map(offset_text),
            expired: request.expires_at.is_some_and(|at| at <= self.frame.now()),
        })
    }

    /// Scans and pays in one go.
    ///
    /// # Errors
    /// [`BankError::money_moved`] says whether anything was booked.
    pub async fn pay(&self, request: PayRequest) -> Result<Vec<Booking>, BankError> {
        let source = ImageSource {
            image_base64: request.image_base64,
            url: request.url,
        };
        let scanned = self.scan(source).await?;
        self.pay_scanned(
            &scanned,
            request.amount_cents,
            request.payer.as_deref(),
            request.faults.as_ref(),
            None,
        )
        .await
    }

    /// Pays what was scanned before; with a scan id, once only.
    ///
    /// # Errors
    /// As [`pay`](Self::pay).
    pub async fn pay_scanned(
        &self,
        scanned: &Scanned,
        amount_cents: Option<i64>,
        payer: Option<&str>,
        faults: Option<&Faults>,
        scan_id: Option<Uuid>,
    ) -> Result<Vec<Booking>, BankError> {
        let now = self.frame.now();
        let payer = self.payer(payer, &scanned.currency)?;
        let texts = [
            Some(payer.name.as_str()),
            scanned.bill_number.as_deref(),
            scanned.reference.as_deref(),
        ];
        let faults = self.faults(faults, &texts).await?;
        if scanned.expired && !faults.after_expiry {
            return Err(BankError::Expired);
        }
        let amount_cents = rules::confirmed_cents(scanned, amount_cents)?;
        let instruction = Instruction {
            payer,
            payee: payee_account(self.payee(&scanned.fps_id)?),
            amount_cents: rules::moved_cents(amount_cents, &faults)?,
            asked_cents: scanned.amount_cents,
            currency: scanned.currency.clone(),
            reference: scanned.reference.clone(),
            bill_number: scanned.bill_number.clone(),
            qr_sha256: Some(scanned.qr_sha256.clone()),
            scan_id,
            instructed_at: now,
            faults,
        };
        let times = if instruction.faults.paid_twice { 2 } else { 1 };
        self.book(vec![instruction; times], scan_id).await
    }

    /// Books a list of direct instructions, all or none, each with a notice of its own.
    ///
    /// # Errors
    /// As [`pay`](Self::pay).
    pub async fn pay_many(&self, list: Vec<DirectInstruction>) -> Result<Vec<Booking>, BankError> {
        if list.is_empty() || list.len() > INSTRUCTIONS_MAX {
            return Err(BankError::ListLength);
        }
        let now = self.frame.now();
        let mut instructions = Vec::with_capacity(list.len());
        for item in list {
            let payee = self.payee(&item.fps_id)?;
            let labels = [&item.reference, &item.bill_number];
            if !labels
                .into_iter()
                .flatten()
                .all(|label| rules::is_label(label))
            {
                return Err(BankError::Label);
            }
            let payer = self.payer(
                Some(item.payer.as_deref().unwrap_or(OTHER_BANK_CUSTOMER)),
                &payee.currency,
            )?;
            let texts = [
                Some(payer.name.as_str()),
                item.bill_number.as_deref(),
                item.reference.as_deref(),
            ];
            let faults = self.faults(item.faults.as_ref(), &texts).await?;
            let instruction = Instruction {
                payer,
                payee: payee_account(payee),
                amount_cents: rules::moved_cents(item.amount_cents, &faults)?,
                asked_cents: Some(item.amount_cents),
                currency: payee.currency.clone(),
                reference: item.reference,
                bill_number: item.bill_number,
                qr_sha256: None,
                scan_id: None,
                instructed_at: now,
                faults,
            };
            if instruction.faults.paid_twice {
                instructions.push(instruction.clone());
            }
            instructions.push(instruction);
        }
        self.book(instructions, None).await
    }

    /// Books in a task of its own, so that a caller who hangs up cannot stop it between the commit and the sender's wake-up. The
    /// sender is woken whatever the outcome: a commit whose answer was lost may have left notices.
    async fn book(
        &self,
        instructions: Vec<Instruction>,
        scan_id: Option<Uuid>,
    ) -> Result<Vec<Booking>, BankError> {
        let bank = self.clone();
        let posting = tokio::spawn(async move {
            let bookings = bank
                .books
                .post(&instructions, scan_id, bank.frame.now())
                .await;
            bank.wake_sender();
            bookings
        });
        Ok(posting.await.map_err(BankError::Interrupted)??)
    }

    /// What goes wrong with a payment: what was asked, else what was ordered for the rail, else what its texts or the
    /// configuration say.
    async fn faults(
        &self,
        asked: Option<&Faults>,
        texts: &[Option<&str>],
    ) -> Result<Faults, BankError> {
        let asked = asked.filter(|faults| faults.any());
        if asked.is_none() {
            let said: Vec<&str> = texts.iter().flatten().copied().collect();
            let ordered = self
                .frame
                .faults
                .take_ordered("fps", TRANSFER_MENU, &said)
                .await?;
            if ordered.any() {
                return Ok(Faults::ordered(&ordered));
            }
        }
        Ok(Faults::choose(
            asked,
            texts,
            &self.frame.config.fault_defaults,
        ))
    }

    fn payee(&self, fps_id: &str) -> Result<&Payee, BankError> {
        self.frame
            .config
            .payees
            .iter()
            .find(|payee| payee.fps_id == fps_id)
            .ok_or(BankError::UnknownPayee)
    }

    fn payer(&self, asked: Option<&str>, currency: &str) -> Result<Account, BankError> {
        let payers = &self.frame.config.payers;
        let known = match asked {
            None => payers.first(),
            Some(asked) => payers
                .iter()
                .find(|payer| payer.name == asked || payer.account == asked),
        };
        match (known, asked) {
            // Payers' accounts are in HKD; the sandbox changes no money.
            (Some(_), _) if currency != "HKD" => Err(BankError::Currency),
            (Some(payer), _) => Ok(Account {
                number: payer.account.clone(),
                name: payer.name.clone(),
                bank_code: payer.bank_code.clone(),
            }),
            (None, Some(name)) if (1..=140).contains(&name.chars().count()) => Ok(Account {
                number: interbank_account(currency),
                name: name.to_owned(),
                bank_code: BANK_CODE.to_owned(),
            }),
            (None, _) => Err(BankError::PayerName),
        }
    }
}

fn payee_account(payee: &Payee) -> Account {
    Account {
        number: payee.account.clone(),
        name: payee.registered_name.clone(),
        bank_code: BANK_CODE.to_owned(),
    }
}
