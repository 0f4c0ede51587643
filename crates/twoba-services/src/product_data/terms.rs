//! Terms of trade: ordering, prices and stock (tradeitem 1.0.0-Preview3, netprice and stock 1.0.0).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use crate::decimal::Decimal;

use super::enumerations::AllowanceSurchargeIndicator;
use super::enumerations::AllowanceSurchargeTypes;
use super::enumerations::CurrencyCode;
use super::enumerations::UnitCodes;
use super::lists;

/// How one trade item is ordered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemOrderingResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `ordering`, `None` where there is none.
    pub ordering: Option<TradeItemOrdering>,
}

/// In which units and quantities a trade item is ordered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemOrdering {
    /// `orderUnit`.
    pub order_unit: UnitCodes,
    /// `minimumOrderQuantity`: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    pub minimum_order_quantity: Decimal,
    /// `orderStepSize`: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    pub order_step_size: Decimal,
    /// `standardOrderLeadTime`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_order_lead_time: Option<u64>,
    /// `useUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_unit: Option<UnitCodes>,
    /// `useUnitConversionFactor`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_unit_conversion_factor: Option<Decimal>,
    /// `singleUseUnitQuantity`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_use_unit_quantity: Option<Decimal>,
    /// `alternativeUseUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_use_unit: Option<UnitCodes>,
    /// `alternativeUseUnitConversionFactor`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_use_unit_conversion_factor: Option<Decimal>,
}

/// How a trade item is ordered, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemOrderingSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `orderUnit`.
    pub order_unit: UnitCodes,
    /// `minimumOrderQuantity`: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    pub minimum_order_quantity: Decimal,
    /// `orderStepSize`: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    pub order_step_size: Decimal,
    /// `standardOrderLeadTime`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_order_lead_time: Option<u64>,
    /// `useUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_unit: Option<UnitCodes>,
    /// `useUnitConversionFactor`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_unit_conversion_factor: Option<Decimal>,
    /// `singleUseUnitQuantity`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_use_unit_quantity: Option<Decimal>,
    /// `alternativeUseUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_use_unit: Option<UnitCodes>,
    /// `alternativeUseUnitConversionFactor`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_use_unit_conversion_factor: Option<Decimal>,
}

/// The prices of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemPricingsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `pricings`.
    #[serde(deserialize_with = "lists::required")]
    pub pricings: Vec<TradeItemPricing>,
}

/// A price of a trade item and from when to when it holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemPricing {
    /// `priceUnit`.
    pub price_unit: UnitCodes,
    /// `priceUnitFactor`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_unit_factor: Option<Decimal>,
    /// `priceQuantity`: a decimal from 0 to 99999.9999 in steps of 0.0001.
    pub price_quantity: Decimal,
    /// `currencyCode`.
    pub currency_code: CurrencyCode,
    /// `priceOnRequest`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_on_request: Option<bool>,
    /// `grossListPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_list_price: Option<Decimal>,
    /// `netPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_price: Option<Decimal>,
    /// `recommendedRetailPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_retail_price: Option<Decimal>,
    /// `vat`, optional: a decimal from 0 to 99.99 in steps of 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// `priceValidityDate`: a date as `2026-07-22`.
    pub price_validity_date: Box<str>,
    /// `priceExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_expiry_date: Option<Box<str>>,
    /// `allowanceSurcharges`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowance_surcharges: Vec<AllowanceSurcharge>,
}

/// What is taken off a price, or put on it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AllowanceSurcharge {
    /// `allowanceSurchargeIndicator`.
    pub allowance_surcharge_indicator: AllowanceSurchargeIndicator,
    /// `allowanceSurchargeValidityDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_validity_date: Option<Box<str>>,
    /// `allowanceSurchargeType`.
    pub allowance_surcharge_type: AllowanceSurchargeTypes,
    /// `allowanceSurchargeAmount`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_amount: Option<Decimal>,
    /// `allowanceSurchargeSequenceNumber`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_sequence_number: Option<u64>,
    /// `allowanceSurchargePercentage`, optional: a decimal from 0 to 999.999 in steps of 0.001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_percentage: Option<Decimal>,
    /// `allowanceSurchargeMinimumQuantity`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_minimum_quantity: Option<Decimal>,
}

/// A price of a trade item with at most one allowance or surcharge, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemPricingSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `priceUnit`.
    pub price_unit: UnitCodes,
    /// `priceUnitFactor`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_unit_factor: Option<Decimal>,
    /// `priceQuantity`: a decimal from 0 to 99999.9999 in steps of 0.0001.
    pub price_quantity: Decimal,
    /// `currencyCode`.
    pub currency_code: CurrencyCode,
    /// `priceOnRequest`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_on_request: Option<bool>,
    /// `grossListPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_list_price: Option<Decimal>,
    /// `netPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_price: Option<Decimal>,
    /// `recommendedRetailPrice`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_retail_price: Option<Decimal>,
    /// `vat`, optional: a decimal from 0 to 99.99 in steps of 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// `priceValidityDate`: a date as `2026-07-22`.
    pub price_validity_date: Box<str>,
    /// `priceExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_expiry_date: Option<Box<str>>,
    /// `allowanceSurchargeIndicator`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_indicator: Option<AllowanceSurchargeIndicator>,
    /// `allowanceSurchargeType`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_type: Option<AllowanceSurchargeTypes>,
    /// `allowanceSurchargeSequenceNumber`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_sequence_number: Option<u64>,
    /// `allowanceSurchargeValidityDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_validity_date: Option<Box<str>>,
    /// `allowanceSurchargeAmount`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_amount: Option<Decimal>,
    /// `allowanceSurchargePercentage`, optional: a decimal from 0 to 999.999 in steps of 0.001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_percentage: Option<Decimal>,
    /// `allowanceSurchargeMinimumQuantity`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance_surcharge_minimum_quantity: Option<Decimal>,
}

/// What a quantity of a trade item costs the buyer who asks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NetPriceResponse {
    /// `netPriceInOrderUnit`: a decimal from 0 to 9999999.9999 in steps of 0.0001.
    pub net_price_in_order_unit: Decimal,
    /// `currency`.
    pub currency: CurrencyCode,
    /// `quantity`: a decimal from 0 to 99999.9999 in steps of 0.0001.
    pub quantity: Decimal,
}

/// How much of a trade item the supplier has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stock {
    /// `quantity`: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    pub quantity: Decimal,
    /// `available`: yes or no.
    pub available: bool,
}
