//! The options of the commands that call services.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The function to call, such as Product/Search
    #[arg(value_name = "SERVICE/FUNCTION")]
    pub(crate) function: String,
    /// Its parameters
    #[arg(value_name = "name=value", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Ask ApiX instead of the JSON services; the function is a path such as Product/95064565
    #[arg(long)]
    pub(crate) apix: bool,
    /// Ask by POST with the JSON of this file; - is stdin
    #[arg(long, value_name = "FILE", requires = "apix")]
    pub(crate) body: Option<PathBuf>,
    /// Ask for JSONP with this callback; the JSON in it is printed
    #[arg(long, value_name = "NAME", conflicts_with = "apix")]
    pub(crate) jsonp: Option<String>,
    /// Print the answer's bytes as they came
    #[arg(long)]
    pub(crate) raw: bool,
    /// Write to this file instead of stdout; - is stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Soap {
    /// The service to call, such as Product
    #[arg(value_name = "SERVICE")]
    pub(crate) service: String,
    /// The operation, such as DetailsByGtinA
    #[arg(value_name = "OPERATION")]
    pub(crate) operation: String,
    /// Its parameters, in the order of the service's description
    #[arg(value_name = "name=value", value_parser = parameter, conflicts_with = "body")]
    pub(crate) parameters: Vec<(String, String)>,
    /// Send the XML of this file as the body; - is stdin. It is the operation's element, or a whole
    /// envelope
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
    /// Print the answer's XML as it came
    #[arg(long)]
    pub(crate) raw: bool,
    /// Write to this file instead of stdout; - is stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Unifeed {
    /// Search for these words first
    #[arg(long, value_name = "WORDS")]
    pub(crate) query: Option<String>,
    /// Show this product first, by 2BA's number
    #[arg(long, value_name = "ID")]
    pub(crate) product: Option<String>,
    /// Show this trade item first, by 2BA's number
    #[arg(long, value_name = "ID")]
    pub(crate) trade_item: Option<String>,
    /// Show a product or trade item of this GLN first, with --productcode or --trade-item-id
    #[arg(long, value_name = "GLN")]
    pub(crate) gln: Option<String>,
    /// The manufacturer's code of the product
    #[arg(long, value_name = "CODE", requires = "gln")]
    pub(crate) productcode: Option<String>,
    /// The supplier's number of the trade item
    #[arg(
        long,
        value_name = "ID",
        requires = "gln",
        conflicts_with = "productcode"
    )]
    pub(crate) trade_item_id: Option<String>,
    /// Wait for what is selected, and print it as JSON
    #[arg(long)]
    pub(crate) receive: bool,
    /// What may be selected; an article or a list of them, if nothing is said
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        requires = "receive"
    )]
    pub(crate) select: Vec<Wanted>,
    /// The way by which the selection comes back
    #[arg(
        long,
        value_enum,
        value_name = "WAY",
        default_value = "json",
        requires = "receive"
    )]
    pub(crate) way: Way,
    /// The label of the button that returns the selection
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    /// Wait on this port of this machine; a free one, if nothing is said
    #[arg(long, value_name = "PORT", requires = "receive")]
    pub(crate) port: Option<u16>,
    /// Print the address instead of opening it: the access token is in it
    #[arg(long)]
    pub(crate) print_url: bool,
}

/// What may be selected in Unifeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    /// An article: what a supplier sells
    Article,
    /// A list of articles
    List,
    /// A product: what a manufacturer makes
    Product,
}

/// The way by which a selection comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// A form that the browser posts
    Json,
    /// JSON that a script of the page posts
    #[value(name = "jsonpost")]
    JsonPost,
    /// JSON that Unifeed's server posts; it reaches this machine only if it runs here
    #[value(name = "serverjsonpost")]
    ServerJsonPost,
    /// JSON in the address that the browser goes to
    #[value(name = "jsonget")]
    JsonGet,
    /// A form with a field for each property
    Oci2,
}

pub(super) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as name=value".to_owned()),
    }
}
