//! Products by class and feature of ETIM (product 1.0.0-Preview3).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use crate::decimal::Decimal;

use super::enumerations::ReasonNoValue;
use super::lists;

/// The classes of ETIM that one product belongs to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductEtimClassificationsResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `etimClassifications`.
    #[serde(deserialize_with = "lists::required")]
    pub etim_classifications: Vec<EtimClassification>,
}

/// A class of ETIM that a product belongs to, with its features.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EtimClassification {
    /// `etimClassCode`: a text.
    pub etim_class_code: Box<str>,
    /// `etimClassVersion`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_class_version: Option<u64>,
    /// `etimReleaseVersion`: a text.
    pub etim_release_version: Box<str>,
    /// `etimDynamicReleaseDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_dynamic_release_date: Option<Box<str>>,
    /// `etimFeatures`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etim_features: Vec<EtimFeature>,
}

/// The value of one feature.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EtimFeature {
    /// `etimFeatureCode`: a text.
    pub etim_feature_code: Box<str>,
    /// `etimValueCode`, optional: a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_code: Option<Box<str>>,
    /// `etimValueNumeric`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_numeric: Option<Decimal>,
    /// `etimValueRangeLower`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_range_lower: Option<Decimal>,
    /// `etimValueRangeUpper`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_range_upper: Option<Decimal>,
    /// `etimValueLogical`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_logical: Option<bool>,
    /// `etimValueDetails`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etim_value_details: Vec<EtimValueDetailsText>,
    /// `reasonNoValue`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_no_value: Option<ReasonNoValue>,
}

/// Details of a value in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EtimValueDetailsText {
    /// `language`: a text.
    pub language: Box<str>,
    /// `etimValueDetails`: a text of 1 to 255 characters.
    pub etim_value_details: Box<str>,
}

/// One feature of one class of a product, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductEtimClassificationFeature {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `etimClassCode`: a text.
    pub etim_class_code: Box<str>,
    /// `etimClassVersion`, optional: a whole number of at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_class_version: Option<u64>,
    /// `etimReleaseVersion`: a text.
    pub etim_release_version: Box<str>,
    /// `etimDynamicReleaseDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_dynamic_release_date: Option<Box<str>>,
    /// `etimFeatureCode`, optional: a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_feature_code: Option<Box<str>>,
    /// `etimValueCode`, optional: a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_code: Option<Box<str>>,
    /// `etimValueNumeric`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_numeric: Option<Decimal>,
    /// `etimValueRangeLower`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_range_lower: Option<Decimal>,
    /// `etimValueRangeUpper`, optional: a decimal from -999999999999.9999 to 999999999999.9999 in steps of 0.0001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_range_upper: Option<Decimal>,
    /// `etimValueLogical`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etim_value_logical: Option<bool>,
    /// `etimValueDetails`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etim_value_details: Vec<EtimValueDetailsText>,
    /// `reasonNoValue`, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_no_value: Option<ReasonNoValue>,
}
