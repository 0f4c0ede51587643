//! The table of the 31 operations: name, path, query, answer, and what a call is made of.

use super::argument::{self, ArgumentError};
use super::call::Call;
use super::operation::{
    AsksCurrency, AsksEtimRelease, AsksLanguage, AsksLifeCycleStage, Bulk, Operation, Outline,
};
use super::single::Single;

operations! {
    Product "/products/{manufacturerIdGln}/{manufacturerProductNumber}"
        [etimReleaseVersion] -> ProductResponse (of gln number);
    ProductDetails "/products/{manufacturerIdGln}/{manufacturerProductNumber}/details"
        [] -> ProductDetailsResponse (of gln number);
    ProductDescriptions "/products/{manufacturerIdGln}/{manufacturerProductNumber}/descriptions"
        [language] -> ProductDescriptionsResponse (of gln number);
    ProductEtimClassifications "/products/{manufacturerIdGln}/{manufacturerProductNumber}/etim-classifications"
        [etimReleaseVersion] -> ProductEtimClassificationsResponse (of gln number);
    ProductLcaEnvironmental "/products/{manufacturerIdGln}/{manufacturerProductNumber}/lca-environmental"
        [] -> ProductLcaEnvironmentalResponse (of gln number);
    ProductAttachments "/products/{manufacturerIdGln}/{manufacturerProductNumber}/attachments"
        [] -> ProductAttachmentsResponse (of gln number);
    BulkProductDetails "/products/bulk/details"
        [cursor limit selectionId manufacturerIdGln mutationDateTime] -> BulkProductDetailsResponse (each ProductDetailsSummary);
    BulkProductDescriptions "/products/bulk/descriptions"
        [cursor limit selectionId manufacturerIdGln mutationDateTime language] -> BulkProductDescriptionsResponse (each ProductDescriptionsSummary);
    BulkProductEtimClassificationFeatures "/products/bulk/etim-classifications"
        [cursor limit selectionId manufacturerIdGln mutationDateTime etimReleaseVersion] -> BulkProductEtimClassificationFeaturesResponse (each ProductEtimClassificationFeature);
    BulkProductLcaDeclarations "/products/bulk/lca-environmental"
        [cursor limit selectionId manufacturerIdGln mutationDateTime lifeCycleStage] -> BulkProductLcaDeclarationsResponse (each ProductLcaDeclarationSummary);
    BulkProductAttachments "/products/bulk/attachments"
        [cursor limit selectionId manufacturerIdGln mutationDateTime] -> BulkProductAttachmentsResponse (each ProductAttachmentSummary);
    TradeItem "/trade-items/{supplierIdGln}/{supplierItemNumber}"
        [] -> TradeItemResponse (of gln number);
    TradeItemDetails "/trade-items/{supplierIdGln}/{supplierItemNumber}/details"
        [] -> TradeItemDetailsResponse (of gln number);
    TradeItemDescriptions "/trade-items/{supplierIdGln}/{supplierItemNumber}/descriptions"
        [language] -> TradeItemDescriptionsResponse (of gln number);
    TradeItemOrdering "/trade-items/{supplierIdGln}/{supplierItemNumber}/ordering"
        [] -> TradeItemOrderingResponse (of gln number);
    TradeItemPricings "/trade-items/{supplierIdGln}/{supplierItemNumber}/pricings"
        [] -> TradeItemPricingsResponse (of gln number);
    TradeItemRelations "/trade-items/{supplierIdGln}/{supplierItemNumber}/relations"
        [] -> TradeItemRelationsResponse (of gln number);
    TradeItemLogisticDetails "/trade-items/{supplierIdGln}/{supplierItemNumber}/logistic-details"
        [] -> TradeItemLogisticDetailsResponse (of gln number);
    TradeItemAttachments "/trade-items/{supplierIdGln}/{supplierItemNumber}/attachments"
        [] -> TradeItemAttachmentsResponse (of gln number);
    TradeItemEnclosedItems "/trade-items/{supplierIdGln}/{supplierItemNumber}/enclosed-items"
        [] -> TradeItemEnclosedItemsResponse (of gln number);
    BulkTradeItemDetails "/trade-items/bulk/details"
        [cursor limit selectionId supplierIdGln mutationDateTime] -> BulkTradeItemDetailsResponse (each TradeItemDetailsSummary);
    BulkTradeItemDescriptions "/trade-items/bulk/descriptions"
        [cursor limit selectionId supplierIdGln mutationDateTime language] -> BulkTradeItemDescriptionsResponse (each ItemDescriptionsSummary);
    BulkTradeItemOrdering "/trade-items/bulk/ordering"
        [cursor limit selectionId mutationDateTime supplierIdGln] -> BulkTradeItemOrderingResponse (each TradeItemOrderingSummary);
    BulkTradeItemPricings "/trade-items/bulk/pricings"
        [cursor limit selectionId mutationDateTime supplierIdGln] -> BulkTradeItemPricingsResponse (each TradeItemPricingSummary);
    BulkTradeItemRelations "/trade-items/bulk/relations"
        [cursor limit selectionId supplierIdGln mutationDateTime] -> BulkTradeItemRelationsResponse (each ItemRelationSummary);
    BulkTradeItemLogisticDetails "/trade-items/bulk/logistic-details"
        [cursor limit selectionId supplierIdGln mutationDateTime] -> BulkTradeItemLogisticDetailsResponse (each ItemLogisticSummary);
    BulkTradeItemAttachments "/trade-items/bulk/attachments"
        [cursor limit selectionId supplierIdGln mutationDateTime] -> BulkTradeItemAttachmentsResponse (each ItemAttachmentSummary);
    BulkTradeItemEnclosedItems "/trade-items/bulk/enclosed-items"
        [cursor limit selectionId supplierIdGln mutationDateTime] -> BulkTradeItemEnclosedItemsResponse (each TradeItemEnclosedSummary);
    NetPriceByNumber "/netprices/{supplierIdGln}/item-number/{supplierItemNumber}"
        [quantity currency] -> NetPriceResponse (of gln number);
    NetPriceByGtin "/netprices/{supplierIdGln}/item-gtin/{itemGtin}"
        [quantity currency] -> NetPriceResponse (of gln gtin);
    Stock "/stock/{supplierIdGln}/{supplierItemNumber}"
        [] -> StockResponse (of gln number);
}
