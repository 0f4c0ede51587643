//! The table of functions: their arguments and their results. JSON, SOAP and the WSDL all use it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{
    Attachment, ModellingProduct, Participant, ParticipantList, ProductByGtin, ProductDetails,
    ProductOfTradeItem, ProductSummary, SearchResult, TradeItem, TradeItemList,
};
use super::filter::{self, FilterList};
use super::lookup::{all_sold, by_code, by_gtin, by_id, gln, matching, page, sold};
use super::picture::{Size, picture};
use super::problem::Problem;
use super::question::{
    ForAttachments, ForCode, ForCodeWithFeatures, ForFilters, ForGln, ForGtin, ForGtinWithFeatures,
    ForId, ForParticipants, ForText, ForTradeItem,
};
use super::record::{Described, Kind, Shape};
use super::vocabulary::{SUPPLIERS, class_of};
use crate::caller::Proof;

/// One function of a service.
pub(crate) struct Function {
    /// `Service/Function`.
    pub(crate) name: &'static str,
    /// The name in SOAP, if it is not the second half of the name.
    soap_name: Option<&'static str>,
    /// How a caller has to authenticate.
    proof: Proof,
    /// Whether the first argument is in the path.
    pub(crate) asks_in_path: bool,
    pub(crate) asks: &'static Shape,
    pub(crate) gives: Kind,
    call: fn(&str, Value) -> Result<Found, Problem>,
}

/// The result of a function.
#[derive(Debug)]
pub(crate) enum Found {
    /// JSON text.
    Document(String),
    /// A PNG.
    Picture(&'static [u8]),
}

impl Function {
    /// The half before the slash.
    pub(crate) fn service(&self) -> &'static str {
        self.name
            .split_once('/')
            .map_or(self.name, |(service, _)| service)
    }

    /// The name in SOAP.
    pub(crate) fn operation(&self) -> &'static str {
        let second = self
            .name
            .split_once('/')
            .map_or(self.name, |(_, name)| name);
        self.soap_name.unwrap_or(second)
    }

    /// Calls the function. `arguments` is an object with the function's arguments. Links in the
    /// answer begin with `url`.
    pub(crate) fn call(&self, url: &str, arguments: Value) -> Result<Found, Problem> {
        (self.call)(url, arguments)
    }

    /// All functions of a service, whatever the case of its name.
    pub(crate) fn of_service(service: &str) -> Vec<&'static Self> {
        FUNCTIONS
            .iter()
            .filter(|function| function.service().eq_ignore_ascii_case(service))
            .collect()
    }
}

/// How the caller of a function has to authenticate. The same is true of an unknown function.
pub(crate) fn proof(function: Option<&Function>) -> Proof {
    function.map_or(Proof::Header, |function| function.proof)
}

/// Whether a segment of a path names a service or a function, whatever its case.
pub(crate) fn is_named_by(segment: &str) -> bool {
    FUNCTIONS.iter().any(|function| {
        function
            .name
            .split('/')
            .any(|half| half.eq_ignore_ascii_case(segment))
    })
}

/// The parameter of that name, if a function takes it.
pub(crate) fn parameter(name: &str) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .flat_map(|function| function.asks.members)
        .map(|member| member.name)
        .find(|known| *known == name)
}

/// The function of a path, and the argument in the path. Clients write the names in any case.
pub(crate) fn find(path: &str) -> Option<(&'static Function, Option<&str>)> {
    let named = |name: &str| {
        FUNCTIONS
            .iter()
            .find(|function| function.name.eq_ignore_ascii_case(name))
    };
    if let Some(function) = named(path) {
        return Some((function, None));
    }
    let (name, asked) = path.rsplit_once('/')?;
    let function = named(name).filter(|function| function.asks_in_path)?;
    Some((function, Some(asked)))
}

const fn shape_of(kind: Kind) -> &'static Shape {
    match kind {
        Kind::Record(shape) => shape,
        Kind::Text
        | Kind::Whole
        | Kind::Decimal
        | Kind::Flag
        | Kind::Picture
        | Kind::Optional(_)
        | Kind::List(_) => &Shape {
            name: "",
            members: &[],
        },
    }
}

/// A result that can be returned.
trait Findable: Described {
    fn found(self) -> Result<Found, Problem>;
}

impl<T: Serialize + Described> Findable for T {
    fn found(self) -> Result<Found, Problem> {
        serde_json::to_string(&self)
            .map(Found::Document)
            .map_err(|_| Problem::internal())
    }
}

/// A PNG.
struct Picture(&'static [u8]);

impl Described for Picture {
    const KIND: Kind = Kind::Picture;
}

impl Findable for Picture {
    fn found(self) -> Result<Found, Problem> {
        Ok(Found::Picture(self.0))
    }
}

fn run<Q: DeserializeOwned, A: Findable>(
    url: &str,
    arguments: Value,
    answer: fn(&str, Q) -> Result<A, Problem>,
) -> Result<Found, Problem> {
    // The readers of query and envelope have checked every member by the shape.
    let question = serde_json::from_value(arguments)
        .map_err(|_| Problem::bad_request("The parameters do not fit the function."))?;
    answer(url, question)?.found()
}

/// The properties that most functions share.
const PLAIN: Function = Function {
    name: "",
    soap_name: None,
    proof: Proof::Header,
    asks_in_path: false,
    asks: shape_of(Kind::Text),
    gives: Kind::Text,
    call: |_url, _arguments| Err(Problem::unknown_function()),
};

/// The authentication of open functions. Public pages call some functions without a token. A token
/// that is sent is judged anyway.
const OPEN: Proof = Proof::HeaderIfAny;

macro_rules! functions {
    ($($name:literal $($field:ident = $value:expr,)*: $asks:ty => $gives:ty, $answer:expr;)*) => {
        [$(Function {
            name: $name,
            asks: shape_of(<$asks>::KIND),
            gives: <$gives>::KIND,
            call: |url, arguments| run::<$asks, $gives>(url, arguments, $answer),
            $($field: $value,)*
            ..PLAIN
        },)*]
    };
}

#[rustfmt::skip]
static FUNCTIONS: [Function; 13] = functions! {
    "Product/Search": ForText => SearchResult, search;
    "Product/Details" asks_in_path = true,: ForGtin => ProductByGtin, details;
    "Product/DetailsForProduct": ForGtin => ProductDetails, details_for_product;
    "Product/DetailsByGtinA": ForGtinWithFeatures => ProductDetails, details_by_gtin;
    "Product/DetailsByGLNAndProductcodeA": ForCodeWithFeatures => ProductDetails, details_by_code;
    "Product/DetailsByGLNAndTradeItemId": ForTradeItem => ProductOfTradeItem, product_of_trade_item;
    "Product/DetailsRTById": ForId => ModellingProduct, details_by_id;
    "Product/AttachmentsA": ForAttachments => Vec<Attachment>, attachments;
    "TradeItem/ForGLN": ForGln => TradeItemList, trade_items;
    "TradeItem/DetailsByGLNAndTradeItemIdA": ForTradeItem => TradeItem, trade_item;
    "ProductFilter/Features" soap_name = Some("GetFeatures"),: ForFilters => FilterList, filters;
    "Thumbnail/Product" proof = OPEN,: ForCode => Picture, thumbnail;
    "Participant/List" proof = OPEN,: ForParticipants => ParticipantList, participants;
};

fn search(_url: &str, asked: ForText) -> Result<SearchResult, Problem> {
    let size = page("pageSize", asked.page_size)?;
    let found: Vec<_> = matching(&asked.query).collect();
    Ok(SearchResult {
        total: u64::try_from(found.len()).unwrap_or(u64::MAX),
        products: found
            .into_iter()
            .take(size)
            .map(ProductSummary::of)
            .collect(),
    })
}

fn details(_url: &str, asked: ForGtin) -> Result<ProductByGtin, Problem> {
    by_gtin(&asked.gtin).map(ProductByGtin::of)
}

fn details_for_product(url: &str, asked: ForGtin) -> Result<ProductDetails, Problem> {
    Ok(ProductDetails::of(by_gtin(&asked.gtin)?, url, false))
}

fn details_by_gtin(url: &str, asked: ForGtinWithFeatures) -> Result<ProductDetails, Problem> {
    let with_features = asked.include_features.unwrap_or(false);
    Ok(ProductDetails::of(
        by_gtin(&asked.gtin)?,
        url,
        with_features,
    ))
}

fn details_by_code(url: &str, asked: ForCodeWithFeatures) -> Result<ProductDetails, Problem> {
    let with_features = asked.include_features.unwrap_or(false);
    let product = by_code(&asked.gln, &asked.productcode)?;
    Ok(ProductDetails::of(product, url, with_features))
}

fn product_of_trade_item(_url: &str, asked: ForTradeItem) -> Result<ProductOfTradeItem, Problem> {
    let (product, _) = sold(&asked.gln, &asked.trade_item_id)?;
    Ok(ProductOfTradeItem::of(product))
}

fn details_by_id(_url: &str, asked: ForId) -> Result<ModellingProduct, Problem> {
    by_id(asked.id).map(ModellingProduct::of)
}

fn attachments(url: &str, asked: ForAttachments) -> Result<Vec<Attachment>, Problem> {
    let wanted = |attachment: &Attachment| match &asked.types {
        Some(types) => types.iter().any(|kind| attachment.is(kind)),
        None => true,
    };
    let all = Attachment::all(by_id(asked.id)?, url);
    Ok(all.into_iter().filter(wanted).collect())
}

fn trade_items(_url: &str, asked: ForGln) -> Result<TradeItemList, Problem> {
    let gln = gln(&asked.gln)?;
    let trade_items = all_sold()
        .filter(|(product, offer)| product.maker.gln == gln || offer.supplier.gln == gln)
        .map(|(product, offer)| TradeItem::of(product, offer))
        .collect();
    Ok(TradeItemList { trade_items })
}

fn trade_item(_url: &str, asked: ForTradeItem) -> Result<TradeItem, Problem> {
    let (product, offer) = sold(&asked.gln, &asked.trade_item_id)?;
    Ok(TradeItem::of(product, offer))
}

fn filters(_url: &str, asked: ForFilters) -> Result<FilterList, Problem> {
    let [code] = asked.classes.as_slice() else {
        return Err(Problem::wrong(
            "productClassId",
            "a list of exactly one class",
        ));
    };
    let Some(class) = class_of(code) else {
        return Err(Problem::bad_request("There is no class of this code."));
    };
    let listed = asked.listed.unwrap_or_default();
    let numeric = asked.numeric.unwrap_or_default();
    let products: Vec<_> = matching(asked.query.as_deref().unwrap_or_default())
        .filter(|product| product.class.code == class.code)
        .filter(|product| filter::passes(product, &listed, &numeric))
        .collect();
    Ok(filter::filters(class, &products))
}

fn thumbnail(_url: &str, asked: ForCode) -> Result<Picture, Problem> {
    let product = by_code(&asked.gln, &asked.productcode)?;
    picture(product, Size::Thumbnail)
        .map(Picture)
        .ok_or_else(Problem::internal)
}

fn participants(_url: &str, asked: ForParticipants) -> Result<ParticipantList, Problem> {
    let size = page("limit", asked.limit)?;
    let participants = SUPPLIERS
        .iter()
        .zip(1..)
        .map(|(supplier, place)| Participant::of(supplier, place))
        .filter(|participant| match &asked.kind {
            Some(kind) => participant.is(kind),
            None => true,
        })
        .take(size)
        .collect();
    Ok(ParticipantList { participants })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URL: &str = "http://127.0.0.1:1";

    fn document(function: &str, arguments: Value) -> Value {
        let (function, _) = find(function).unwrap();
        match function.call(URL, arguments).unwrap() {
            Found::Document(json) => serde_json::from_str(&json).unwrap(),
            Found::Picture(_) => panic!("{} gave a picture", function.name),
        }
    }

    fn refused(function: &str, arguments: Value) -> String {
        let (function, _) = find(function).unwrap();
        let problem = function.call(URL, arguments).unwrap_err();
        assert_eq!((problem.status, problem.name), (400, "BadRequest"));
        problem.message
    }

    #[test]
    fn a_function_is_found_in_any_case_and_only_by_its_whole_name() {
        for path in ["Product/Search", "product/SEARCH"] {
            let (function, asked) = find(path).unwrap();
            assert_eq!((function.name, asked), ("Product/Search", None));
        }
        let (function, asked) = find("product/details/0123").unwrap();
        assert_eq!((function.name, asked), ("Product/Details", Some("0123")));
        for path in [
            "",
            "/",
            "Product",
            "Product/",
            "Product/Search/x",
            "Product/Details/1/2",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn names_are_given_once_and_every_operation_has_a_service() {
        for (at, function) in FUNCTIONS.iter().enumerate() {
            let same = FUNCTIONS.iter().skip(at + 1).any(|other| {
                other.service() == function.service() && other.operation() == function.operation()
            });
            assert!(!same, "{}", function.name);
            assert!(!function.asks.members.is_empty(), "{}", function.name);
            assert!(!Function::of_service(function.service()).is_empty());
        }
    }

    #[test]
    fn a_search_wants_every_word_and_counts_what_it_does_not_show() {
        let total =
            |query: &str| document("Product/Search", json!({ "query": query }))["Total"].clone();
        assert_eq!(total("kabelgoot"), 8);
        assert_eq!(total("KABELGOOT grijs"), 3);
        assert_eq!(total("kabelgoot onbestaand"), 0);
        assert_eq!(total("02008710001100"), 1);
        assert_eq!(total("KK-12-M"), 2);
        let page = document(
            "Product/Search",
            json!({ "query": "kabelgoot", "pageSize": 3 }),
        );
        assert_eq!(page["Total"], 8);
        assert_eq!(page["Products"].as_array().unwrap().len(), 3);
        for size in [0, 1001] {
            assert_eq!(
                refused("Product/Search", json!({ "query": "a", "pageSize": size })),
                "The parameter pageSize has to be from 1 to 1000."
            );
        }
    }

    #[test]
    fn a_product_is_the_same_however_it_is_asked_for() {
        let gtin = "02008710001100";
        let by_code = json!({ "gln": "2008710000035", "productcode": "KK-12-M" });
        let by_item = json!({ "gln": "2008710000134", "tradeItemId": "D00110" });
        for (function, arguments) in [
            ("Product/Details", json!({ "gtin": gtin })),
            ("Product/DetailsForProduct", json!({ "gtin": gtin })),
            ("Product/DetailsByGtinA", json!({ "gtin": gtin })),
            ("Product/DetailsByGLNAndProductcodeA", by_code),
            ("Product/DetailsByGLNAndTradeItemId", by_item.clone()),
            ("TradeItem/DetailsByGLNAndTradeItemIdA", by_item),
            ("Product/DetailsRTById", json!({ "id": 1_000_011 })),
        ] {
            let product = document(function, arguments);
            assert_eq!(product["GTIN"], gtin, "{function}");
            assert_eq!(product["Productcode"], "KK-12-M", "{function}");
        }
        let other = json!({ "gln": "2008710000028", "productcode": "KK-12-M" });
        assert_eq!(
            document("Product/DetailsByGLNAndProductcodeA", other)["Id"],
            1_000_041
        );
    }

    #[test]
    fn features_come_when_they_are_asked_for() {
        let with = |include: Value| {
            let asked = json!({ "gtin": "02008710001087", "includeFeatures": include });
            document("Product/DetailsByGtinA", asked)["Features"].clone()
        };
        assert_eq!(with(Value::Null), Value::Null);
        assert_eq!(with(json!(false)), Value::Null);
        let features = with(json!(true));
        assert_eq!(features[0]["NumericValue"], 2.5);
        assert_eq!(features[0]["UnitShortNotation"], "mm\u{b2}");
        assert_eq!(features[3]["Type"], "R");
        assert_eq!(features[3]["RangeLowerValue"], -5);
    }

    #[test]
    fn filters_narrow_the_products_of_one_class() {
        let colors = |arguments: Value| {
            let found = document("ProductFilter/Features", arguments);
            let of_color = found["Features"]
                .as_array()
                .unwrap()
                .iter()
                .find(|feature| feature["FeatureID"] == "EF990004")
                .map(|feature| feature["Values"].clone());
            of_color.unwrap_or_default()
        };
        let white = json!({ "ValueID": "EV990001", "ValueDescription": "Wit", "Count": 2 });
        let gray = json!({ "ValueID": "EV990002", "ValueDescription": "Grijs", "Count": 3 });
        let class = json!(["EC990001"]);
        assert_eq!(
            colors(json!({ "productClassId": class })),
            json!([white, gray])
        );
        let listed = json!([{ "FeatureId": "EF990004", "ValueList": ["EV990001"] }]);
        assert_eq!(
            colors(json!({ "productClassId": class, "featuresA": listed })),
            json!([white])
        );
        let narrow = json!([{ "FeatureId": "EF990001", "ValueMin": 150, "ValueMax": 250 }]);
        let found = colors(json!({ "productClassId": class, "featuresN": narrow }));
        assert_eq!(found[0]["Count"], 1);
        assert_eq!(
            refused(
                "ProductFilter/Features",
                json!({ "productClassId": ["EC990001", "EC990002"] })
            ),
            "The parameter productClassId has to be a list of exactly one class."
        );
    }

    #[test]
    fn trade_items_are_those_of_a_maker_or_of_a_supplier() {
        for (gln, member) in [
            ("2008710000059", "ManufacturerGLN"),
            ("2008710000134", "SupplierGLN"),
        ] {
            let found = document("TradeItem/ForGLN", json!({ "gln": gln }));
            let items = found["TradeItems"].as_array().unwrap();
            assert!(items.len() > 4, "{gln}");
            assert!(items.iter().all(|item| item[member] == gln), "{gln}");
        }
        assert_eq!(
            document("TradeItem/ForGLN", json!({ "gln": "2008710000998" }))["TradeItems"],
            json!([])
        );
    }

    #[test]
    fn attachments_are_filtered_by_type_and_participants_by_kind() {
        let types = |arguments: Value| {
            let found = document("Product/AttachmentsA", arguments);
            let types = found.as_array().unwrap().iter();
            types
                .map(|found| found["Type"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let id = 1_000_001;
        assert_eq!(types(json!({ "id": id })), ["PPI", "PHI"]);
        assert_eq!(types(json!({ "id": id, "filterTypes": ["PHI"] })), ["PHI"]);
        assert!(types(json!({ "id": id, "filterTypes": [] })).is_empty());
        let participants = |arguments: Value| {
            let found = document("Participant/List", arguments);
            found["Participants"].as_array().unwrap().len()
        };
        assert_eq!(participants(json!({})), 4);
        assert_eq!(
            participants(json!({ "limit": 3, "type": "Datasupplier" })),
            3
        );
        assert_eq!(participants(json!({ "type": "Installer" })), 0);
    }

    #[test]
    fn what_is_not_there_or_has_no_right_number_is_a_bad_request() {
        for (function, arguments) in [
            ("Product/DetailsByGtinA", json!({ "gtin": "2008710001001" })),
            (
                "Product/DetailsByGtinA",
                json!({ "gtin": "0200871000100x" }),
            ),
            (
                "Product/DetailsByGtinA",
                json!({ "gtin": "99999999999999" }),
            ),
            ("Product/DetailsRTById", json!({ "id": 1 })),
            ("Product/AttachmentsA", json!({ "id": 1 })),
            ("TradeItem/ForGLN", json!({ "gln": "1" })),
            (
                "TradeItem/DetailsByGLNAndTradeItemIdA",
                json!({ "gln": "2008710000134", "tradeItemId": "A00100" }),
            ),
            (
                "Thumbnail/Product",
                json!({ "gln": "2008710000011", "productcode": "KK-12-M" }),
            ),
            (
                "ProductFilter/Features",
                json!({ "productClassId": ["EC000001"] }),
            ),
            ("Participant/List", json!({ "limit": 0 })),
        ] {
            let message = refused(function, arguments);
            assert!(message.ends_with('.') && message.len() < 100, "{message}");
        }
    }
}
