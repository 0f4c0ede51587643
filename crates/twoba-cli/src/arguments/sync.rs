//! The options of `twoba sync`.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Sync {
    /// Keep a list of Product Data in a file, a JSON object a line
    #[command(after_help = "Example: twoba sync product-data --into products.jsonl")]
    ProductData(SyncProductData),
}

#[derive(Debug, Args)]
pub(crate) struct SyncProductData {
    /// The file that is brought up to date; FILE.sync beside it says where the list stands
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(kept_file))]
    pub(crate) into: PathBuf,
    /// Which list
    #[arg(long, value_enum, value_name = "LIST", default_value = "products")]
    pub(crate) list: List,
    /// Only what this manufacturer makes, or this supplier sells
    #[arg(long, value_name = "GLN")]
    pub(crate) gln: Option<String>,
    /// Only what is in this selection, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) selection: Option<String>,
    /// How many rows are asked for at once, from 1 to 1000
    #[arg(long, value_name = "ROWS", default_value_t = 1000)]
    pub(crate) page_size: u16,
    /// Ask for everything anew. What is no longer in the list leaves the file
    #[arg(long)]
    pub(crate) full: bool,
}

/// A list of Product Data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum List {
    /// Details of products
    Products,
    /// Descriptions of products, a row for each language
    ProductDescriptions,
    /// ETIM features of products, a row for each
    EtimClassifications,
    /// Environmental figures of products, a row for each stage
    LcaEnvironmental,
    /// Attachments of products, a row for each
    ProductAttachments,
    /// Details of trade items
    TradeItems,
    /// Descriptions of trade items, a row for each language
    TradeItemDescriptions,
    /// How trade items are ordered
    Ordering,
    /// Prices of trade items, a row for each
    Pricings,
    /// Relations of trade items, a row for each
    Relations,
    /// Sizes and weights of trade items
    LogisticDetails,
    /// Attachments of trade items, a row for each
    TradeItemAttachments,
    /// What packages of trade items hold, a row for each
    EnclosedItems,
}

impl List {
    /// Whether the list has one row for each product or trade item.
    pub(crate) fn has_one_each(self) -> bool {
        matches!(self, Self::Products | Self::TradeItems | Self::Ordering)
    }
}

/// A file that is kept, with others beside it. Stdout is none.
fn kept_file(file: PathBuf) -> Result<PathBuf, &'static str> {
    match file.as_os_str() == "-" {
        true => Err("the next run reads this file again: name one, because stdout is none"),
        false => Ok(file),
    }
}
