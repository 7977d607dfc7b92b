//! Where the bills come from: a file and its kinds, or the books.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::thread;

use anyhow::Context;
use epay_bill_file::{Format, Read, Reader, Row};
use epay_domain::{BillType, Refusal};
use epay_money::{BillId, BillTypeCode, BillerId, BusinessCalendar};
use indicatif::ProgressBar;

use super::facts::Facts;
use super::press::{NotPrinted, Printed, Printer};
use super::{Done, Fault, ROWS_AT_ONCE};
use crate::bill_types::{read_kinds, said};
use crate::bills::PIECE_BYTES;
use crate::roles::start_engine;
use crate::settings::Settings;

/// Kinds by their codes.
pub(super) type Kinds = BTreeMap<BillTypeCode, BillType>;

/// Reads a file of kinds.
pub(super) fn kinds(path: &Path) -> anyhow::Result<Kinds> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let kinds = read_kinds(&text).map_err(|faults| {
        let faults = faults.iter().map(said).collect::<Vec<_>>();
        anyhow::anyhow!("the kinds of bill cannot be used:\n{}", faults.join("\n"))
    })?;
    let by_code = kinds.into_iter().map(|kind| (kind.code.clone(), kind));
    Ok(by_code.collect())
}

/// Prints every bill of a file.
pub(super) fn print_file(
    path: &Path,
    format: Format,
    kinds: &Kinds,
    calendar: &BusinessCalendar,
    printer: Printer<'_>,
    bar: &ProgressBar,
) -> anyhow::Result<Done> {
    let mut file = std::fs::File::open(path)?;
    let mut reader = Reader::new(format);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut printers: Vec<Printer<'_>> = (1..threads).map(|_| printer.another()).collect();
    printers.push(printer);
    let mut done = Done::default();
    let mut rows = vec![];
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let taken = file.read(&mut piece)?;
        let fed = if taken == 0 {
            let end = std::mem::replace(&mut reader, Reader::new(format));
            end.end(&mut rows)
        } else {
            reader.feed(piece.get(..taken).unwrap_or_default(), &mut rows)
        };
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(ROWS_AT_ONCE));
            print_rows(now, kinds, calendar, &mut printers, &mut done);
            rest = later;
            bar.set_message(format!("{} printed, {} refused", done.bills, done.refused));
        }
        rows.clear();
        bar.inc(u64::try_from(taken)?);
        if let Err(fault) = fed {
            done.stop = Some(format!("{} ({})", fault.message, fault.code));
            return Ok(done);
        }
        if taken == 0 {
            return Ok(done);
        }
    }
}

/// What became of a row: printed, nothing to print, or why not.
type Outcome = Result<Option<Printed>, Vec<Fault>>;

/// Prints rows side by side and counts them in their order.
fn print_rows(
    rows: &[Read],
    kinds: &Kinds,
    calendar: &BusinessCalendar,
    printers: &mut [Printer<'_>],
    done: &mut Done,
) {
    let share = rows.len().div_ceil(printers.len().max(1)).max(1);
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let pairs = printers.iter_mut().zip(rows.chunks(share));
        let threads: Vec<_> = pairs
            .map(|(printer, rows)| {
                scope.spawn(move || {
                    let one = |row| print_row(row, kinds, calendar, printer);
                    rows.iter().map(one).collect::<Vec<Outcome>>()
                })
            })
            .collect();
        // A thread that panicked has said why; its rows count as refused rather than as printed.
        let joined = threads.into_iter().zip(rows.chunks(share));
        joined
            .flat_map(|(thread, rows)| {
                thread
                    .join()
                    .unwrap_or_else(|_panic| rows.iter().map(|_| Err(vec![])).collect())
            })
            .collect()
    });
    for outcome in outcomes {
        count(outcome, done);
    }
}

fn count(outcome: Outcome, done: &mut Done) {
    match outcome {
        Ok(Some(printed)) => {
            done.bills = done.bills.saturating_add(1);
            let sheets = u64::try_from(printed.sheets).unwrap_or(u64::MAX);
            done.sheets = done.sheets.saturating_add(sheets);
            let without = u64::from(printed.without_code);
            done.without_code = done.without_code.saturating_add(without);
        }
        Ok(None) => done.withdrawn = done.withdrawn.saturating_add(1),
        Err(faults) => done.refuse(faults),
    }
}

fn print_row(
    read: &Read,
    kinds: &Kinds,
    calendar: &BusinessCalendar,
    printer: &mut Printer<'_>,
) -> Outcome {
    let row = read.as_ref().map_err(|faults| {
        let faults = faults.iter().map(|fault| Fault {
            line: fault.line,
            bill: fault.document.clone().unwrap_or_default(),
            field: fault.field.to_owned(),
            code: fault.code.to_owned(),
            message: fault.message.clone(),
        });
        faults.collect::<Vec<_>>()
    })?;
    let Some(demand) = &row.demand else {
        return Ok(None);
    };
    let fault = |field: &str, code: &str, message: String| {
        vec![Fault {
            line: row.line,
            bill: row.document.clone(),
            field: field.to_owned(),
            code: code.to_owned(),
            message,
        }]
    };
    let kind = kinds.get(&demand.bill_type).ok_or_else(|| {
        let words = "the file of kinds has no such kind of bill";
        fault("bill_type", "BILL_TYPE_UNKNOWN", words.to_owned())
    })?;
    let facts = Facts::of_row(demand, stem(row), kind, calendar)
        .map_err(|refusal: Refusal| fault("row", refusal.code(), refusal.to_string()))?;
    let printed = printer.print(&facts, kind);
    printed.map(Some).map_err(|not: NotPrinted| {
        let NotPrinted {
            field,
            code,
            message,
        } = not;
        fault(field, code, message)
    })
}

/// The department's own name of the demand, as a file may be called; a revision has its number behind it.
fn stem(row: &Row) -> String {
    let plain = row.document.replace(['/', ':'], "_");
    match row.revision {
        0 => plain,
        revision => format!("{plain}@{revision}"),
    }
}

/// Prints bills of the books.
pub(super) async fn print_named(
    names: &[String],
    settings: &Settings,
    mut printer: Printer<'_>,
) -> anyhow::Result<Done> {
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let mut done = Done::default();
    for name in names {
        let (biller, id) = read_name(name)?;
        let view = engine.reader().bill(&biller, id).await;
        let view = view.with_context(|| name.clone())?;
        let facts = Facts::of_bill(&view.bill, &view.kind, printer.options.printed_on);
        let printed = printer.print(&facts, &view.kind).map(Some);
        let outcome = printed.map_err(|not| {
            vec![Fault {
                line: 0,
                bill: name.clone(),
                field: not.field.to_owned(),
                code: not.code.to_owned(),
                message: not.message,
            }]
        });
        count(outcome, &mut done);
    }
    engine.drain().await;
    Ok(done)
}

fn read_name(name: &str) -> anyhow::Result<(BillerId, BillId)> {
    let parts: Vec<&str> = name.split('/').collect();
    let ["billers", biller, "bills", bill] = parts.as_slice() else {
        anyhow::bail!("{name} is not the name of a bill: billers/rvd/bills/{{id}}");
    };
    Ok((biller.parse()?, bill.parse()?))
}
