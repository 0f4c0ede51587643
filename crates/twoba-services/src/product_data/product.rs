//! Products: details, descriptions and attachments (product 1.0.0-Preview3).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use crate::decimal::Decimal;

use super::enumerations::AttachmentType;
use super::enumerations::AttachmentTypeSpecification;
use super::enumerations::ProductStatus;
use super::enumerations::ProductType;
use super::etim::EtimClassification;
use super::lca::LcaEnvironmental;
use super::lists;

/// A product with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `details`.
    pub details: ProductDetails,
    /// `descriptions`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub descriptions: Option<Vec<ProductDescription>>,
    /// `etimClassifications`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub etim_classifications: Option<Vec<EtimClassification>>,
    /// `lcaEnvironmental`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lca_environmental: Option<LcaEnvironmental>,
    /// `attachments`, `None` where the server left them out of this answer.
    #[serde(default, deserialize_with = "lists::included")]
    pub attachments: Option<Vec<ProductAttachment>>,
}

/// The details of one product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDetailsResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `details`, `None` where there is none.
    pub details: Option<ProductDetails>,
}

/// Numbers, names, dates and state of a product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDetails {
    /// `productGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_gtins: Vec<Box<str>>,
    /// `unbrandedProduct`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbranded_product: Option<bool>,
    /// `brandName`, optional: a text of 1 to 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_name: Option<Box<str>>,
    /// `productAnnouncementDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_announcement_date: Option<Box<str>>,
    /// `productValidityDate`: a date as `2026-07-22`.
    pub product_validity_date: Box<str>,
    /// `productObsolescenceDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_obsolescence_date: Option<Box<str>>,
    /// `customsCommodityCode`, optional: a text of 6 to 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customs_commodity_code: Option<Box<str>>,
    /// `factorCustomsCommodityCode`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor_customs_commodity_code: Option<Decimal>,
    /// `countryOfOrigin`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country_of_origin: Vec<Box<str>>,
    /// `productStatus`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_status: Option<ProductStatus>,
    /// `productType`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<ProductType>,
    /// `customisableProduct`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customisable_product: Option<bool>,
    /// `hasSerialNumber`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_serial_number: Option<bool>,
    /// `warrantyConsumer`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_consumer: Option<u64>,
    /// `warrantyBusiness`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_business: Option<u64>,
    /// `relatedManufacturerProductGroup`, empty where there are none: each a text of 1 to 50 characters.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_manufacturer_product_group: Vec<Box<str>>,
}

/// A product and its details, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDetailsSummary {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `productGtins`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_gtins: Vec<Box<str>>,
    /// `unbrandedProduct`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbranded_product: Option<bool>,
    /// `brandName`, optional: a text of 1 to 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_name: Option<Box<str>>,
    /// `productAnnouncementDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_announcement_date: Option<Box<str>>,
    /// `productValidityDate`: a date as `2026-07-22`.
    pub product_validity_date: Box<str>,
    /// `productObsolescenceDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_obsolescence_date: Option<Box<str>>,
    /// `customsCommodityCode`, optional: a text of 6 to 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customs_commodity_code: Option<Box<str>>,
    /// `factorCustomsCommodityCode`, optional: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor_customs_commodity_code: Option<Decimal>,
    /// `countryOfOrigin`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country_of_origin: Vec<Box<str>>,
    /// `productStatus`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_status: Option<ProductStatus>,
    /// `productType`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<ProductType>,
    /// `customisableProduct`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customisable_product: Option<bool>,
    /// `hasSerialNumber`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_serial_number: Option<bool>,
    /// `warrantyConsumer`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_consumer: Option<u64>,
    /// `warrantyBusiness`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_business: Option<u64>,
    /// `relatedManufacturerProductGroup`, empty where there are none: each a text of 1 to 50 characters.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_manufacturer_product_group: Vec<Box<str>>,
}

/// The descriptions of one product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDescriptionsResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `descriptions`.
    #[serde(deserialize_with = "lists::required")]
    pub descriptions: Vec<ProductDescription>,
}

/// What is said of a product in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDescription {
    /// `descriptionLanguage`: a text.
    pub description_language: Box<str>,
    /// `minimalProductDescription`: a text of 1 to 80 characters.
    pub minimal_product_description: Box<str>,
    /// `uniqueMainProductDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_main_product_description: Option<Box<str>>,
    /// `fullProductDescription`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_product_description: Option<Box<str>>,
    /// `productMarketingText`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_marketing_text: Option<Box<str>>,
    /// `productSpecificationText`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specification_text: Option<Box<str>>,
    /// `productApplicationInstructions`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_application_instructions: Option<Box<str>>,
    /// `productKeyword`, empty where there are none: each a text of 1 to 50 characters.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_keyword: Vec<Box<str>>,
    /// `productPageUrl`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_page_url: Option<Box<str>>,
}

/// What is said of a product in one language, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductDescriptionsSummary {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `descriptionLanguage`: a text.
    pub description_language: Box<str>,
    /// `minimalProductDescription`: a text of 1 to 80 characters.
    pub minimal_product_description: Box<str>,
    /// `uniqueMainProductDescription`, optional: a text of 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_main_product_description: Option<Box<str>>,
    /// `fullProductDescription`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_product_description: Option<Box<str>>,
    /// `productMarketingText`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_marketing_text: Option<Box<str>>,
    /// `productSpecificationText`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specification_text: Option<Box<str>>,
    /// `productApplicationInstructions`, optional: a text of 1 to 10000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_application_instructions: Option<Box<str>>,
    /// `productKeyword`, empty where there are none: each a text of 1 to 50 characters.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_keyword: Vec<Box<str>>,
    /// `productPageUrl`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_page_url: Option<Box<str>>,
}

/// The attachments of one product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductAttachmentsResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `attachments`.
    #[serde(deserialize_with = "lists::required")]
    pub attachments: Vec<ProductAttachment>,
}

/// A picture, drawing or document of a product, in one or more files.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductAttachment {
    /// `attachmentType`.
    pub attachment_type: AttachmentType,
    /// `attachmentTypeSpecification`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_type_specification: Option<AttachmentTypeSpecification>,
    /// `attachmentOrder`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_order: Option<u64>,
    /// `attachmentDetails`.
    #[serde(deserialize_with = "lists::required")]
    pub attachment_details: Vec<AttachmentDetails>,
}

/// One file of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttachmentDetails {
    /// `attachmentLanguage`, empty where there are none: each a text.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_language: Vec<Box<str>>,
    /// `attachmentFilename`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_filename: Option<Box<str>>,
    /// `attachmentUri`: a URI.
    pub attachment_uri: Box<str>,
    /// `attachmentDescription`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_description: Vec<AttachmentDescriptionText>,
    /// `attachmentIssueDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_issue_date: Option<Box<str>>,
    /// `attachmentExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_expiry_date: Option<Box<str>>,
}

/// The description of an attachment in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttachmentDescriptionText {
    /// `language`: a text.
    pub language: Box<str>,
    /// `attachmentDescription`: a text of 1 to 255 characters.
    pub attachment_description: Box<str>,
}

/// An attachment of a product, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductAttachmentSummary {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `attachmentType`.
    pub attachment_type: AttachmentType,
    /// `attachmentTypeSpecification`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_type_specification: Option<AttachmentTypeSpecification>,
    /// `attachmentOrder`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_order: Option<u64>,
    /// `attachmentFilename`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_filename: Option<Box<str>>,
    /// `attachmentUri`: a URI.
    pub attachment_uri: Box<str>,
    /// `attachmentIssueDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_issue_date: Option<Box<str>>,
    /// `attachmentExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_expiry_date: Option<Box<str>>,
}
