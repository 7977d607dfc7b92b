//! What departments say of files, what was paid over to them, and sums of whole feeds: what is a break, and what ends it.

use std::collections::BTreeSet;

use epay_domain::reconciliation::BreakClass::{
    self, AmountMismatch, LateSettlement, MissingInRail, OverSettlement, ShortSettlement,
};
use epay_domain::reconciliation::passed_on::{
    FeedCheck, Judgement, Opened, Over, PassedOn, Remitted, Said, SentFile, Standing, Subject,
    Word, judge,
};
use epay_money::BreakId;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::support::id;

const DUE: Date = date(2026, 1, 21);
const LATE: Date = date(2026, 1, 22);

fn file(number: u128, net_minor: i64, said: Option<Said>) -> SentFile {
    SentFile {
        id: id(number),
        due_on: DUE,
        net_minor,
        said,
        met: false,
    }
}

fn said(number: u128, on: Date, word: Word) -> Option<Said> {
    let id = id(number);
    Some(Said { id, on, word })
}

fn about(file: u128, word: Option<u128>) -> Subject {
    Subject::File {
        file: id(file),
        word: word.map(id),
    }
}

fn standing(
    number: u128,
    subject: Subject,
    (class, difference_minor): (BreakClass, i64),
) -> Standing {
    Standing {
        id: BreakId::new(id(number)),
        subject,
        class,
        difference_minor,
        open: true,
    }
}

fn paid(journal: u128, on: Date, minor: i64) -> Remitted {
    Remitted {
        journal: id(journal),
        on,
        minor,
        met: false,
    }
}

/// `LATE_SETTLEMENT -500` for what is opened, `+` behind what came in the end.
fn opened(judgement: &Judgement) -> Vec<String> {
    let all = judgement.opened.iter().map(|one: &Opened| {
        let came = one.came_on.map_or("", |_day| " +");
        format!("{} {}{came}", one.class.as_str(), one.difference_minor)
    });
    all.collect()
}

/// What one file comes to on a day: whether it agrees, what is opened, and why breaks end.
fn one(file: SentFile, known: &[Standing], today: Date) -> (bool, Vec<String>, Vec<Over>) {
    let passed = PassedOn {
        files: &[file],
        standing: known,
        ..PassedOn::default()
    };
    let judgement = judge(&passed, today).unwrap();
    let ended = judgement.ended.iter().map(|(_, why)| *why).collect();
    (!judgement.files.is_empty(), opened(&judgement), ended)
}

#[test]
fn a_file_is_judged_by_the_last_word_of_the_department() {
    let found = Word::Found { net_minor: 450 };
    let count = Word::Found { net_minor: 500 };
    for (word, today, agrees, breaks) in [
        (None, DUE, false, vec![]),
        (None, LATE, false, vec!["LATE_SETTLEMENT -500"]),
        (said(9, DUE, Word::Taken), LATE, true, vec![]),
        (
            said(9, LATE, Word::Taken),
            LATE,
            true,
            vec!["LATE_SETTLEMENT 0 +"],
        ),
        (said(9, DUE, found), DUE, false, vec!["AMOUNT_MISMATCH -50"]),
        (said(9, DUE, count), DUE, false, vec!["AMOUNT_MISMATCH 0"]),
        (
            said(9, DUE, Word::Refused),
            DUE,
            false,
            vec!["MISSING_IN_RAIL -500"],
        ),
    ] {
        let breaks: Vec<String> = breaks.into_iter().map(str::to_owned).collect();
        let told = one(file(1, 500, word), &[], today);
        assert_eq!(told, (agrees, breaks, vec![]), "{word:?} on {today}");
    }
}

#[test]
fn nil_days_and_days_below_zero_are_files_like_any_other() {
    for (net, late) in [(0, "LATE_SETTLEMENT 0"), (-300, "LATE_SETTLEMENT 300")] {
        assert_eq!(one(file(1, net, None), &[], LATE).1, [late]);
        let taken = said(9, DUE, Word::Taken);
        assert!(one(file(1, net, taken), &[], DUE).0, "{net}");
    }
}

#[test]
fn a_later_word_ends_the_break_of_an_earlier_one_and_the_same_word_is_no_news() {
    let late = standing(50, about(1, None), (LateSettlement, -500));
    let refused = standing(51, about(1, Some(9)), (MissingInRail, -500));
    let differs = standing(52, about(1, Some(9)), (AmountMismatch, -50));
    let taken = said(10, LATE, Word::Taken);
    let over = Over::Taken { word: id(10) };
    let found = said(10, LATE, Word::Found { net_minor: 450 });
    let refusal = said(9, DUE, Word::Refused);
    for (word, known, agrees, breaks, ended) in [
        (taken, late, true, vec![], vec![over]),
        (taken, refused, true, vec![], vec![over]),
        (taken, differs, true, vec![], vec![over]),
        (None, late, false, vec![], vec![]),
        (refusal, refused, false, vec![], vec![]),
        (
            found,
            refused,
            false,
            vec!["AMOUNT_MISMATCH -50"],
            vec![Over::Became(AmountMismatch)],
        ),
        (
            refusal,
            late,
            false,
            vec!["MISSING_IN_RAIL -500"],
            vec![Over::Became(MissingInRail)],
        ),
    ] {
        let breaks: Vec<String> = breaks.into_iter().map(str::to_owned).collect();
        let told = one(file(1, 500, word), &[known], LATE);
        assert_eq!(told, (agrees, breaks, ended), "{word:?} after {known:?}");
    }
}

#[test]
fn what_two_people_ended_stays_ended_until_something_else_is_said() {
    let late = Standing {
        open: false,
        ..standing(50, about(1, None), (LateSettlement, -500))
    };
    assert_eq!(
        one(file(1, 500, None), &[late], LATE),
        (false, vec![], vec![])
    );
    let refused = file(1, 500, said(9, LATE, Word::Refused));
    let told = one(refused, &[late], LATE);
    assert_eq!(
        told,
        (false, vec!["MISSING_IN_RAIL -500".to_owned()], vec![])
    );
    let taken = file(1, 500, said(9, LATE, Word::Taken));
    assert_eq!(one(taken, &[late], LATE), (true, vec![], vec![]));
}

#[test]
fn a_file_that_agreed_is_looked_at_again_when_the_department_says_otherwise() {
    let again = SentFile {
        met: true,
        ..file(1, 500, said(9, DUE, Word::Refused))
    };
    assert_eq!(one(again, &[], DUE).1, ["MISSING_IN_RAIL -500"]);
    let refused = standing(51, about(1, Some(9)), (MissingInRail, -500));
    let taken = SentFile {
        met: true,
        ..file(1, 500, said(10, LATE, Word::Taken))
    };
    let over = Over::Taken { word: id(10) };
    assert_eq!(
        one(taken, &[refused], LATE),
        (false, vec![], vec![over]),
        "it is matched once"
    );
}

/// `1+2` for remittances that are explained together, then the breaks of the others.
fn told(closings_minor: &[i64], remitted: &[Remitted], known: &[Standing]) -> Vec<String> {
    let passed = PassedOn {
        closings_minor,
        remitted,
        standing: known,
        ..PassedOn::default()
    };
    let judgement = judge(&passed, DUE).unwrap();
    let number = |journal: &uuid::Uuid| (1..99).find(|number| id(*number) == *journal).unwrap();
    let groups = judgement.remittances.iter().map(|group| {
        let numbers: Vec<String> = group.iter().map(|one| number(one).to_string()).collect();
        numbers.join("+")
    });
    groups.chain(opened(&judgement)).collect()
}

#[test]
fn what_was_paid_over_in_all_is_what_some_file_closes_with() {
    let (monday, tuesday) = (date(2026, 1, 19), date(2026, 1, 20));
    let over = vec!["OVER_SETTLEMENT 20"];
    for (closings, remitted, wanted) in [
        (vec![], vec![paid(1, monday, 20)], over.clone()),
        (vec![100], vec![paid(1, monday, 100)], vec!["1"]),
        (vec![100], vec![paid(1, monday, 120)], over.clone()),
        (
            vec![100, 250],
            vec![paid(1, monday, 70)],
            vec!["SHORT_SETTLEMENT -30"],
        ),
        (
            vec![100, 250],
            vec![paid(2, tuesday, 150), paid(1, monday, 100)],
            vec!["1", "2"],
        ),
        (
            vec![100, 250],
            vec![paid(1, monday, 70), paid(2, tuesday, 180)],
            vec!["1+2"],
        ),
        // A day below zero: the second remittance is for what is left of both.
        (
            vec![100, 60, 130],
            vec![paid(1, monday, 100), paid(2, tuesday, 30)],
            vec!["1", "2"],
        ),
        (vec![100, 60], vec![paid(1, monday, 80)], over),
    ] {
        assert_eq!(told(&closings, &remitted, &[]), wanted, "{closings:?}");
    }
}

#[test]
fn a_break_of_a_remittance_ends_when_files_explain_it_or_it_is_taken_back() {
    let subject = Subject::Remittance { journal: id(1) };
    let over = standing(50, subject, (OverSettlement, 20));
    let remitted = [paid(1, DUE, 120)];
    let ended = |closings_minor: &[i64], remitted: &[Remitted]| {
        let passed = PassedOn {
            closings_minor,
            remitted,
            standing: &[over],
            ..PassedOn::default()
        };
        let judgement = judge(&passed, DUE).unwrap();
        (opened(&judgement), judgement.ended)
    };
    let because = |why| vec![(over.id, why)];
    assert_eq!(ended(&[100], &remitted), (vec![], vec![]));
    assert_eq!(
        ended(&[100, 120], &remitted),
        (vec![], because(Over::Explained))
    );
    assert_eq!(ended(&[100], &[]), (vec![], because(Over::TakenBack)));
    let short = vec!["SHORT_SETTLEMENT -30".to_owned()];
    assert_eq!(
        ended(&[100, 150], &remitted),
        (short, because(Over::Became(ShortSettlement)))
    );
}

#[test]
fn what_does_not_hold_of_a_feed_has_a_break_until_it_does() {
    for check in FeedCheck::ALL {
        let class = if check == FeedCheck::Entries {
            MissingInRail
        } else {
            AmountMismatch
        };
        let known = standing(50, Subject::Feed(check), (class, -5));
        let judged = |wrong: Option<i64>, standing: &[Standing]| {
            let passed = PassedOn {
                checks: &[(check, wrong)],
                standing,
                ..PassedOn::default()
            };
            let judgement = judge(&passed, DUE).unwrap();
            let ended: Vec<Over> = judgement.ended.iter().map(|(_, why)| *why).collect();
            (judgement.opened.len(), ended)
        };
        assert_eq!(judged(None, &[]), (0, vec![]));
        assert_eq!(judged(Some(-5), &[]), (1, vec![]));
        assert_eq!(
            judged(Some(0), &[]),
            (1, vec![]),
            "two that make up for each other"
        );
        assert_eq!(judged(Some(-5), &[known]), (0, vec![]));
        assert_eq!(judged(Some(-6), &[known]), (1, vec![Over::Became(class)]));
        assert_eq!(judged(None, &[known]), (0, vec![Over::Agrees]));
    }
}

#[test]
fn sums_that_do_not_fit_decide_nothing() {
    let remitted = [paid(1, DUE, i64::MAX), paid(2, DUE, 1)];
    let passed = PassedOn {
        remitted: &remitted,
        ..PassedOn::default()
    };
    assert!(judge(&passed, DUE).is_err());
    let lowest = file(1, i64::MIN, None);
    let passed = PassedOn {
        files: &[lowest],
        ..PassedOn::default()
    };
    assert!(judge(&passed, LATE).is_err());
}

fn a_word() -> impl Strategy<Value = Word> {
    let found = (-2_i64..3).prop_map(|net_minor| Word::Found { net_minor });
    prop_oneof![Just(Word::Taken), Just(Word::Refused), found]
}

fn a_file() -> impl Strategy<Value = SentFile> {
    let word = prop::option::of((a_word(), 20_i8..24, 100_u128..103));
    (-2_i64..3, word, any::<bool>()).prop_map(|(net, word, met)| SentFile {
        met,
        ..file(
            0,
            net,
            word.and_then(|(word, day, number)| said(number, date(2026, 1, day), word)),
        )
    })
}

fn a_break() -> impl Strategy<Value = Standing> {
    let word = prop::option::of(100_u128..103);
    let of_file = (0_u128..6, word).prop_map(|(number, word)| about(number, word));
    let of_money = (200_u128..206).prop_map(|number| Subject::Remittance {
        journal: id(number),
    });
    let subject = prop_oneof![
        of_file,
        of_money,
        prop::sample::select(&FeedCheck::ALL[..]).prop_map(Subject::Feed)
    ];
    let class = prop::sample::select(BreakClass::ALL);
    (subject, class, -3_i64..4, any::<bool>()).prop_map(|(subject, class, minor, open)| Standing {
        open,
        ..standing(0, subject, (class, minor))
    })
}

/// Files, remittances and breaks, each with a name of its own.
fn a_feed() -> impl Strategy<Value = (Vec<SentFile>, Vec<Remitted>, Vec<Standing>, Vec<i64>)> {
    let money = (1_i64..4, 19_i8..24, any::<bool>()).prop_map(|(minor, day, met)| Remitted {
        met,
        ..paid(0, date(2026, 1, day), minor)
    });
    let named = (
        prop::collection::vec(a_file(), 0..6),
        prop::collection::vec(money, 0..6),
        prop::collection::vec(a_break(), 0..6),
        prop::collection::vec(-2_i64..12, 0..6),
    );
    named.prop_map(|(mut files, mut money, mut breaks, closings)| {
        for (one, number) in files.iter_mut().zip(0..) {
            one.id = id(number);
        }
        for (one, number) in money.iter_mut().zip(200..) {
            one.journal = id(number);
        }
        for (one, number) in breaks.iter_mut().zip(300..) {
            one.id = BreakId::new(id(number));
        }
        (files, money, breaks, closings)
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_and_the_order_does_not_matter(
        (files, remitted, standing, closings) in a_feed(),
        checks in prop::sample::subsequence(&FeedCheck::ALL[..], 0..=3),
        turn in 0_usize..6,
    ) {
        let checks: Vec<(FeedCheck, Option<i64>)> = checks.into_iter().zip([None, Some(7), Some(0)]).collect();
        let passed = PassedOn {
            files: &files, closings_minor: &closings, remitted: &remitted, checks: &checks, standing: &standing,
        };
        let judgement = judge(&passed, LATE).unwrap();

        let (mut files_too, mut remitted_too, mut standing_too) = (files.clone(), remitted.clone(), standing.clone());
        files_too.rotate_left(turn.min(files.len()));
        remitted_too.reverse();
        standing_too.rotate_left(turn.min(standing.len()));
        let again = PassedOn {
            files: &files_too, closings_minor: &closings, remitted: &remitted_too, checks: &checks, standing: &standing_too,
        };
        prop_assert_eq!(&judge(&again, LATE).unwrap(), &judgement);

        // Every file agrees, waits, or has a break.
        let over: BTreeSet<BreakId> = judgement.ended.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(over.len(), judgement.ended.len(), "a break ends once");
        let broken = |same: &dyn Fn(&Subject) -> bool| {
            let kept = standing.iter().filter(|one| !over.contains(&one.id)).any(|one| same(&one.subject));
            kept || judgement.opened.iter().any(|one| one.came_on.is_none() && same(&one.subject))
        };
        for one in &files {
            let has_break = broken(&|subject| matches!(subject, Subject::File { file, .. } if *file == one.id));
            let taken = matches!(one.said, Some(Said { word: Word::Taken, .. }));
            let waits = judgement.waiting.contains(&one.id);
            prop_assert_eq!(judgement.files.contains(&one.id), taken && !one.met);
            prop_assert!(taken || waits || has_break, "{:?} is lost", one);
        }
        for one in remitted.iter().filter(|one| !one.met) {
            let explained = judgement.remittances.iter().flatten().filter(|journal| **journal == one.journal).count();
            let has_break = broken(&|subject| *subject == Subject::Remittance { journal: one.journal });
            prop_assert!(explained == 1 || (explained == 0 && has_break), "{:?} is lost", one);
        }

        // Told the same with what came of it, nothing is new.
        let mut known: Vec<Standing> = standing.iter().filter(|one| !over.contains(&one.id)).copied().collect();
        let fresh = judgement.opened.iter().filter(|one| one.came_on.is_none());
        known.extend(fresh.zip(400..).map(|(one, number)| Standing {
            id: BreakId::new(id(number)), subject: one.subject, class: one.class,
            difference_minor: one.difference_minor, open: true,
        }));
        for one in &mut files_too {
            one.met |= judgement.files.contains(&one.id);
        }
        for one in &mut remitted_too {
            one.met |= judgement.remittances.iter().flatten().any(|journal| *journal == one.journal);
        }
        let next = PassedOn {
            files: &files_too, closings_minor: &closings, remitted: &remitted_too, checks: &checks, standing: &known,
        };
        let next = judge(&next, LATE).unwrap();
        prop_assert_eq!((next.files.len(), next.remittances.len(), next.opened.len(), next.ended.len()), (0, 0, 0, 0));
    }
}
