//! Trade items: details, descriptions, relations and attachments (tradeitem 1.0.0-Preview3).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use super::enumerations::AttachmentType;
use super::enumerations::AttachmentTypeSpecification;
use super::enumerations::ItemCondition;
use super::enumerations::ItemStatus;
use super::enumerations::RelationType;
use super::lists;
use super::logistics::ItemLogistic;
use super::logistics::PackagingUnit;
use super::terms::TradeItemOrdering;
use super::terms::TradeItemPricing;

/// A trade item with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `details`.
    pub details: TradeItemDetails,
    /// `descriptions`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub descriptions: Option<Vec<ItemDescription>>,
    /// `ordering`.
    pub ordering: TradeItemOrdering,
    /// `pricings`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub pricings: Option<Vec<TradeItemPricing>>,
    /// `relations`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub relations: Option<Vec<ItemRelation>>,
    /// `logisticDetails`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub logistic_details: Option<Vec<ItemLogistic>>,
    /// `attachments`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub attachments: Option<Vec<ItemAttachment>>,
    /// `packagingUnits`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub packaging_units: Option<Vec<PackagingUnit>>,
}

/// The details of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemDetailsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `details`, `None` where there is none.
    pub details: Option<TradeItemDetails>,
}

/// Numbers, groups, dates and state of a trade item: a product as one supplier sells it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemDetails {
    /// `supplierAltItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_alt_item_number: Option<Box<str>>,
    /// `manufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_item_number: Option<Box<str>>,
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `itemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub item_gtins: Vec<Box<str>>,
    /// `buyerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_item_number: Option<Box<str>>,
    /// `discountGroupId`, optional: a text of 1 to 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_group_id: Option<Box<str>>,
    /// `bonusGroupId`, optional: a text of 1 to 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus_group_id: Option<Box<str>>,
    /// `itemValidityDate`: a date as `2026-07-22`.
    pub item_validity_date: Box<str>,
    /// `itemObsolescenceDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_obsolescence_date: Option<Box<str>>,
    /// `itemStatus`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_status: Option<ItemStatus>,
    /// `itemCondition`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_condition: Option<ItemCondition>,
    /// `stockItem`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_item: Option<bool>,
    /// `shelfLifePeriod`, optional: a whole number from 0 to 999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shelf_life_period: Option<u64>,
}

/// A trade item and its details, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemDetailsSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `supplierAltItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_alt_item_number: Option<Box<str>>,
    /// `manufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_item_number: Option<Box<str>>,
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `itemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub item_gtins: Vec<Box<str>>,
    /// `buyerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_item_number: Option<Box<str>>,
    /// `discountGroupId`, optional: a text of 1 to 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_group_id: Option<Box<str>>,
    /// `bonusGroupId`, optional: a text of 1 to 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus_group_id: Option<Box<str>>,
    /// `itemValidityDate`: a date as `2026-07-22`.
    pub item_validity_date: Box<str>,
    /// `itemObsolescenceDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_obsolescence_date: Option<Box<str>>,
    /// `itemStatus`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_status: Option<ItemStatus>,
    /// `itemCondition`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_condition: Option<ItemCondition>,
    /// `stockItem`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_item: Option<bool>,
    /// `shelfLifePeriod`, optional: a whole number from 0 to 999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shelf_life_period: Option<u64>,
}

/// The descriptions of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemDescriptionsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `descriptions`.
    #[serde(deserialize_with = "lists::required")]
    pub descriptions: Vec<ItemDescription>,
}

/// What is said of a trade item in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemDescription {
    /// `descriptionLanguage`: a text.
    pub description_language: Box<str>,
    /// `minimalItemDescription`: a text of 1 to 80 characters.
    pub minimal_item_description: Box<str>,
    /// `uniqueMainItemDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_main_item_description: Option<Box<str>>,
    /// `discountGroupDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_group_description: Option<Box<str>>,
    /// `bonusGroupDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus_group_description: Option<Box<str>>,
}

/// What is said of a trade item in one language, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemDescriptionsSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `descriptionLanguage`: a text.
    pub description_language: Box<str>,
    /// `minimalItemDescription`: a text of 1 to 80 characters.
    pub minimal_item_description: Box<str>,
    /// `uniqueMainItemDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_main_item_description: Option<Box<str>>,
    /// `discountGroupDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_group_description: Option<Box<str>>,
    /// `bonusGroupDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus_group_description: Option<Box<str>>,
}

/// What one trade item has to do with others.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemRelationsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `relations`.
    #[serde(deserialize_with = "lists::required")]
    pub relations: Vec<ItemRelation>,
}

/// What a trade item has to do with another one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemRelation {
    /// `relatedSupplierItemNumber`: a text of 1 to 35 characters.
    pub related_supplier_item_number: Box<str>,
    /// `relatedManufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_manufacturer_item_number: Option<Box<str>>,
    /// `relatedItemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_item_gtins: Vec<Box<str>>,
    /// `relationType`.
    pub relation_type: RelationType,
    /// `relatedItemQuantity`: a whole number of at least 1.
    pub related_item_quantity: u64,
}

/// What a trade item has to do with another one, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemRelationSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `relatedSupplierItemNumber`: a text of 1 to 35 characters.
    pub related_supplier_item_number: Box<str>,
    /// `relatedManufacturerItemNumber`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_manufacturer_item_number: Option<Box<str>>,
    /// `relatedItemGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_item_gtins: Vec<Box<str>>,
    /// `relationType`.
    pub relation_type: RelationType,
    /// `relatedItemQuantity`: a whole number of at least 1.
    pub related_item_quantity: u64,
}

/// The attachments of one trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeItemAttachmentsResponseData {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `attachments`.
    #[serde(deserialize_with = "lists::required")]
    pub attachments: Vec<ItemAttachment>,
}

/// A picture, drawing or document of a trade item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemAttachment {
    /// `attachmentType`.
    pub attachment_type: AttachmentType,
    /// `attachmentTypeSpecification`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_type_specification: Option<AttachmentTypeSpecification>,
    /// `attachmentLanguages`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_languages: Vec<Box<str>>,
    /// `attachmentFilename`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_filename: Option<Box<str>>,
    /// `attachmentUri`: a URI.
    pub attachment_uri: Box<str>,
    /// `attachmentDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_description: Option<Box<str>>,
    /// `attachmentIssueDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_issue_date: Option<Box<str>>,
    /// `attachmentExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_expiry_date: Option<Box<str>>,
}

/// An attachment of a trade item, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemAttachmentSummary {
    /// `supplierIdGln`: a text of 13 characters.
    pub supplier_id_gln: Box<str>,
    /// `supplierItemNumber`: a text of 1 to 35 characters.
    pub supplier_item_number: Box<str>,
    /// `attachmentType`.
    pub attachment_type: AttachmentType,
    /// `attachmentTypeSpecification`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_type_specification: Option<AttachmentTypeSpecification>,
    /// `attachmentLanguages`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_languages: Vec<Box<str>>,
    /// `attachmentFilename`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_filename: Option<Box<str>>,
    /// `attachmentUri`: a URI.
    pub attachment_uri: Box<str>,
    /// `attachmentDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_description: Option<Box<str>>,
    /// `attachmentIssueDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_issue_date: Option<Box<str>>,
    /// `attachmentExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_expiry_date: Option<Box<str>>,
}
