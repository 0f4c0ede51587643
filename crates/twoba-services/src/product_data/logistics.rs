//! Sizes, weights and packages of trade items (tradeitem 1.0.0-Preview3).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use crate::decimal::Decimal;

use super::enumerations::DimensionUnit;
use super::enumerations::PackagingTypeCode;
use super::enumerations::VolumeUnit;
use super::enumerations::WeightUnit;
use super::lists;

/// Sizes and weights of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemLogisticDetailsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `logisticDetails`.
    #[serde(deserialize_with = "lists::required")]
    pub logistic_details: Vec<ItemLogistic>,
}

/// Size, weight and volume of a trade item without its package.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemLogistic {
    /// `baseItemNetLength`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_length: Option<Decimal>,
    /// `baseItemNetWidth`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_width: Option<Decimal>,
    /// `baseItemNetHeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_height: Option<Decimal>,
    /// `baseItemNetDiameter`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_diameter: Option<Decimal>,
    /// `netDimensionUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_dimension_unit: Option<DimensionUnit>,
    /// `baseItemNetWeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_weight: Option<Decimal>,
    /// `netWeightUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_weight_unit: Option<WeightUnit>,
    /// `baseItemNetVolume`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_volume: Option<Decimal>,
    /// `netVolumeUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_volume_unit: Option<VolumeUnit>,
}

/// Size, weight and volume of a trade item, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemLogisticSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `baseItemNetLength`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_length: Option<Decimal>,
    /// `baseItemNetWidth`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_width: Option<Decimal>,
    /// `baseItemNetHeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_height: Option<Decimal>,
    /// `baseItemNetDiameter`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_diameter: Option<Decimal>,
    /// `netDimensionUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_dimension_unit: Option<DimensionUnit>,
    /// `baseItemNetWeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_weight: Option<Decimal>,
    /// `netWeightUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_weight_unit: Option<WeightUnit>,
    /// `baseItemNetVolume`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_item_net_volume: Option<Decimal>,
    /// `netVolumeUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_volume_unit: Option<VolumeUnit>,
}

/// A package that a trade item comes in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PackagingUnit {
    /// `supplierPackagingNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_packaging_number: Option<Box<str>>,
    /// `manufacturerPackagingNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_packaging_number: Option<Box<str>>,
    /// `packagingGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packaging_gtins: Vec<Box<str>>,
    /// `packagingTypeCode`.
    pub packaging_type_code: PackagingTypeCode,
    /// `packagingUnitName`, optional: a text of 1 to 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging_unit_name: Option<Box<str>>,
    /// `packagingQuantity`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging_quantity: Option<Decimal>,
    /// `tradeItemPrimaryPackaging`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade_item_primary_packaging: Option<bool>,
    /// `packagingGs1Code128`, optional: a text of 1 to 48 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging_gs1_code128: Option<Box<str>>,
    /// `grossLength`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_length: Option<Decimal>,
    /// `grossWidth`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_width: Option<Decimal>,
    /// `grossHeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_height: Option<Decimal>,
    /// `grossDiameter`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_diameter: Option<Decimal>,
    /// `grossDimensionUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_dimension_unit: Option<DimensionUnit>,
    /// `grossWeight`, optional: a decimal from 0 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_weight: Option<Decimal>,
    /// `grossWeightUnit`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross_weight_unit: Option<WeightUnit>,
    /// `tradeItemEnclosed`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trade_item_enclosed: Vec<TradeItemEnclosed>,
}

/// A trade item that lies in a package.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemEnclosed {
    /// `enclosedSupplierItemNumber`: a text of 1 to 35 characters.
    pub enclosed_supplier_item_number: Box<str>,
    /// `enclosedManufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enclosed_manufacturer_item_number: Option<Box<str>>,
    /// `enclosedItemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enclosed_item_gtins: Vec<Box<str>>,
    /// `enclosedItemQuantity`: a whole number of at least 1.
    pub enclosed_item_quantity: u64,
}

/// What lies in the packages of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemEnclosedItemsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `enclosedItems`.
    #[serde(deserialize_with = "lists::required")]
    pub enclosed_items: Vec<TradeItemEnclosedItem>,
}

/// A trade item that lies in a package of this kind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemEnclosedItem {
    /// `packagingTypeCode`.
    pub packaging_type_code: PackagingTypeCode,
    /// `enclosedSupplierItemNumber`: a text of 1 to 35 characters.
    pub enclosed_supplier_item_number: Box<str>,
    /// `enclosedManufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enclosed_manufacturer_item_number: Option<Box<str>>,
    /// `enclosedItemGtins`: each a text.
    #[serde(deserialize_with = "lists::required")]
    pub enclosed_item_gtins: Vec<Box<str>>,
    /// `enclosedItemQuantity`: a whole number of at least 1.
    pub enclosed_item_quantity: u64,
}

/// A trade item that lies in a package of another, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemEnclosedSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `packagingTypeCode`.
    pub packaging_type_code: PackagingTypeCode,
    /// `enclosedSupplierItemNumber`: a text of 1 to 35 characters.
    pub enclosed_supplier_item_number: Box<str>,
    /// `enclosedManufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enclosed_manufacturer_item_number: Option<Box<str>>,
    /// `enclosedItemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enclosed_item_gtins: Vec<Box<str>>,
    /// `enclosedItemQuantity`: a whole number of at least 1.
    pub enclosed_item_quantity: u64,
}
