//! `epay qr decode`: reads a payload and says everything that is wrong with it.

use clap::{Args, ValueEnum};
use emvqr::{Profile, parse_bytes};

use super::report::Report;
use super::{Answer, input, say};

/// Read a payload and say everything that is wrong with it.
///
/// Exit code: 0 valid, 1 not valid, 2 the command was not understood or could not be carried out.
#[derive(Debug, Args)]
pub(crate) struct DecodeArgs {
    /// The payload, or - for standard input.
    payload: String,
    /// Print one JSON object: valid, objects, fps, errors, warnings.
    #[arg(long)]
    json: bool,
    /// Read one payload a line from standard input and print one JSON object a line.
    #[arg(long, requires = "json")]
    lines: bool,
    /// By which rules the payload is valid. What breaks the FPS rules in an FPS code is an error with "hk" and a warning otherwise.
    #[arg(long, value_enum, default_value_t = Rules::Emv)]
    profile: Rules,
}

/// The rules that make a payload valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rules {
    /// EMVCo's specification, every rule.
    Emv,
    /// As "emv", and the Hong Kong FPS profile where the code has an FPS account.
    Hk,
    /// As "emv", but rules that leave account and amount beyond doubt only warn.
    Lenient,
}

pub(super) fn run(arguments: &DecodeArgs) -> anyhow::Result<Answer> {
    if !arguments.lines {
        return judge(&input::payload(&arguments.payload)?, arguments);
    }
    if arguments.payload != "-" {
        anyhow::bail!("--lines reads standard input: give - as the payload");
    }
    let mut answer = Answer::Yes;
    input::each_line(|line| {
        if judge(line, arguments)? == Answer::Refused {
            answer = Answer::Refused;
        }
        Ok(())
    })?;
    Ok(answer)
}

fn judge(payload: &[u8], arguments: &DecodeArgs) -> anyhow::Result<Answer> {
    let profile = match arguments.profile {
        Rules::Emv | Rules::Hk => Profile::Strict,
        Rules::Lenient => Profile::Lenient,
    };
    let parsed = parse_bytes(payload, profile);
    let report = Report::new(&parsed, arguments.profile == Rules::Hk);
    let text = if arguments.json {
        format!("{}\n", report.json())
    } else {
        report.text()
    };
    say(text.as_bytes())?;
    Ok(if report.is_valid() {
        Answer::Yes
    } else {
        Answer::Refused
    })
}
