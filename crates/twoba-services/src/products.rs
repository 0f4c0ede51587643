//! What the functions of version 1 answer with. 2BA documents few of the members; the others are
//! those that clients of others were seen to read, so any of them may be missing.

use crate::decimal::Decimal;
use crate::record::record;

record! {
    /// What `Product/Search` found.
    ///
    /// 2BA documents no member. `Total` and `Products` are inferred, and are what the emulator has; a bare
    /// list of products is read as well.
    SearchAnswer or products {
        /// How many products there are in all.
        total: Option<u64> => "Total",
        /// The products of this answer.
        products: Vec<Product> => "Products",
    }

    /// A product. Which members are there depends on the function that was asked.
    Product {
        /// 2BA's number of the product. 2BA writes `ID` in one document and `Id` elsewhere.
        id: Option<u64> => "Id",
        /// 2BA's other number of the product, for a deep link into Unifeed.
        product_id: Option<String> => "ProductId",
        /// A short description.
        description: Option<String> => "Description",
        /// A long description.
        long_description: Option<String> => "LongDescription",
        /// The GTIN, as the service has it.
        gtin: Option<String> => "GTIN",
        /// The manufacturer's code of the product.
        productcode: Option<String> => "Productcode",
        /// The manufacturer's GLN.
        manufacturer_gln: Option<String> => "ManufacturerGLN",
        /// The manufacturer's name. 2BA writes `Manufacture` in one document.
        manufacturer_name: Option<String> => "ManufacturerName" | "Manufacture",
        /// The brand.
        brand: Option<String> => "Brand",
        /// The model.
        model: Option<String> => "Model",
        /// The version of the model.
        version: Option<String> => "Version",
        /// The weight, in [`weight_unit`](Self::weight_unit).
        weight_quantity: Option<Decimal> => "WeightQuantity",
        /// The unit of the weight, in words.
        weight_unit: Option<String> => "WeightMeasureUnitDescription",
        /// The ETIM class, such as `EC000003`.
        product_class_id: Option<String> => "ProductClassID",
        /// The ETIM class, in words.
        product_class_description: Option<String> => "ProductClassDescription",
        /// The ETIM modelling class, such as `MC000046`.
        modelling_class: Option<String> => "ModellingClass",
        /// An address with more about the product.
        deeplink: Option<String> => "Deeplink",
        /// The features of the class.
        features: Vec<Feature> => "Features",
        /// The features of the modelling class.
        modelling_features: Vec<Feature> => "ModellingFeatures",
    }

    /// The value of one ETIM feature. Which member holds it follows from [`kind`](Self::kind).
    Feature {
        /// The feature, such as `EF000008`.
        feature_id: Option<String> => "FeatureID",
        /// The feature, in words.
        description: Option<String> => "Description",
        /// ETIM's letter for the type: `A` a listed value, `L` logical, `N` a number, `R` a range.
        kind: Option<String> => "Type",
        /// The value of a logical feature.
        logical_value: Option<bool> => "LogicalValue",
        /// The value of a numeric feature, in [`unit`](Self::unit).
        numeric_value: Option<Decimal> => "NumericValue",
        /// The lower end of a range, in [`unit`](Self::unit).
        range_lower_value: Option<Decimal> => "RangeLowerValue",
        /// The upper end of a range, in [`unit`](Self::unit).
        range_upper_value: Option<Decimal> => "RangeUpperValue",
        /// The listed value, such as `EV000397`.
        value_id: Option<String> => "ValueID",
        /// The listed value, in words.
        value_description: Option<String> => "ValueDescription",
        /// The unit of numbers, such as `mm`.
        unit: Option<String> => "UnitShortNotation",
        /// The port of a drawing that the feature belongs to.
        portcode: Option<u64> => "Portcode",
        /// The letter of the measure in a drawing.
        dimensional_drawing_code: Option<String> => "DimensionalDrawingCode",
        /// Where the port is.
        coordinate_x: Option<Decimal> => "CoordinateX",
        /// Where the port is.
        coordinate_y: Option<Decimal> => "CoordinateY",
        /// Where the port is.
        coordinate_z: Option<Decimal> => "CoordinateZ",
    }

    /// A file that belongs to a product.
    Attachment {
        /// What kind of file, such as `PPI` for a picture of the product.
        kind: Option<String> => "Type",
        /// A title.
        title: Option<String> => "Title",
        /// A description.
        description: Option<String> => "Description",
        /// The name of the file.
        file_name: Option<String> => "FileName",
        /// The language, such as `nl-NL`.
        language_code: Option<String> => "LanguageCode",
        /// The place among the attachments, from 1.
        presentation_order: Option<u64> => "PresentationOrder",
        /// Where the file is.
        url: Option<String> => "URL",
    }

    /// What `TradeItem/ForGLN` found.
    TradeItems or trade_items {
        /// The trade items.
        trade_items: Vec<TradeItem> => "TradeItems",
    }

    /// A product as one supplier sells it.
    TradeItem {
        /// 2BA's number of the trade item.
        id: Option<u64> => "Id",
        /// 2BA's number of the product.
        product_id: Option<String> => "ProductId",
        /// The supplier's number of the trade item.
        trade_item_id: Option<String> => "TradeItemId",
        /// A description.
        description: Option<String> => "Description",
        /// The GTIN, as the service has it.
        gtin: Option<String> => "GTIN",
        /// The supplier's GLN.
        supplier_gln: Option<String> => "SupplierGLN",
        /// The supplier's name.
        supplier_name: Option<String> => "SupplierName",
        /// The manufacturer's GLN.
        manufacturer_gln: Option<String> => "ManufacturerGLN",
        /// The manufacturer's code of the product.
        productcode: Option<String> => "Productcode",
        /// The gross price of one price unit.
        gross_price: Option<Decimal> => "GrossPriceInPriceUnit",
        /// The unit of the price.
        price_unit: Option<String> => "PriceUnit",
        /// How many pieces a price unit has.
        price_unit_factor: Option<Decimal> => "PriceUnitFactor",
        /// The unit that is ordered in.
        order_unit: Option<String> => "OrderUnit",
        /// The least that can be ordered.
        minimum_order_quantity: Option<Decimal> => "MinimumOrderQuantity",
        /// By how much an order can grow.
        order_step_size: Option<Decimal> => "OrderStepSize",
    }

    /// What `ProductFilter/Features` found. 2BA's document of it is cut off; the members are inferred.
    Filters or features {
        /// A filter for each feature of the class.
        features: Vec<Filter> => "Features",
    }

    /// A feature that products can be filtered by.
    Filter {
        /// The feature, such as `EF000008`.
        feature_id: Option<String> => "FeatureID",
        /// The feature, in words.
        description: Option<String> => "Description",
        /// ETIM's letter for the type.
        kind: Option<String> => "Type",
        /// The unit of numbers.
        unit: Option<String> => "UnitShortNotation",
        /// The values that products have.
        values: Vec<FilterValue> => "Values",
        /// The least number that a product has.
        value_min: Option<Decimal> => "ValueMin",
        /// The greatest number that a product has.
        value_max: Option<Decimal> => "ValueMax",
    }

    /// A value of a filter.
    FilterValue {
        /// The value, such as `EV000397`.
        value_id: Option<String> => "ValueID",
        /// The value, in words.
        description: Option<String> => "ValueDescription",
        /// How many products have it.
        count: Option<u64> => "Count",
    }

    /// What `Participant/List` found. The members were reported by one note of others.
    Participants or participants {
        /// The participants.
        participants: Vec<Participant> => "Participants",
    }

    /// Somebody who takes part in 2BA, as a supplier of data.
    Participant {
        /// The GLN.
        gln: Option<String> => "GLN",
        /// The name.
        name: Option<String> => "Name",
        /// What kind of participant, such as `Datasupplier`.
        kind: Option<String> => "Type",
        /// How much of the data has reached step 4 of quality, in percent.
        step_4: Option<Decimal> => "Step4",
        /// How much of the data has reached step 5 of quality, in percent.
        step_5: Option<Decimal> => "Step5",
    }
}
