//! `twoba unifeed`: opens the web catalog for the person of this session, and brings back what was
//! selected there.

use std::cell::Cell;
use std::time::Duration;

use twoba_core::{Endpoint, Seed};
use twoba_services::{
    Interface, Received, Selection, UnifeedAddress, UnifeedReceiver, UnifeedStart,
};

use crate::arguments::{Unifeed, Wanted, Way};
use crate::browser::{self, Starting};
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::receiving::{Receiving, Site, Visit};
use crate::source::Source;

/// How long a person may choose.
const CHOOSING_MAX: Duration = Duration::from_secs(60 * 60);

/// How long a browser may take to start.
const STARTING_MAX: Duration = Duration::from_secs(60);

pub(crate) fn run(arguments: &Unifeed, source: Source, output: &Output) -> Result<(), Failure> {
    if !source.may_ask && !arguments.print_url {
        return Err(Failure::configuration(
            "Unifeed is for a person in a browser, and --no-input says that there is none",
        )
        .advise("use --print-url, or leave --no-input out"));
    }
    if arguments.gln.is_some()
        && arguments.productcode.is_none()
        && arguments.trade_item_id.is_none()
    {
        return Err(Failure::configuration(
            "--gln names no product: --productcode or --trade-item-id is missing",
        )
        .advise("nothing was sent; add one of the two, or leave --gln out"));
    }
    let source = source.proven()?;
    let provider = source.session.client().provider().clone();
    let token = source.patiently(output, |session| session.token(), |session| session.token())?;
    if !arguments.receive {
        let start = start(arguments, UnifeedStart::new());
        let address = start.address(&provider, &token)?;
        return match arguments.print_url {
            true => print(&address, output),
            false => open(address, output),
        };
    }
    let port = Receiving::on(arguments.port)?;
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy)
        .map_err(|error| Failure::new(Kind::Other, format!("no randomness: {error}")))?;
    let here = Endpoint::parse(&format!("{}/unifeed", port.url()))
        .map_err(|error| Failure::new(Kind::Other, error.to_string()))?;
    let way = arguments.way.kind();
    let receiver = UnifeedReceiver::new(way, &here, &provider, Seed::from_bytes(entropy))
        .map_err(|error| Failure::new(Kind::Other, error.to_string()))?;
    let begun = UnifeedStart::returning(way, wanted(&arguments.select)).with_hook(receiver.hook());
    let address = start(arguments, begun).address(&provider, &token)?;
    if arguments.print_url {
        output.prompt(&format!("Open Unifeed at:\n{}", address.expose()));
    }
    let mut site = Site::new(address)?;
    site.receiver = Some(receiver);
    let selection = received(port, site, arguments.print_url, output)?;
    let json = serde_json::to_string(&selection)
        .map_err(|error| Failure::new(Kind::Other, error.to_string()))?;
    output.json_text(json.as_bytes())
}

/// The way in with what the person sees first.
fn start(arguments: &Unifeed, mut start: UnifeedStart) -> UnifeedStart {
    if let Some(query) = &arguments.query {
        start = start.with_query(query);
    }
    if let Some(product) = &arguments.product {
        start = start.with_product(product);
    }
    if let Some(item) = &arguments.trade_item {
        start = start.with_trade_item(item);
    }
    if let (Some(gln), Some(code)) = (&arguments.gln, &arguments.productcode) {
        start = start.with_productcode(gln, code);
    }
    if let (Some(gln), Some(id)) = (&arguments.gln, &arguments.trade_item_id) {
        start = start.with_trade_item_id(gln, id);
    }
    if let Some(label) = &arguments.label {
        start = start.with_label(label);
    }
    start
}

fn wanted(wanted: &[Wanted]) -> Interface {
    let bits = wanted.iter().map(|wanted| match wanted {
        Wanted::Article => Interface::ARTICLE,
        Wanted::List => Interface::SELECTION_LIST,
        Wanted::Product => Interface::PRODUCT,
    });
    let all = bits.reduce(|all, bit| all | bit);
    all.unwrap_or(Interface::ARTICLE | Interface::SELECTION_LIST)
}

fn print(address: &UnifeedAddress, output: &Output) -> Result<(), Failure> {
    output.note(
        "This address has the access token in it: whoever reads it can do as much as the person, \
         until the token ends.",
    );
    output.result(address.expose())
}

/// Opens the browser, and ends when it has been led to Unifeed.
fn open(address: UnifeedAddress, output: &Output) -> Result<(), Failure> {
    let port = Receiving::on(None)?;
    output.note(&format!("Opens {address}"));
    let site = Site::new(address)?;
    let mut browser = browser::start(&port.start_of(&site));
    let started = port.wait(
        site,
        STARTING_MAX,
        |visit| match visit {
            Visit::Started => Some(()),
            Visit::Received(_) => None,
        },
        || browser.has_failed(),
    );
    browser.leave_the_terminal();
    match started {
        Some(()) => Ok(()),
        None if browser.has_failed() => Err(no_browser()),
        None => Err(
            Failure::new(Kind::Other, "no browser has opened Unifeed within a minute")
                .advise(PRINT_IT),
        ),
    }
}

const PRINT_IT: &str = "use --print-url, and open the address yourself";

fn no_browser() -> Failure {
    Failure::configuration("no browser could be opened").advise(PRINT_IT)
}

/// The selection that comes back.
fn received(
    port: Receiving,
    site: Site,
    is_printed: bool,
    output: &Output,
) -> Result<Selection, Failure> {
    let mut browser = (!is_printed).then(|| browser::start(&port.start_of(&site)));
    output.note(
        "Waiting for the selection, for an hour at most. Ctrl-C ends it; with --print-url you can \
         open Unifeed in another browser of this machine.",
    );
    // A browser of the terminal may end in any way after it has been there.
    let is_there = Cell::new(is_printed);
    let selection = port.wait(
        site,
        CHOOSING_MAX,
        |visit| match visit {
            Visit::Received(Received::Selection(selection)) => Some(selection),
            Visit::Received(Received::Refused(error)) => {
                output.note(&format!(
                    "Something else has come, and is passed over: {error}."
                ));
                None
            }
            Visit::Started => {
                is_there.set(true);
                None
            }
            Visit::Received(_) => None,
        },
        || !is_there.get() && browser.as_mut().is_some_and(Starting::has_failed),
    );
    if let Some(browser) = &mut browser {
        browser.leave_the_terminal();
        if selection.is_none() && !is_there.get() && browser.has_failed() {
            return Err(no_browser());
        }
    }
    selection.ok_or_else(|| {
        Failure::new(Kind::TryLater, "no selection came back within an hour")
            .advise("run the command again")
    })
}

impl Way {
    fn kind(self) -> twoba_services::InterfaceType {
        use twoba_services::InterfaceType;
        match self {
            Self::Json => InterfaceType::Json,
            Self::JsonPost => InterfaceType::JsonPost,
            Self::ServerJsonPost => InterfaceType::ServerJsonPost,
            Self::JsonGet => InterfaceType::JsonGet,
            Self::Oci2 => InterfaceType::Oci2,
        }
    }
}
