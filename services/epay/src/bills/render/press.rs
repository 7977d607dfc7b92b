//! Lays bills out and writes their documents.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use epay_demand::{Demand, Press, Typeface, Typefaces, lay_out, svg};
use epay_domain::BillType;
use epay_rails::Registry;
use jiff::civil::Date;

use super::facts::Facts;

/// What is written, and where.
#[derive(Debug, Clone)]
pub(super) struct PrinterOptions {
    pub(super) out: PathBuf,
    pub(super) pdf: bool,
    pub(super) svg: bool,
    pub(super) replace: bool,
    pub(super) pages_address: Option<String>,
    pub(super) printed_on: Date,
}

/// Prints one bill after the other; a thread has one of its own.
#[derive(Debug)]
pub(super) struct Printer<'a> {
    faces: &'a Typefaces,
    rails: &'a Registry,
    press: Press<'a>,
    pub(super) options: PrinterOptions,
}

/// What was printed of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) sheets: usize,
    /// Something is to be paid, and a slip has no code.
    pub(super) without_code: bool,
}

/// Why a bill was not printed: field, stable code, words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotPrinted {
    pub(super) field: &'static str,
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// The faces of a page.
pub(super) fn faces(regular: &Path, bold: &Path) -> anyhow::Result<Typefaces> {
    let face = |path: &Path| {
        let data = std::fs::read(path).with_context(|| {
            format!(
                "the font {} cannot be read; Debian has one in fonts-noto-cjk, or name yours by --font and --font-bold",
                path.display()
            )
        })?;
        Typeface::new(data.into()).with_context(|| format!("the font {}", path.display()))
    };
    Ok(Typefaces {
        regular: face(regular)?,
        bold: face(bold)?,
    })
}

impl<'a> Printer<'a> {
    pub(super) const fn new(
        faces: &'a Typefaces,
        rails: &'a Registry,
        options: PrinterOptions,
    ) -> Self {
        Self {
            faces,
            rails,
            press: Press::new(faces),
            options,
        }
    }

    /// Another one for another thread.
    pub(super) fn another(&self) -> Self {
        Self::new(self.faces, self.rails, self.options.clone())
    }

    /// Prints a bill; its documents are whole, or they are not there.
    pub(super) fn print(&mut self, facts: &Facts, kind: &BillType) -> Result<Printed, NotPrinted> {
        let options = &self.options;
        let address = options.pages_address.as_deref();
        let demand = facts.demand(kind, self.rails, address, options.printed_on);
        let sheets = lay_out(&demand, self.faces).map_err(|fault| NotPrinted {
            field: "row",
            code: fault.code(),
            message: fault.to_string(),
        })?;
        let title = title(&demand);
        if self.options.pdf {
            let printed = self.press.pdf(&sheets, &title, self.options.printed_on);
            let bytes = printed.map_err(|error| NotPrinted {
                field: "row",
                code: "NOT_EMBEDDED",
                message: error.to_string(),
            })?;
            self.write(&format!("{}.pdf", facts.stem), &bytes)?;
        }
        if self.options.svg {
            for (sheet, number) in sheets.iter().zip(1_usize..) {
                let name = match number {
                    1 => format!("{}.svg", facts.stem),
                    number => format!("{}-{number}.svg", facts.stem),
                };
                self.write(&name, svg(sheet, &title).as_bytes())?;
            }
        }
        Ok(Printed {
            sheets: sheets.len(),
            without_code: demand.slips.iter().any(|slip| slip.code.is_none()),
        })
    }

    /// Writes beside its place and moves it there, so that nobody ever reads half a bill.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), NotPrinted> {
        let path = self.options.out.join(name);
        let fault = |code, error: &std::io::Error| NotPrinted {
            field: "document",
            code,
            message: format!("{}: {error}", path.display()),
        };
        if !self.options.replace && path.exists() {
            let there = std::io::Error::from(ErrorKind::AlreadyExists);
            return Err(fault("DOCUMENT_EXISTS", &there));
        }
        let part = self.options.out.join(format!(".{name}.part"));
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&part)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| std::fs::rename(&part, &path));
        written.map_err(|error| fault("NOT_WRITTEN", &error))
    }
}

/// What a viewer calls a document.
fn title(demand: &Demand) -> String {
    let Demand {
        kind,
        number,
        number_label,
        ..
    } = demand;
    format!(
        "{} {}: {} {number}",
        kind.chinese, kind.english, number_label.english
    )
}
