//! What products do to the environment, over their life (product 1.0.0-Preview3).
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use crate::decimal::Decimal;

use super::enumerations::DeclaredUnit;
use super::enumerations::LcaDeclarationIndicator;
use super::enumerations::LifeCycleStage;
use super::enumerations::ThirdPartyVerification;
use super::lists;

/// The life cycle assessment of one product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductLcaEnvironmentalResponseData {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `lcaEnvironmental`, `None` where there is none.
    pub lca_environmental: Option<LcaEnvironmental>,
}

/// The life cycle assessment (LCA) of a product, and the declaration (EPD) that it stands in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LcaEnvironmental {
    /// `declaredUnitUnit`.
    pub declared_unit_unit: DeclaredUnit,
    /// `declaredUnitQuantity`: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    pub declared_unit_quantity: Decimal,
    /// `functionalUnitDescription`, empty where there are none.
    #[serde(default, deserialize_with = "lists::optional")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functional_unit_description: Vec<FunctionalUnitDescriptionText>,
    /// `lcaReferenceLifetime`: a whole number of at least 0.
    pub lca_reference_lifetime: u64,
    /// `thirdPartyVerification`.
    pub third_party_verification: ThirdPartyVerification,
    /// `epdValidityStartDate`: a date as `2026-07-22`.
    pub epd_validity_start_date: Box<str>,
    /// `epdValidityExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_validity_expiry_date: Option<Box<str>>,
    /// `epdOperatorName`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_operator_name: Option<Box<str>>,
    /// `epdOperatorUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_operator_uri: Option<Box<str>>,
    /// `operatorEpdId`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_epd_id: Option<Box<str>>,
    /// `manufacturerEpdId`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_epd_id: Option<Box<str>>,
    /// `productCategoryRulesDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_rules_description: Option<Box<str>>,
    /// `productCategoryRulesUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_rules_uri: Option<Box<str>>,
    /// `productSpecificRulesDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specific_rules_description: Option<Box<str>>,
    /// `productSpecificRulesUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specific_rules_uri: Option<Box<str>>,
    /// `lcaDeclaration`.
    #[serde(deserialize_with = "lists::required")]
    pub lca_declaration: Vec<LcaDeclaration>,
}

/// What the functional unit is, in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FunctionalUnitDescriptionText {
    /// `language`: a text.
    pub language: Box<str>,
    /// `functionalUnitDescription`: a text of 1 to 10000 characters.
    pub functional_unit_description: Box<str>,
}

/// The indicators of one stage of the life of a product, for one declared unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LcaDeclaration {
    /// `lifeCycleStage`.
    pub life_cycle_stage: LifeCycleStage,
    /// `lcaDeclarationIndicator`.
    pub lca_declaration_indicator: LcaDeclarationIndicator,
    /// `declaredUnitGwpTotal`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_total: Option<Decimal>,
    /// `declaredUnitGwpFossil`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_fossil: Option<Decimal>,
    /// `declaredUnitGwpBiogenic`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_biogenic: Option<Decimal>,
    /// `declaredUnitAp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ap: Option<Decimal>,
    /// `declaredUnitEpFreshwater`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_freshwater: Option<Decimal>,
    /// `declaredUnitOdp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_odp: Option<Decimal>,
    /// `declaredUnitGwpLuluc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_luluc: Option<Decimal>,
    /// `declaredUnitEpMarine`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_marine: Option<Decimal>,
    /// `declaredUnitEpTerrestrial`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_terrestrial: Option<Decimal>,
    /// `declaredUnitPocp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pocp: Option<Decimal>,
    /// `declaredUnitAdpe`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_adpe: Option<Decimal>,
    /// `declaredUnitAdpf`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_adpf: Option<Decimal>,
    /// `declaredUnitWdp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_wdp: Option<Decimal>,
    /// `declaredUnitPert`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pert: Option<Decimal>,
    /// `declaredUnitPenrt`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_penrt: Option<Decimal>,
    /// `declaredUnitPm`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pm: Option<Decimal>,
    /// `declaredUnitIrp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_irp: Option<Decimal>,
    /// `declaredUnitEtpfw`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_etpfw: Option<Decimal>,
    /// `declaredUnitHtpc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_htpc: Option<Decimal>,
    /// `declaredUnitHtpnc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_htpnc: Option<Decimal>,
    /// `declaredUnitSqp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_sqp: Option<Decimal>,
}

/// The indicators of one stage of the life of a product, in a page of many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductLcaDeclarationSummary {
    /// `manufacturerIdGln`: a text of 13 characters.
    pub manufacturer_id_gln: Box<str>,
    /// `manufacturerProductNumber`: a text of 1 to 35 characters.
    pub manufacturer_product_number: Box<str>,
    /// `declaredUnitUnit`.
    pub declared_unit_unit: DeclaredUnit,
    /// `declaredUnitQuantity`: a decimal from 0 to 99999999999.9999 in steps of 0.0001.
    pub declared_unit_quantity: Decimal,
    /// `lcaReferenceLifetime`: a whole number of at least 0.
    pub lca_reference_lifetime: u64,
    /// `thirdPartyVerification`.
    pub third_party_verification: ThirdPartyVerification,
    /// `epdValidityStartDate`: a date as `2026-07-22`.
    pub epd_validity_start_date: Box<str>,
    /// `epdValidityExpiryDate`, optional: a date as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_validity_expiry_date: Option<Box<str>>,
    /// `epdOperatorName`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_operator_name: Option<Box<str>>,
    /// `epdOperatorUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epd_operator_uri: Option<Box<str>>,
    /// `operatorEpdId`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_epd_id: Option<Box<str>>,
    /// `manufacturerEpdId`, optional: a text of 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_epd_id: Option<Box<str>>,
    /// `productCategoryRulesDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_rules_description: Option<Box<str>>,
    /// `productCategoryRulesUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_rules_uri: Option<Box<str>>,
    /// `productSpecificRulesDescription`, optional: a text of 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specific_rules_description: Option<Box<str>>,
    /// `productSpecificRulesUri`, optional: a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_specific_rules_uri: Option<Box<str>>,
    /// `lifeCycleStage`.
    pub life_cycle_stage: LifeCycleStage,
    /// `lcaDeclarationIndicator`.
    pub lca_declaration_indicator: LcaDeclarationIndicator,
    /// `declaredUnitGwpTotal`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_total: Option<Decimal>,
    /// `declaredUnitGwpFossil`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_fossil: Option<Decimal>,
    /// `declaredUnitGwpBiogenic`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_biogenic: Option<Decimal>,
    /// `declaredUnitGwpLuluc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_gwp_luluc: Option<Decimal>,
    /// `declaredUnitAp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ap: Option<Decimal>,
    /// `declaredUnitEpFreshwater`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_freshwater: Option<Decimal>,
    /// `declaredUnitEpMarine`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_marine: Option<Decimal>,
    /// `declaredUnitEpTerrestrial`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_ep_terrestrial: Option<Decimal>,
    /// `declaredUnitPocp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pocp: Option<Decimal>,
    /// `declaredUnitOdp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_odp: Option<Decimal>,
    /// `declaredUnitAdpe`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_adpe: Option<Decimal>,
    /// `declaredUnitAdpf`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_adpf: Option<Decimal>,
    /// `declaredUnitWdp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_wdp: Option<Decimal>,
    /// `declaredUnitPert`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pert: Option<Decimal>,
    /// `declaredUnitPenrt`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_penrt: Option<Decimal>,
    /// `declaredUnitPm`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_pm: Option<Decimal>,
    /// `declaredUnitIrp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_irp: Option<Decimal>,
    /// `declaredUnitEtpfw`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_etpfw: Option<Decimal>,
    /// `declaredUnitHtpc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_htpc: Option<Decimal>,
    /// `declaredUnitHtpnc`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_htpnc: Option<Decimal>,
    /// `declaredUnitSqp`, optional: a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_unit_sqp: Option<Decimal>,
}
