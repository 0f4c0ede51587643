//! Pages of Product Data, read by twoba-services and by bare serde_json into plain structs of owned strings.
//!
//! The plain structs have the same members and are what somebody writes who only wants to get at them:
//! enumerations are strings, and prices are doubles, which need no memory and lose digits.

use std::fmt::Write as _;

use http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use twoba_services::Function;
use twoba_services::product_data::{Bulk, Call, operations};

use crate::{Fault, response};

/// How many items a page has.
const ITEMS: usize = 1000;

/// A list that a page is of.
#[derive(Debug)]
pub struct List {
    /// What it is called in the table.
    pub name: &'static str,
    ours: fn(&Response<Vec<u8>>) -> Option<usize>,
    plain: fn(&[u8]) -> Option<usize>,
    item: fn(&mut String, usize),
}

/// A list of texts, and one of numbers.
pub const LISTS: [List; 2] = [
    List {
        name: "details of products",
        ours: |page| ours(&operations::BulkProductDetails::all(), page),
        plain: plain::<ProductDetails>,
        item: product_details,
    },
    List {
        name: "prices of trade items",
        ours: |page| ours(&operations::BulkTradeItemPricings::all(), page),
        plain: plain::<Pricing>,
        item: pricing,
    },
];

impl List {
    /// A page of 1,000 items.
    ///
    /// # Errors
    ///
    /// - one of the readers does not read it: none is known
    pub fn page(&self) -> Result<Response<Vec<u8>>, Fault> {
        let mut body = String::from("{\"data\":[");
        for at in 0..ITEMS {
            if at > 0 {
                body.push(',');
            }
            (self.item)(&mut body, at);
        }
        body.push_str("],\"meta\":{\"cursor\":\"MTAwMC4wMTIz\",\"hasNext\":true,\"limit\":1000}}");
        let page = response(200, body.as_bytes());
        match [self.ours(&page), self.plain(&page)] {
            [Some(ITEMS), Some(ITEMS)] => Ok(page),
            read => Err(format!("{}: {read:?}", self.name).into()),
        }
    }

    /// Reads a page by twoba-services; the number of its items.
    #[must_use]
    pub fn ours(&self, page: &Response<Vec<u8>>) -> Option<usize> {
        (self.ours)(page)
    }

    /// Reads a page by serde_json alone; the number of its items.
    #[must_use]
    pub fn plain(&self, page: &Response<Vec<u8>>) -> Option<usize> {
        (self.plain)(page.body())
    }
}

fn ours<O: Bulk>(call: &Call<O>, page: &Response<Vec<u8>>) -> Option<usize> {
    Some(call.judge(page).ok()?.body.data.len())
}

fn plain<T: DeserializeOwned>(body: &[u8]) -> Option<usize> {
    Some(serde_json::from_slice::<Page<T>>(body).ok()?.data.len())
}

fn product_details(body: &mut String, at: usize) {
    let _written = write!(
        body,
        "{{\"manufacturerIdGln\":\"2008710000011\",\"manufacturerProductNumber\":\"KG-{at}-W\",\
         \"productGtins\":[\"0200871{at:07}\"],\"unbrandedProduct\":false,\
         \"brandName\":\"Goot & Zn. (verzonnen)\",\"productValidityDate\":\"2024-01-01\",\
         \"customsCommodityCode\":\"39259020\",\"factorCustomsCommodityCode\":0.{at:03},\
         \"countryOfOrigin\":[\"NL\"],\"productStatus\":\"ACTIVE\",\"productType\":\"PHYSICAL\",\
         \"customisableProduct\":false,\"hasSerialNumber\":false,\"warrantyConsumer\":24,\
         \"relatedManufacturerProductGroup\":[\"EC990001\"]}}"
    );
}

fn pricing(body: &mut String, at: usize) {
    let _written = write!(
        body,
        "{{\"supplierIdGln\":\"2008710000103\",\"supplierItemNumber\":\"A{at:05}\",\
         \"priceUnit\":\"PK\",\"priceUnitFactor\":1,\"priceQuantity\":100,\"currencyCode\":\"EUR\",\
         \"priceOnRequest\":false,\"grossListPrice\":{at}.95,\"netPrice\":{at}.1275,\
         \"recommendedRetailPrice\":{at}.5,\"vat\":21,\"priceValidityDate\":\"2026-01-01\",\
         \"allowanceSurchargeIndicator\":\"SURCHARGE\",\"allowanceSurchargeType\":\"PAD\",\
         \"allowanceSurchargeSequenceNumber\":1,\"allowanceSurchargeAmount\":0.35,\
         \"allowanceSurchargeMinimumQuantity\":10}}"
    );
}

macro_rules! plain {
    ($($name:ident { $($member:ident: $kind:ty,)* })*) => {$(
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(dead_code, reason = "what is read is what is measured")]
        struct $name { $($member: $kind,)* }
    )*};
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what is read is what is measured")]
struct Page<T> {
    data: Vec<T>,
    meta: Meta,
}

plain! {
    Meta { cursor: Option<String>, prev_cursor: Option<String>, has_next: bool, has_prev: Option<bool>,
           limit: u64, estimated_total: Option<u64>, }

    ProductDetails {
        manufacturer_id_gln: String, manufacturer_product_number: String,
        product_gtins: Option<Vec<String>>, unbranded_product: Option<bool>, brand_name: Option<String>,
        product_announcement_date: Option<String>, product_validity_date: String,
        product_obsolescence_date: Option<String>, customs_commodity_code: Option<String>,
        factor_customs_commodity_code: Option<f64>, country_of_origin: Option<Vec<String>>,
        product_status: Option<String>, product_type: Option<String>, customisable_product: Option<bool>,
        has_serial_number: Option<bool>, warranty_consumer: Option<u64>, warranty_business: Option<u64>,
        related_manufacturer_product_group: Option<Vec<String>>,
    }

    Pricing {
        supplier_id_gln: String, supplier_item_number: String, price_unit: String,
        price_unit_factor: Option<f64>, price_quantity: f64, currency_code: String,
        price_on_request: Option<bool>, gross_list_price: Option<f64>, net_price: Option<f64>,
        recommended_retail_price: Option<f64>, vat: Option<f64>, price_validity_date: String,
        price_expiry_date: Option<String>, allowance_surcharge_indicator: Option<String>,
        allowance_surcharge_type: Option<String>, allowance_surcharge_sequence_number: Option<u64>,
        allowance_surcharge_validity_date: Option<String>, allowance_surcharge_amount: Option<f64>,
        allowance_surcharge_percentage: Option<f64>,
        allowance_surcharge_minimum_quantity: Option<f64>,
    }
}
