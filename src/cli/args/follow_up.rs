//! The arguments of `kaizodo retry` and `kaizodo ask`, which continue a saved run.

use super::{ColorArg, one_of};
use crate::config::ProviderChoice;

#[derive(Debug, clap::Args)]
pub(crate) struct RetryArgs {
    /// The run: `last`, `last~1` (the one before), `last~2` …, its name, or the beginning of its name (default: last)
    #[arg(default_value = "last", hide_default_value = true)]
    pub(crate) run: String,
    /// The sections to ask for again, by name or heading (default: all that are incomplete)
    #[arg(value_name = "SECTION")]
    pub(crate) sections: Vec<String>,
    /// The model to ask this time, and no other
    #[arg(long, short)]
    pub(crate) model: Option<String>,
    /// Who answers: auto, openai, local or worksheet (default: the settings; if that is another server than the run's, nothing is sent)
    #[arg(long, value_parser = one_of::<ProviderChoice>(&["auto", "openai", "local", "worksheet"]), hide_possible_values = true)]
    pub(crate) provider: Option<ProviderChoice>,
    /// Print the new events, one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AskArgs {
    /// What you want to know
    #[arg(required = true)]
    pub(crate) question: Vec<String>,
    /// The run: `last`, `last~1` (the one before), `last~2` …, its name, or the beginning of its name (default: last)
    #[arg(long, short, default_value = "last", hide_default_value = true)]
    pub(crate) run: String,
    /// The section to ask about, by name or heading (default: all answers)
    #[arg(long, short)]
    pub(crate) section: Option<String>,
    /// Who answers: auto, openai, local or worksheet (default: the settings; if that is another server than the run's, nothing is sent)
    #[arg(long, value_parser = one_of::<ProviderChoice>(&["auto", "openai", "local", "worksheet"]), hide_possible_values = true)]
    pub(crate) provider: Option<ProviderChoice>,
    /// Print the new events, one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) color: ColorArg,
}
