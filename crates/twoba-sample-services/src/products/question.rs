//! The arguments of each function, in 2BA's spelling.

use super::filter::{FeatureA, FeatureN};
use super::record::question;

question! {
    /// A free text, and the most products that are wanted.
    ForText {
        query: String => "query",
        page_size: Option<u64> => "pageSize",
    }

    /// A product by its GTIN.
    ForGtin {
        gtin: String => "gtin",
    }

    /// A product by its GTIN, with its features if wanted.
    ForGtinWithFeatures {
        gtin: String => "gtin",
        include_features: Option<bool> => "includeFeatures",
    }

    /// A product by its maker's code.
    ForCode {
        gln: String => "gln",
        productcode: String => "productcode",
    }

    /// A product by its maker's code, with its features if wanted.
    ForCodeWithFeatures {
        gln: String => "gln",
        productcode: String => "productcode",
        include_features: Option<bool> => "includeFeatures",
    }

    /// A trade item by its supplier's number.
    ForTradeItem {
        gln: String => "gln",
        trade_item_id: String => "tradeItemId",
    }

    /// A product by its number in this catalog.
    ForId {
        id: u64 => "id",
    }

    /// The attachments of a product, or only those of the named types.
    ForAttachments {
        id: u64 => "id",
        types: Option<Vec<String>> => "filterTypes",
    }

    /// All products of a maker, or all trade items of a supplier.
    ForGln {
        gln: String => "gln",
    }

    /// The products of one class that pass the filters.
    ForFilters {
        query: Option<String> => "query",
        classes: Vec<String> => "productClassId",
        listed: Option<Vec<FeatureA>> => "featuresA",
        numeric: Option<Vec<FeatureN>> => "featuresN",
    }

    /// At most this many participants, or only those of the named kind.
    ForParticipants {
        limit: Option<u64> => "limit",
        kind: Option<String> => "type",
    }
}
