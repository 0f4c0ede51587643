//! `twoba sync product-data`: a file with a list of Product Data, brought up to date by what has
//! changed since the last time.
//!
//! Beside the file lie `FILE.sync`, which says where the synchronization stands, and during a run
//! `FILE.part` with the rows that have come. Each page is on the disk before the state that leads
//! behind it, and the file itself is replaced as a whole: wherever a run is cut off, the next one goes
//! on with the same page. `FILE.lock` keeps two runs apart.

mod files;
mod merge;
mod state;

use serde_json::json;
use twoba_blocking::GetError;
use twoba_services::product_data::{Bulk, Call, SyncAnswer, operations};
use twoba_store::{Clock as _, SystemClock};

use crate::arguments::{List, SyncProductData};
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;
use files::Files;
use merge::merged;
use state::{Job, State};

pub(crate) fn run(
    arguments: &SyncProductData,
    source: Source,
    output: &Output,
) -> Result<(), Failure> {
    macro_rules! listed {
        ($($list:ident => $operation:ident;)*) => {
            match arguments.list {
                $(List::$list => synchronized(arguments, operations::$operation::all(), source, output),)*
            }
        };
    }
    listed! {
        Products => BulkProductDetails;
        ProductDescriptions => BulkProductDescriptions;
        EtimClassifications => BulkProductEtimClassificationFeatures;
        LcaEnvironmental => BulkProductLcaDeclarations;
        ProductAttachments => BulkProductAttachments;
        TradeItems => BulkTradeItemDetails;
        TradeItemDescriptions => BulkTradeItemDescriptions;
        Ordering => BulkTradeItemOrdering;
        Pricings => BulkTradeItemPricings;
        Relations => BulkTradeItemRelations;
        LogisticDetails => BulkTradeItemLogisticDetails;
        TradeItemAttachments => BulkTradeItemAttachments;
        EnclosedItems => BulkTradeItemEnclosedItems;
    }
}

fn synchronized<O: Bulk>(
    arguments: &SyncProductData,
    call: Call<O>,
    source: Source,
    output: &Output,
) -> Result<(), Failure> {
    let mut call = call.with_limit(arguments.page_size).map_err(wrong)?;
    if let Some(gln) = &arguments.gln {
        call = call.with_gln(gln).map_err(wrong)?;
    }
    if let Some(selection) = &arguments.selection {
        call = call.with_selection(selection).map_err(wrong)?;
    }
    let call = call.raw();
    let files = Files::of(&arguments.into);
    let job = Job {
        list: O::OUTLINE.path.to_owned(),
        gln: arguments.gln.clone(),
        selection: arguments.selection.clone(),
        base: source
            .session
            .client()
            .provider()
            .service_base()
            .map(|base| base.as_str().to_owned()),
    };
    let _held = files.hold()?;
    let mut state = State::read(&files, job, arguments.full)?;
    let source = source.proven()?;
    let service = source.session.service();
    while !state.is_complete() {
        let turn = state.sync.turn(&call, SystemClock.now());
        match service.ask(&turn).map_err(refused)? {
            SyncAnswer::Page { items, next, .. } => {
                state.add(&files, &items, next)?;
                if !state.is_complete() {
                    output.note(&format!("{} rows have come", state.rows));
                }
            }
            SyncAnswer::Again { next, .. } => {
                output.note(
                    "The server no longer knows the place in the list: the run begins again, and \
                     nothing is lost.",
                );
                state.again(&files, next)?;
            }
        }
    }
    finish(&files, state, arguments.list.has_one_each(), output)
}

/// Puts what has come into the file.
fn finish(files: &Files, state: State, has_one_each: bool, output: &Output) -> Result<(), Failure> {
    let came = state.rows;
    let rows = merged(files, &state, has_one_each)?;
    let since = state.sync.since();
    state.merged(files)?;
    let since = since.map(crate::times::rfc3339);
    if output.json {
        return output.json_result(&json!({
            "rows": rows,
            "came": came,
            "next_since": since,
        }));
    }
    output.note(&format!(
        "{came} rows have come, and {rows} are in {}; the next run asks for what has changed since {}.",
        files.whole.display(),
        since.as_deref().unwrap_or("the beginning")
    ));
    Ok(())
}

/// The failure of a page, with the mend if the list is not there.
fn refused(error: GetError) -> Failure {
    let is_unknown = matches!(&error, GetError::Service(error) if error.status == 404);
    let failure = Failure::from(error);
    match is_unknown {
        true => failure.advise(
            "what has come is kept; Product Data has an address of its own: set service-base \
             (TWOBA_SERVICE_URL) to it, such as https://rest.2ba.nl/api/v1/, and grant to \
             client-credentials",
        ),
        false => failure,
    }
}

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::configuration(error.to_string()).advise("nothing was asked; correct the option")
}
