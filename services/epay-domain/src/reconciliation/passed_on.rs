//! What was passed on to a department, beside what it says it has and what was paid over to it: the third level.
//!
//! 1. A file is judged by the department's last word. Taken as it is, it agrees. Another count or net, a refusal, and silence
//!    after the day by which it was due are breaks.
//! 2. Remittances are added up, the oldest first, beside the net of all files. A sum that some file closes with explains every
//!    remittance since the last such sum; a sum between two files is short, one beyond the last file is over.
//! 3. Three things must hold of the whole feed ([`FeedCheck`]).
//!
//! A break is about one thing and what is wrong with it now. Something else being wrong with the same thing ends it and opens
//! another, and so does agreement. What two people ended stays ended until something else is wrong. A net may be below zero and
//! a day may be without rows, so sums are signed here and nothing depends on their being more than nothing.
//!
//! Nothing here moves money: what is wrong is put right where it was made, and passed on by a later file. Time grows as sorting
//! what is given; the caller bounds it.

use std::collections::BTreeSet;

use epay_money::BreakId;
use jiff::civil::Date;
use uuid::Uuid;

use super::{BreakClass, ReconcileError};

/// A sealed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentFile {
    /// The file.
    pub id: Uuid,
    /// The last day on which it is acknowledged in time.
    pub due_on: Date,
    /// Its credits less its debits, in minor units.
    pub net_minor: i64,
    /// What the department said last.
    pub said: Option<Said>,
    /// It agreed in an earlier run.
    pub met: bool,
}

/// A department's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The acknowledgement.
    pub id: Uuid,
    /// The day on which it came, in Hong Kong.
    pub on: Date,
    /// What it says.
    pub word: Word,
}

/// What a department says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It took it, and found in it what is in it.
    Taken,
    /// It found another count or net.
    Found {
        /// The net that it found, in minor units.
        net_minor: i64,
    },
    /// It did not take it.
    Refused,
}

/// Money that was paid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remitted {
    /// The journal that says so.
    pub journal: Uuid,
    /// The day on which the bank booked it.
    pub on: Date,
    /// How much, in minor units: more than nothing.
    pub minor: i64,
    /// Files explained it in an earlier run.
    pub met: bool,
}

/// What must hold of a whole feed: something must be nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedCheck {
    /// What the books say (2010 less 1230, and what was paid over), less what files say and what waits for the next one.
    Books,
    /// Entries that are in no file, and that the next one will not look at.
    Entries,
    /// What the books say was paid over, less what the bank's statements say.
    Remittances,
}

impl FeedCheck {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Books, Self::Entries, Self::Remittances];

    /// What it means that it is not.
    const fn class(self) -> BreakClass {
        match self {
            Self::Books | Self::Remittances => BreakClass::AmountMismatch,
            // The gateway has them, and the department never will.
            Self::Entries => BreakClass::MissingInRail,
        }
    }
}

/// What a break is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A file, and the word because of which; unset where none came.
    File {
        /// The file.
        file: Uuid,
        /// The acknowledgement.
        word: Option<Uuid>,
    },
    /// A remittance.
    Remittance {
        /// Its journal.
        journal: Uuid,
    },
    /// The feed as a whole.
    Feed(FeedCheck),
}

impl Subject {
    /// Whether both are about one thing, whatever is wrong with it.
    fn is_same_thing(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { file, .. }, Self::File { file: other, .. }) => file == other,
            (Self::Remittance { .. } | Self::Feed(_) | Self::File { .. }, _) => self == other,
        }
    }
}

/// A break that is open, or that two people ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The break.
    pub id: BreakId,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong.
    pub class: BreakClass,
    /// By how much.
    pub difference_minor: i64,
    /// Nobody ended it.
    pub open: bool,
}

/// One feed: the files of a department in one currency, and what there is beside them.
#[derive(Debug, Clone, Copy, Default)]
pub struct PassedOn<'a> {
    /// Files that are to be judged.
    pub files: &'a [SentFile],
    /// The net of all files up to each of the feed's, in the order of their numbers.
    pub closings_minor: &'a [i64],
    /// Every remittance.
    pub remitted: &'a [Remitted],
    /// Sums that were looked at; by how much each is wrong, where it is.
    pub checks: &'a [(FeedCheck, Option<i64>)],
    /// Every break of the feed that is open or that two people ended.
    pub standing: &'a [Standing],
}

/// A difference that no break names yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opened {
    /// What it is about.
    pub subject: Subject,
    /// What is wrong.
    pub class: BreakClass,
    /// What was seen less what was passed on, in minor units.
    pub difference_minor: i64,
    /// It came in the end, on this day: the break is over as soon as it is there.
    pub came_on: Option<Date>,
}

/// Why a break is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The department took the file as it is.
    Taken {
        /// By this acknowledgement.
        word: Uuid,
    },
    /// Files explain the remittance.
    Explained,
    /// The remittance was taken back.
    TakenBack,
    /// It holds again of the feed.
    Agrees,
    /// Something else is wrong with the same thing.
    Became(BreakClass),
}

impl Over {
    /// For people, in a few words.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Taken { word } => {
                format!("the department took the file as it is, by acknowledgement {word}")
            }
            Self::Explained => {
                "what was paid over in all is what files passed on in all".to_owned()
            }
            Self::TakenBack => "it is not said to be a remittance any more".to_owned(),
            Self::Agrees => "both sides agree again".to_owned(),
            Self::Became(class) => format!("it is now {} of another break", class.as_str()),
        }
    }
}

/// What becomes of everything that was given, in the order of its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Files that agree for the first time.
    pub files: Vec<Uuid>,
    /// Remittances that files explain, each with those that are explained together with it.
    pub remittances: Vec<Vec<Uuid>>,
    /// Breaks to be opened.
    pub opened: Vec<Opened>,
    /// Breaks that are over.
    pub ended: Vec<(BreakId, Over)>,
    /// Files of which nothing was said, and that are not due.
    pub waiting: Vec<Uuid>,
}

/// Judges a feed.
///
/// # Errors
/// [`ReconcileError::Overflow`] for sums that do not fit into 64 bits; nothing was decided then.
pub fn judge(passed: &PassedOn<'_>, today: Date) -> Result<Judgement, ReconcileError> {
    let mut work = Work {
        standing: passed.standing,
        judgement: Judgement::default(),
    };
    for file in passed.files {
        work.file(file, today)?;
    }
    work.remitted(passed)?;
    for (check, wrong) in passed.checks {
        let subject = Subject::Feed(*check);
        match wrong {
            None => _ = work.over(&subject, Over::Agrees),
            Some(minor) => work.wrong(subject, check.class(), *minor),
        }
    }
    let mut judgement = work.judgement;
    judgement.files.sort_unstable();
    judgement.waiting.sort_unstable();
    judgement.opened.sort_unstable();
    judgement.ended.sort_unstable_by_key(|(id, _)| *id);
    Ok(judgement)
}

fn less(one: i64, other: i64) -> Result<i64, ReconcileError> {
    one.checked_sub(other).ok_or(ReconcileError::Overflow)
}

#[derive(Debug)]
struct Work<'a> {
    standing: &'a [Standing],
    judgement: Judgement,
}

impl Work<'_> {
    fn file(&mut self, file: &SentFile, today: Date) -> Result<(), ReconcileError> {
        let missing = less(0, file.net_minor)?;
        let (word, class, minor) = match file.said {
            None if today > file.due_on => (None, BreakClass::LateSettlement, missing),
            None => {
                self.judgement.waiting.push(file.id);
                return Ok(());
            }
            Some(said) => match said.word {
                Word::Taken => {
                    self.taken(file, said);
                    return Ok(());
                }
                Word::Found { net_minor } => {
                    let minor = less(net_minor, file.net_minor)?;
                    (Some(said.id), BreakClass::AmountMismatch, minor)
                }
                // It was passed on, and whoever was to have it says that it is not there.
                Word::Refused => (Some(said.id), BreakClass::MissingInRail, missing),
            },
        };
        let file = file.id;
        self.wrong(Subject::File { file, word }, class, minor);
        Ok(())
    }

    fn taken(&mut self, file: &SentFile, said: Said) {
        let subject = Subject::File {
            file: file.id,
            word: Some(said.id),
        };
        let named = self.over(&subject, Over::Taken { word: said.id });
        if file.met {
            return;
        }
        self.judgement.files.push(file.id);
        if !named && said.on > file.due_on {
            self.judgement.opened.push(Opened {
                subject,
                class: BreakClass::LateSettlement,
                difference_minor: 0,
                came_on: Some(said.on),
            });
        }
    }

    fn remitted(&mut self, passed: &PassedOn<'_>) -> Result<(), ReconcileError> {
        let closings: BTreeSet<i64> = passed.closings_minor.iter().copied().collect();
        let last = passed.closings_minor.last().copied().unwrap_or_default();
        let mut sum = 0_i64;
        for one in passed.remitted.iter().filter(|one| one.met) {
            sum = sum.checked_add(one.minor).ok_or(ReconcileError::Overflow)?;
        }
        let mut new: Vec<&Remitted> = passed.remitted.iter().filter(|one| !one.met).collect();
        new.sort_unstable_by_key(|one| (one.on, one.journal));
        let mut since: Vec<(Uuid, BreakClass, i64)> = Vec::new();
        for one in new {
            sum = sum.checked_add(one.minor).ok_or(ReconcileError::Overflow)?;
            if closings.contains(&sum) {
                let earlier = since.drain(..).map(|(journal, ..)| journal);
                let together: Vec<Uuid> = earlier.chain([one.journal]).collect();
                for journal in &together {
                    let journal = *journal;
                    self.over(&Subject::Remittance { journal }, Over::Explained);
                }
                self.judgement.remittances.push(together);
                continue;
            }
            let next = closings.range(sum..).next().copied().unwrap_or(last);
            let (class, of) = if sum > last {
                (BreakClass::OverSettlement, last)
            } else {
                (BreakClass::ShortSettlement, next)
            };
            since.push((one.journal, class, less(sum, of)?));
        }
        for (journal, class, minor) in since {
            self.wrong(Subject::Remittance { journal }, class, minor);
        }
        let known: BTreeSet<Uuid> = passed.remitted.iter().map(|one| one.journal).collect();
        for one in self.standing.iter().filter(|one| one.open) {
            if let Subject::Remittance { journal } = one.subject
                && !known.contains(&journal)
            {
                self.judgement.ended.push((one.id, Over::TakenBack));
            }
        }
        Ok(())
    }

    /// One thing is wrong in this way: by the break that says so already, else by a new one; and in no other way.
    fn wrong(&mut self, subject: Subject, class: BreakClass, difference_minor: i64) {
        let mut named = false;
        for one in self.standing {
            if !one.subject.is_same_thing(&subject) {
                continue;
            }
            let same = (one.subject, one.class, one.difference_minor)
                == (subject, class, difference_minor);
            named |= same;
            if one.open && !same {
                self.judgement.ended.push((one.id, Over::Became(class)));
            }
        }
        if !named {
            self.judgement.opened.push(Opened {
                subject,
                class,
                difference_minor,
                came_on: None,
            });
        }
    }

    /// Nothing is wrong with this thing. Answers whether some break had said that something is.
    fn over(&mut self, subject: &Subject, why: Over) -> bool {
        let mut named = false;
        for one in self.standing {
            if one.subject.is_same_thing(subject) {
                named = true;
                if one.open {
                    self.judgement.ended.push((one.id, why));
                }
            }
        }
        named
    }
}
