//! Finds products and trade items, and explains when there are none.

use super::catalog::{Offer, Product, of_maker, products};
use super::problem::Problem;

/// The most products of a page.
const MAX_PAGE: u64 = 1000;

/// The products in which every word of the query occurs, whatever its case.
pub(crate) fn matching(query: &str) -> impl Iterator<Item = &'static Product> {
    let query = query.to_lowercase();
    let words: Vec<String> = query.split_whitespace().map(str::to_owned).collect();
    products()
        .iter()
        .filter(move |product| product.mentions(&words))
}

pub(super) fn by_gtin(gtin: &str) -> Result<&'static Product, Problem> {
    if !is_digits(gtin, 14) {
        let expected = "14 digits; put zeros in front of a shorter one";
        return Err(Problem::wrong("gtin", expected));
    }
    first(
        |product| product.gtin == gtin,
        "There is no product with this GTIN.",
    )
}

pub(super) fn by_code(of: &str, code: &str) -> Result<&'static Product, Problem> {
    of_maker(gln(of)?, code).ok_or_else(|| {
        Problem::bad_request("There is no product with this product code of this manufacturer.")
    })
}

pub(super) fn by_id(id: u64) -> Result<&'static Product, Problem> {
    first(
        |product| product.id == id,
        "There is no product with this id.",
    )
}

fn first(fits: impl Fn(&Product) -> bool, otherwise: &str) -> Result<&'static Product, Problem> {
    products()
        .iter()
        .find(|product| fits(product))
        .ok_or_else(|| Problem::bad_request(otherwise))
}

pub(super) fn sold(of: &str, id: &str) -> Result<(&'static Product, &'static Offer), Problem> {
    let of = gln(of)?;
    all_sold()
        .find(|(_, offer)| offer.supplier.gln == of && offer.trade_item_id == id)
        .ok_or_else(|| {
            Problem::bad_request("There is no trade item with this id of this supplier.")
        })
}

pub(crate) fn all_sold() -> impl Iterator<Item = (&'static Product, &'static Offer)> {
    products()
        .iter()
        .flat_map(|product| product.offers.iter().map(move |offer| (product, offer)))
}

pub(super) fn gln(text: &str) -> Result<&str, Problem> {
    if is_digits(text, 13) {
        Ok(text)
    } else {
        Err(Problem::wrong("gln", "13 digits"))
    }
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The most products that the caller wants.
pub(super) fn page(parameter: &str, size: Option<u64>) -> Result<usize, Problem> {
    let size = size.unwrap_or(MAX_PAGE);
    match usize::try_from(size) {
        Ok(usable) if (1..=MAX_PAGE).contains(&size) => Ok(usable),
        Ok(_) | Err(_) => Err(Problem::wrong(parameter, "from 1 to 1000")),
    }
}
