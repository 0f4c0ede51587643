//! The members of the answers. Their names are those that clients of 2BA read.

mod filling;

use super::record::{Decimal, record};

record! {
    /// The error object of 2BA's services.
    ErrorDocument {
        is_error: bool => "IsError",
        error_message: String => "ErrorMessage",
        status: &'static str => "Status",
    }

    /// The result of a search. 2BA documents the products, and not the object around them.
    SearchResult {
        total: u64 => "Total",
        products: Vec<ProductSummary> => "Products",
    }

    /// A product in a list.
    ProductSummary {
        id: u64 => "Id",
        product_id: u64 => "ProductId",
        description: &'static str => "Description",
        long_description: &'static str => "LongDescription",
        gtin: &'static str => "GTIN",
        productcode: &'static str => "Productcode",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        manufacturer_name: &'static str => "ManufacturerName",
        model: &'static str => "Model",
        product_class_id: &'static str => "ProductClassID",
        product_class_description: &'static str => "ProductClassDescription",
    }

    /// All details of a product.
    ProductDetails {
        id: u64 => "Id",
        product_id: u64 => "ProductId",
        description: &'static str => "Description",
        long_description: &'static str => "LongDescription",
        gtin: &'static str => "GTIN",
        productcode: &'static str => "Productcode",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        manufacturer_name: &'static str => "ManufacturerName",
        model: &'static str => "Model",
        version: Option<&'static str> => "Version",
        weight_quantity: Decimal => "WeightQuantity",
        weight_unit: &'static str => "WeightMeasureUnitDescription",
        product_class_id: &'static str => "ProductClassID",
        product_class_description: &'static str => "ProductClassDescription",
        deeplink: String => "Deeplink",
        features: Option<Vec<FeatureValue>> => "Features",
    }

    /// A product found by the GTIN in the path. This function spells the id in its own way.
    ProductByGtin {
        id: u64 => "ID",
        description: &'static str => "Description",
        gtin: &'static str => "GTIN",
        productcode: &'static str => "Productcode",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        manufacturer_name: &'static str => "ManufacturerName",
    }

    /// A product found by a supplier's number. This function has its own name for the maker.
    ProductOfTradeItem {
        id: u64 => "Id",
        product_id: u64 => "ProductId",
        description: &'static str => "Description",
        gtin: &'static str => "GTIN",
        productcode: &'static str => "Productcode",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        manufacture: &'static str => "Manufacture",
    }

    /// A product for drawing programs.
    ModellingProduct {
        id: u64 => "Id",
        brand: &'static str => "Brand",
        description: &'static str => "Description",
        gtin: &'static str => "GTIN",
        productcode: &'static str => "Productcode",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        manufacturer_name: &'static str => "ManufacturerName",
        model: &'static str => "Model",
        product_class_id: &'static str => "ProductClassID",
        modelling_class: Option<&'static str> => "ModellingClass",
        features: Vec<FeatureValue> => "Features",
        modelling_features: Vec<ModellingFeature> => "ModellingFeatures",
    }

    /// The value of one feature. Its type says which member holds the value.
    FeatureValue {
        feature_id: &'static str => "FeatureID",
        description: &'static str => "Description",
        nature: &'static str => "Type",
        logical: Option<bool> => "LogicalValue",
        numeric: Option<Decimal> => "NumericValue",
        lower: Option<Decimal> => "RangeLowerValue",
        upper: Option<Decimal> => "RangeUpperValue",
        value_id: Option<&'static str> => "ValueID",
        value_description: Option<&'static str> => "ValueDescription",
        unit: Option<&'static str> => "UnitShortNotation",
    }

    /// A measurement in a drawing.
    ModellingFeature {
        feature_id: &'static str => "FeatureID",
        description: &'static str => "Description",
        nature: &'static str => "Type",
        numeric: Option<Decimal> => "NumericValue",
        unit: Option<&'static str> => "UnitShortNotation",
        portcode: u64 => "Portcode",
        drawing_code: String => "DimensionalDrawingCode",
        x: Option<Decimal> => "CoordinateX",
        y: Option<Decimal> => "CoordinateY",
        z: Option<Decimal> => "CoordinateZ",
    }

    /// A file that belongs to a product.
    Attachment {
        kind: &'static str => "Type",
        title: String => "Title",
        description: &'static str => "Description",
        file_name: String => "FileName",
        language_code: &'static str => "LanguageCode",
        presentation_order: u64 => "PresentationOrder",
        url: String => "URL",
    }

    /// A list of trade items.
    TradeItemList {
        trade_items: Vec<TradeItem> => "TradeItems",
    }

    /// A product as one supplier sells it.
    TradeItem {
        id: u64 => "Id",
        product_id: u64 => "ProductId",
        trade_item_id: &'static str => "TradeItemId",
        description: &'static str => "Description",
        gtin: &'static str => "GTIN",
        supplier_gln: &'static str => "SupplierGLN",
        supplier_name: &'static str => "SupplierName",
        manufacturer_gln: &'static str => "ManufacturerGLN",
        productcode: &'static str => "Productcode",
        gross_price: Decimal => "GrossPriceInPriceUnit",
        price_unit: &'static str => "PriceUnit",
        price_unit_factor: u64 => "PriceUnitFactor",
        order_unit: &'static str => "OrderUnit",
        minimum_order_quantity: u64 => "MinimumOrderQuantity",
        order_step_size: u64 => "OrderStepSize",
    }

    /// A list of participants.
    ParticipantList {
        participants: Vec<Participant> => "Participants",
    }

    /// A supplier of data, with the amount of data at each quality.
    Participant {
        gln: &'static str => "GLN",
        name: &'static str => "Name",
        kind: &'static str => "Type",
        step_four: Decimal => "Step4",
        step_five: Decimal => "Step5",
    }
}
