//! The third level in a run: each feed of the department is read, judged in memory, and turned into matches and breaks. It books
//! nothing.
//!
//! Files and remittances are looked at in every run. What must hold of a whole feed takes a look through the whole history of the
//! department's accounts, so it is asked by the first run of a day, and by every run while a break says that it does not hold.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::case::{Case, CaseFact, CaseItem, CaseState, Hint, ItemKind};
use epay_domain::reconciliation::passed_on::{
    FeedCheck, Judgement, Opened, PassedOn, Remitted, SentFile, Standing, Subject, judge,
};
use epay_domain::reconciliation::{Level, MatchedBy, Why};
use epay_feed::file_stem;
use epay_money::{BillerId, JournalId, Money};
use epay_store::feed::{FeedKey, feed_balance, feeds};
use epay_store::reconciliation::{self as store, FileToJudge, MatchPart, Remittance};
use uuid::Uuid;

use super::found::Run;
use crate::error::{BatchError, chain};

/// Most files of a feed that one run judges, the oldest first.
const FILES_MAX: i64 = 10_000;

/// A feed as it was read.
#[derive(Debug)]
struct FeedSides {
    key: FeedKey,
    files: BTreeMap<Uuid, FileToJudge>,
    closings_minor: Vec<i64>,
    remittances: BTreeMap<Uuid, Remittance>,
    checks: Vec<(FeedCheck, Option<i64>)>,
    standing: Vec<Case>,
}

/// Looks at every feed of a department. `in_depth` asks for what takes a look through its whole history.
pub(super) async fn look(
    tx: &Transaction<'_>,
    biller: &BillerId,
    in_depth: bool,
    run: &mut Run<'_>,
) -> Result<(), BatchError> {
    for feed in feeds(tx, Some(biller)).await? {
        let sides = read(tx, feed.key, in_depth).await?;
        let files: Vec<SentFile> = sides.files.values().map(|file| file.sent).collect();
        let remitted = sides.remittances.values().map(|one| one.remitted);
        let remitted: Vec<Remitted> = remitted.collect();
        let standing: Vec<Standing> = sides.standing.iter().filter_map(standing).collect();
        let passed = PassedOn {
            files: &files,
            closings_minor: &sides.closings_minor,
            remitted: &remitted,
            checks: &sides.checks,
            standing: &standing,
        };
        let judgement = judge(&passed, run.books.context.today)
            .map_err(|error| BatchError::Spoiled(chain(&error)))?;
        run.judged(&sides, &judgement);
    }
    Ok(())
}

async fn read(tx: &Transaction<'_>, key: FeedKey, in_depth: bool) -> Result<FeedSides, BatchError> {
    let remittances = store::remittances_in(tx, &key).await?;
    let standing = store::standing_cases_in(tx, &key).await?;
    let doubted = standing.iter().any(|case| {
        case.state == CaseState::Open && matches!(subject(case), Some(Subject::Feed(_)))
    });
    let checks = if in_depth || doubted {
        checks(tx, &key, &remittances).await?
    } else {
        vec![]
    };
    let files = store::files_to_judge_in(tx, &key, FILES_MAX).await?;
    let remittances = remittances.into_iter();
    Ok(FeedSides {
        files: files.into_iter().map(|file| (file.sent.id, file)).collect(),
        closings_minor: store::feed_closings_in(tx, &key).await?,
        remittances: remittances.map(|one| (one.remitted.journal, one)).collect(),
        checks,
        standing,
        key,
    })
}

/// One statement of SQL sees the files, the books and the entries between them at one moment.
async fn checks(
    tx: &Transaction<'_>,
    key: &FeedKey,
    remittances: &[Remittance],
) -> Result<Vec<(FeedCheck, Option<i64>)>, BatchError> {
    let balance = feed_balance(tx, key).await?;
    let wrong = |minor: i64| (minor != 0).then_some(minor);
    let by_bank = remittances.iter().map(|one| one.remitted.minor);
    let by_bank = by_bank.fold(0, i64::saturating_add);
    let passed_over = balance.passed_over;
    Ok(FeedCheck::ALL
        .into_iter()
        .map(|check| {
            let wrong = match check {
                FeedCheck::Books => wrong(balance.difference_minor()),
                // Nothing was seen of them, whatever they are in all.
                FeedCheck::Entries => {
                    (passed_over.entries > 0).then_some(passed_over.minor.saturating_neg())
                }
                FeedCheck::Remittances => wrong(balance.remitted_minor.saturating_sub(by_bank)),
            };
            (check, wrong)
        })
        .collect())
}

const fn check_kind(check: FeedCheck) -> ItemKind {
    match check {
        FeedCheck::Books => ItemKind::FeedBooks,
        FeedCheck::Entries => ItemKind::FeedEntries,
        FeedCheck::Remittances => ItemKind::FeedRemittances,
    }
}

/// What a break of this level is about: the one thing that was expected.
fn subject(case: &Case) -> Option<Subject> {
    let thing = case.expected.first()?;
    match thing.kind {
        ItemKind::FeedFile => Some(Subject::File {
            file: thing.id,
            word: case.observed.first().map(|word| word.id),
        }),
        ItemKind::Remittance => Some(Subject::Remittance { journal: thing.id }),
        kind => FeedCheck::ALL
            .into_iter()
            .find(|check| check_kind(*check) == kind)
            .map(Subject::Feed),
    }
}

fn standing(case: &Case) -> Option<Standing> {
    Some(Standing {
        id: case.id,
        subject: subject(case)?,
        class: case.class,
        difference_minor: case.difference_minor,
        open: case.state == CaseState::Open,
    })
}

impl FeedSides {
    /// The name of a file, without the ending of a shape.
    fn name(&self, file: &FileToJudge) -> String {
        let number = u64::try_from(file.sequence).unwrap_or_default();
        file_stem(
            self.key.biller.as_str(),
            self.key.currency,
            file.day,
            number,
        )
    }

    /// The one thing that a break is about.
    fn thing(&self, subject: Subject) -> CaseItem {
        let (kind, id, reference, minor) = match subject {
            Subject::File { file: id, .. } => {
                let file = self.files.get(&id);
                let net = file.map_or(0, |file| file.sent.net_minor);
                let name = file.map(|file| self.name(file));
                (ItemKind::FeedFile, id, name, net)
            }
            Subject::Remittance { journal } => {
                let minor = self.remittances.get(&journal).map(|one| one.remitted.minor);
                let minor = minor.map_or(0, i64::saturating_neg);
                (ItemKind::Remittance, journal, None, minor)
            }
            Subject::Feed(check) => {
                let name = format!("{}/{}", self.key.biller, self.key.currency.code());
                (check_kind(check), Uuid::nil(), Some(name), 0)
            }
        };
        CaseItem {
            kind,
            id,
            line: 0,
            reference,
            minor,
        }
    }

    /// What the department said of it, in words that people read.
    fn word(&self, subject: Subject) -> Option<CaseItem> {
        let Subject::File {
            file,
            word: Some(id),
        } = subject
        else {
            return None;
        };
        let said = self.files.get(&file)?.said.as_ref()?;
        let (line, reference, minor) = match (&said.found, &said.refusal) {
            (Some((rows, net)), _) => {
                let net = Money::new(*net, self.key.currency);
                (0, format!("{rows} rows, net {net}"), net.minor())
            }
            (None, Some((line, reason))) => (*line, reason.clone(), 0),
            (None, None) => (0, String::new(), 0),
        };
        Some(CaseItem {
            kind: ItemKind::Acknowledgement,
            id,
            line,
            reference: Some(reference),
            minor,
        })
    }
}

impl Run<'_> {
    fn judged(&mut self, sides: &FeedSides, judgement: &Judgement) {
        // These were locked with the book's other open breaks, but for those that people ended: nothing ends those.
        for (id, why) in &judgement.ended {
            let fact = CaseFact::Explained {
                what: why.what(),
                journals: vec![],
            };
            self.tell(*id, &fact);
        }
        for file in judgement.files.iter().filter_map(|id| sides.files.get(id)) {
            self.agrees(sides, file);
        }
        for together in &judgement.remittances {
            self.explained(sides, together);
        }
        for one in &judgement.opened {
            self.differs(sides, one);
        }
    }

    fn agrees(&mut self, sides: &FeedSides, file: &FileToJudge) {
        let Some(said) = file.sent.said else { return };
        let part = MatchPart {
            id: self.books.context.ids.next(),
            part: 1,
            level: Level::Department,
            by: MatchedBy::FileNumber,
            rail: None,
            kind: ItemKind::FeedFile,
            expected: Some(file.sent.id),
            seen: Some((said.id, 0)),
            amount: Money::new(file.sent.net_minor, sides.key.currency),
            day: said.on,
            journal: None,
        };
        self.writes.matches.push(part);
    }

    fn explained(&mut self, sides: &FeedSides, journals: &[Uuid]) {
        let id = self.books.context.ids.next();
        let all = journals.iter().filter_map(|id| sides.remittances.get(id));
        let parts = all.zip(1_i32..).map(|(one, part)| MatchPart {
            id,
            part,
            level: Level::Department,
            by: MatchedBy::RunningTotal,
            rail: None,
            kind: ItemKind::Remittance,
            expected: Some(one.remitted.journal),
            seen: Some(one.entry),
            amount: Money::new(one.remitted.minor, sides.key.currency),
            day: one.remitted.on,
            journal: Some(JournalId::new(one.remitted.journal)),
        });
        self.writes.matches.extend(parts);
    }

    fn differs(&mut self, sides: &FeedSides, one: &Opened) {
        let word = sides.word(one.subject);
        let hint = word.clone().map(|word| Hint {
            why: Why::DepartmentSays,
            items: vec![word],
        });
        let case = Case {
            expected: vec![sides.thing(one.subject)],
            observed: word.into_iter().collect(),
            hints: hint.into_iter().collect(),
            ..self.new_case(
                (Level::Department, one.class),
                (sides.key.currency, one.difference_minor),
            )
        };
        let id = case.id;
        self.found(case, vec![]);
        if let Some(on) = one.came_on {
            let fact = CaseFact::Explained {
                what: format!("it came late, on {on}"),
                journals: vec![],
            };
            self.tell(id, &fact);
        }
    }
}
