//! Notices from the shell.

use clap::{Subcommand, ValueEnum};
use epay_domain::notification::{Notice, NoticeState};
use epay_money::{BillId, BillerId, Language, hong_kong_date};
use epay_notice::{Channel, Details, Kind, Shelf, Sms, Tongue};
use epay_store::PageRequest;
use epay_store::notice::NoticeFilter;
use jiff::civil::Date;

use super::NoticeSettings;
use crate::roles::start_engine;
use crate::settings::Settings;

/// Notices that one call prints unless somebody says otherwise.
const SHOWN: i64 = 100;

/// Verbs about notices.
#[derive(Debug, Subcommand)]
pub(crate) enum NoticesCommand {
    /// Show notices of a department, newest first. No address is known here.
    List {
        /// The department.
        #[arg(long)]
        biller: BillerId,
        /// Only those of this bill.
        #[arg(long)]
        bill: Option<BillId>,
        /// Only those that stand so, for instance suppressed.
        #[arg(long)]
        state: Option<String>,
        /// How many, at most a thousand.
        #[arg(long, default_value_t = SHOWN)]
        limit: i64,
        /// Print a JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show what a kind of notice says, with facts that are made up. Needs no database.
    Preview {
        /// The kind, for instance `bill_ready`; every one unless given.
        #[arg(long)]
        kind: Option<String>,
        /// The channel: `iamsmart_push`, `sms` or `email`.
        #[arg(long, default_value = "sms")]
        channel: String,
        /// The language: en-HK, zh-HK or zh-CN; two languages unless given.
        #[arg(long)]
        language: Option<String>,
    },
    /// Say that the weather of a day keeps people at home, or no longer does: what can wait is told the next morning.
    SevereWeather {
        /// Whether it does.
        switch: Switch,
        /// The day; today in Hong Kong unless given.
        #[arg(long)]
        date: Option<Date>,
        /// Who says so.
        #[arg(long = "as", env = "USER")]
        caller: String,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// Runs a verb.
pub(crate) async fn run(
    command: NoticesCommand,
    settings: impl Fn() -> anyhow::Result<Settings>,
) -> anyhow::Result<()> {
    match command {
        NoticesCommand::List {
            biller,
            bill,
            state,
            limit,
            json,
        } => {
            let state = state
                .map(|word| word_of(&NoticeState::ALL, &word, |known| known.as_str()))
                .transpose()?;
            let filter = NoticeFilter {
                bill,
                state,
                ..NoticeFilter::default()
            };
            let settings = settings()?;
            let engine = start_engine(&settings, &settings.database.config()?).await?;
            let page = PageRequest {
                size: limit,
                after: None,
            };
            let found = engine.reader().notices(&biller, &filter, page).await;
            engine.drain().await;
            for notice in found?.items {
                print(&notice, json);
            }
            Ok(())
        }
        NoticesCommand::Preview {
            kind,
            channel,
            language,
        } => preview(kind.as_deref(), &channel, language.as_deref()),
        NoticesCommand::SevereWeather {
            switch,
            date,
            caller,
        } => {
            let settings = settings()?;
            let engine = start_engine(&settings, &settings.database.config()?).await?;
            let day = date.unwrap_or_else(|| hong_kong_date(engine.now()));
            let said = engine
                .set_severe_weather((day, switch == Switch::On), caller)
                .await;
            engine.drain().await;
            let said = said?;
            let holds = if said.severe {
                "keeps"
            } else {
                "does not keep"
            };
            println!(
                "{day}: the weather {holds} people at home, says {}",
                said.person
            );
            Ok(())
        }
    }
}

/// What a word stands for.
fn word_of<T: Copy>(all: &[T], word: &str, name: impl Fn(&T) -> &'static str) -> anyhow::Result<T> {
    let found = all.iter().find(|known| name(known) == word);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(&name).collect();
        anyhow::anyhow!("{word:?} is none of: {}", names.join(", "))
    })
}

fn preview(kind: Option<&str>, channel: &str, language: Option<&str>) -> anyhow::Result<()> {
    let kinds = match kind {
        Some(word) => vec![word_of(&Kind::ALL, word, |known| known.as_str())?],
        None => Kind::ALL.to_vec(),
    };
    let channel = word_of(&Channel::ALL, channel, |known| known.as_str())?;
    let tongue = match language {
        Some(word) => Tongue::One(word_of(&Language::ALL, word, |known| known.locale())?),
        None => Tongue::Both,
    };
    let shelf = NoticeSettings::shelf()?;
    for kind in kinds {
        show(&shelf, (kind, channel), tongue)?;
    }
    Ok(())
}

fn show(shelf: &Shelf, (kind, channel): (Kind, Channel), tongue: Tongue) -> anyhow::Result<()> {
    let details = Details::example()?;
    let text = shelf.latest().render((kind, channel), tongue, &details)?;
    let cost = match channel {
        Channel::Sms => format!(", {} parts", Sms::of(&text.body).parts.len()),
        Channel::IamSmartPush | Channel::Email => String::new(),
    };
    println!("{} by {}{cost}", kind.as_str(), channel.as_str());
    for line in text
        .title
        .iter()
        .map(String::as_str)
        .chain(text.body.lines())
    {
        println!("  {line}");
    }
    Ok(())
}

fn print(notice: &Notice, json: bool) {
    let reason = notice.reason.map(|reason| reason.as_str());
    let channel = notice.channel.map(Channel::as_str);
    if json {
        println!(
            "{}",
            serde_json::json!({
                "id": notice.id.to_string(), "bill": notice.bill.to_string(), "person": notice.person.to_string(),
                "name": notice.name, "state": notice.state.as_str(), "reason": reason, "channel": channel,
                "attempts": notice.attempts, "next_at": notice.next_at.map(|at| at.to_string()),
            })
        );
        return;
    }
    let due = notice
        .next_at
        .map_or(String::new(), |at| format!(", due {at}"));
    println!(
        "{} {} {} {}{}{due}",
        notice.bill,
        notice.name,
        notice.state.as_str(),
        channel.unwrap_or("-"),
        reason.map_or(String::new(), |reason| format!(" ({reason})")),
    );
}
