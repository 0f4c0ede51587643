//! What is answered: one object under `data`, or a page of many.
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

use super::envelope::Data;
use super::envelope::Page;
use super::etim::ProductEtimClassificationFeature;
use super::etim::ProductEtimClassificationsResponseData;
use super::lca::ProductLcaDeclarationSummary;
use super::lca::ProductLcaEnvironmentalResponseData;
use super::logistics::ItemLogisticSummary;
use super::logistics::TradeItemEnclosedItemsResponseData;
use super::logistics::TradeItemEnclosedSummary;
use super::logistics::TradeItemLogisticDetailsResponseData;
use super::product::ProductAttachmentSummary;
use super::product::ProductAttachmentsResponseData;
use super::product::ProductDescriptionsResponseData;
use super::product::ProductDescriptionsSummary;
use super::product::ProductDetailsResponseData;
use super::product::ProductDetailsSummary;
use super::product::ProductResponseData;
use super::terms::Stock;
use super::terms::TradeItemOrderingResponseData;
use super::terms::TradeItemOrderingSummary;
use super::terms::TradeItemPricingSummary;
use super::terms::TradeItemPricingsResponseData;
use super::trade_item::ItemAttachmentSummary;
use super::trade_item::ItemDescriptionsSummary;
use super::trade_item::ItemRelationSummary;
use super::trade_item::TradeItemAttachmentsResponseData;
use super::trade_item::TradeItemDescriptionsResponseData;
use super::trade_item::TradeItemDetailsResponseData;
use super::trade_item::TradeItemDetailsSummary;
use super::trade_item::TradeItemRelationsResponseData;
use super::trade_item::TradeItemResponseData;

/// A page of many [`ProductAttachmentSummary`].
pub type BulkProductAttachmentsResponse = Page<ProductAttachmentSummary>;

/// A page of many [`ProductDescriptionsSummary`].
pub type BulkProductDescriptionsResponse = Page<ProductDescriptionsSummary>;

/// A page of many [`ProductDetailsSummary`].
pub type BulkProductDetailsResponse = Page<ProductDetailsSummary>;

/// A page of many [`ProductEtimClassificationFeature`].
pub type BulkProductEtimClassificationFeaturesResponse = Page<ProductEtimClassificationFeature>;

/// A page of many [`ProductLcaDeclarationSummary`].
pub type BulkProductLcaDeclarationsResponse = Page<ProductLcaDeclarationSummary>;

/// A page of many [`ItemAttachmentSummary`].
pub type BulkTradeItemAttachmentsResponse = Page<ItemAttachmentSummary>;

/// A page of many [`ItemDescriptionsSummary`].
pub type BulkTradeItemDescriptionsResponse = Page<ItemDescriptionsSummary>;

/// A page of many [`TradeItemDetailsSummary`].
pub type BulkTradeItemDetailsResponse = Page<TradeItemDetailsSummary>;

/// A page of many [`TradeItemEnclosedSummary`].
pub type BulkTradeItemEnclosedItemsResponse = Page<TradeItemEnclosedSummary>;

/// A page of many [`ItemLogisticSummary`].
pub type BulkTradeItemLogisticDetailsResponse = Page<ItemLogisticSummary>;

/// A page of many [`TradeItemOrderingSummary`].
pub type BulkTradeItemOrderingResponse = Page<TradeItemOrderingSummary>;

/// A page of many [`TradeItemPricingSummary`].
pub type BulkTradeItemPricingsResponse = Page<TradeItemPricingSummary>;

/// A page of many [`ItemRelationSummary`].
pub type BulkTradeItemRelationsResponse = Page<ItemRelationSummary>;

/// An answer with one [`ProductAttachmentsResponseData`].
pub type ProductAttachmentsResponse = Data<ProductAttachmentsResponseData>;

/// An answer with one [`ProductDescriptionsResponseData`].
pub type ProductDescriptionsResponse = Data<ProductDescriptionsResponseData>;

/// An answer with one [`ProductDetailsResponseData`].
pub type ProductDetailsResponse = Data<ProductDetailsResponseData>;

/// An answer with one [`ProductEtimClassificationsResponseData`].
pub type ProductEtimClassificationsResponse = Data<ProductEtimClassificationsResponseData>;

/// An answer with one [`ProductLcaEnvironmentalResponseData`].
pub type ProductLcaEnvironmentalResponse = Data<ProductLcaEnvironmentalResponseData>;

/// An answer with one [`ProductResponseData`].
pub type ProductResponse = Data<ProductResponseData>;

/// An answer with one [`Stock`].
pub type StockResponse = Data<Stock>;

/// An answer with one [`TradeItemAttachmentsResponseData`].
pub type TradeItemAttachmentsResponse = Data<TradeItemAttachmentsResponseData>;

/// An answer with one [`TradeItemDescriptionsResponseData`].
pub type TradeItemDescriptionsResponse = Data<TradeItemDescriptionsResponseData>;

/// An answer with one [`TradeItemDetailsResponseData`].
pub type TradeItemDetailsResponse = Data<TradeItemDetailsResponseData>;

/// An answer with one [`TradeItemEnclosedItemsResponseData`].
pub type TradeItemEnclosedItemsResponse = Data<TradeItemEnclosedItemsResponseData>;

/// An answer with one [`TradeItemLogisticDetailsResponseData`].
pub type TradeItemLogisticDetailsResponse = Data<TradeItemLogisticDetailsResponseData>;

/// An answer with one [`TradeItemOrderingResponseData`].
pub type TradeItemOrderingResponse = Data<TradeItemOrderingResponseData>;

/// An answer with one [`TradeItemPricingsResponseData`].
pub type TradeItemPricingsResponse = Data<TradeItemPricingsResponseData>;

/// An answer with one [`TradeItemRelationsResponseData`].
pub type TradeItemRelationsResponse = Data<TradeItemRelationsResponseData>;

/// An answer with one [`TradeItemResponseData`].
pub type TradeItemResponse = Data<TradeItemResponseData>;
