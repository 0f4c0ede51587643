//! Reads the table of products, and numbers them.

use std::sync::LazyLock;

use super::record::Decimal;
use super::vocabulary::{
    Class, Feature, MAKERS, Nature, Party, SUPPLIERS, class_of, feature_of, party_of, value_of,
};

const TABLE: &str = include_str!("catalog.txt");

/// An invented product.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) product_id: u64,
    /// Fourteen digits, from a range that GS1 reserves for private use.
    pub(crate) gtin: String,
    pub(crate) code: &'static str,
    pub(crate) model: &'static str,
    pub(crate) description: &'static str,
    pub(crate) long_description: &'static str,
    pub(crate) maker: &'static Party,
    pub(crate) class: &'static Class,
    pub(crate) grams: u64,
    pub(crate) properties: Vec<Property>,
    pub(crate) offers: Vec<Offer>,
}

/// The value of one feature.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) feature: &'static Feature,
    pub(crate) value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Code and meaning.
    Listed(&'static str, &'static str),
    Logical(bool),
    Numeric(Decimal),
    Range(Decimal, Decimal),
    /// The maker states no value.
    Unknown,
}

/// A product as one supplier sells it: a trade item.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) id: u64,
    pub(crate) supplier: &'static Party,
    /// The supplier's own number.
    pub(crate) trade_item_id: String,
    /// The price of one package in euros.
    pub(crate) price: Decimal,
    /// The number of products in one package.
    pub(crate) packing: u64,
}

/// All products, in the order of the table.
pub(crate) fn products() -> &'static [Product] {
    static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
        rows()
            .zip(0..)
            .filter_map(|(row, place)| product(row, place))
            .collect()
    });
    &PRODUCTS
}

/// The product of a maker's code.
pub(crate) fn of_maker(gln: &str, code: &str) -> Option<&'static Product> {
    let mut all = products().iter();
    all.find(|product| product.maker.gln == gln && product.code == code)
}

impl Product {
    /// Whether each of these words, in lower case, occurs in the product's texts.
    pub(crate) fn mentions(&self, words: &[String]) -> bool {
        let text = [
            self.description,
            self.long_description,
            &self.gtin,
            self.code,
            self.maker.gln,
            self.maker.name,
            self.class.code,
            self.class.description,
        ]
        .join("\n")
        .to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}

fn rows() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

/// Reads a row. A test checks that no row fails.
fn product(row: &'static str, place: u64) -> Option<Product> {
    let mut cells = row.split('|').map(str::trim);
    let class = class_of(cells.next()?)?;
    let maker = party_of(&MAKERS, cells.next()?)?;
    let code = cells.next()?;
    let model = cells.next()?;
    let grams = cells.next()?.parse().ok()?;
    let properties = properties(class, cells.next()?)?;
    let offers = offers(cells.next()?, place)?;
    Some(Product {
        id: 1_000_001 + place,
        product_id: 500_001 + place,
        gtin: gtin(100 + place),
        code,
        model,
        description: cells.next()?,
        long_description: cells.next()?,
        maker,
        class,
        grams,
        properties,
        offers,
    })
}

fn properties(class: &Class, cell: &str) -> Option<Vec<Property>> {
    let values: Vec<&str> = cell.split_whitespace().collect();
    if values.len() != class.features.len() {
        return None;
    }
    class
        .features
        .iter()
        .zip(values)
        .map(|(code, text)| {
            let feature = feature_of(code)?;
            let value = value(feature.nature, text)?;
            Some(Property { feature, value })
        })
        .collect()
}

fn value(nature: Nature, text: &str) -> Option<Value> {
    Some(match (nature, text) {
        (_, "-") => Value::Unknown,
        (Nature::Alphanumeric, code) => {
            let (code, meaning) = value_of(code)?;
            Value::Listed(code, meaning)
        }
        (Nature::Logical, "yes") => Value::Logical(true),
        (Nature::Logical, "no") => Value::Logical(false),
        (Nature::Logical, _) => return None,
        (Nature::Numeric, number) => Value::Numeric(Decimal::parse(number)?),
        (Nature::Range, range) => {
            let (lower, upper) = range.split_once("..")?;
            Value::Range(Decimal::parse(lower)?, Decimal::parse(upper)?)
        }
    })
}

/// Reads pairs of a supplier and a price for a package of this size.
fn offers(cell: &str, place: u64) -> Option<Vec<Offer>> {
    if cell == "-" {
        return Some(Vec::new());
    }
    let words: Vec<&str> = cell.split_whitespace().collect();
    words
        .chunks(2)
        .map(|pair| {
            let [key, terms] = pair else {
                return None;
            };
            let at = SUPPLIERS
                .iter()
                .zip(1..)
                .find(|(party, _)| party.key == *key);
            let (supplier, number) = at?;
            let (price, packing) = terms.split_once('/')?;
            Some(Offer {
                id: 2_000_000 + number * 10_000 + place + 1,
                supplier,
                trade_item_id: format!("{key}{:05}", 100 + place),
                price: Decimal::parse(price)?,
                packing: packing.parse().ok()?,
            })
        })
        .collect()
}

/// Fourteen digits that begin like the makers' numbers and end in their check digit.
fn gtin(serial: u64) -> String {
    let digits = format!("02008710{serial:05}");
    format!("{digits}{}", check_digit(&digits))
}

/// The check digit of GS1. The digits weigh 3 and 1 in turn from the right, and the check digit
/// fills up to a multiple of ten.
fn check_digit(digits: &str) -> u32 {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::vocabulary::{CLASSES, FEATURES};
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_product() {
        for (row, place) in rows().zip(0..) {
            assert!(product(row, place).is_some(), "{row}");
            assert_eq!(row.split('|').count(), 9, "{row}");
        }
        assert_eq!(products().len(), rows().count());
        assert!(products().len() >= 40);
    }

    #[test]
    fn numbers_have_the_right_length_and_check_digit() {
        let parties = MAKERS.iter().chain(&SUPPLIERS);
        let glns = parties.map(|party| (party.gln, 13));
        let gtins = products().iter().map(|product| (product.gtin.as_str(), 14));
        for (number, length) in glns.chain(gtins) {
            let (digits, check) = number.split_at(number.len() - 1);
            assert_eq!(number.len(), length, "{number}");
            assert!(number.trim_start_matches('0').starts_with('2'), "{number}");
            assert_eq!(check_digit(digits).to_string(), check, "{number}");
        }
        // An example that GS1 itself gives.
        assert_eq!(check_digit("629104150021"), 3);
    }

    #[test]
    fn no_number_is_given_twice() {
        let all = products();
        let offers = || all.iter().flat_map(|product| &product.offers);
        let ids: BTreeSet<_> = all.iter().map(|product| product.id).collect();
        let gtins: BTreeSet<_> = all.iter().map(|product| &product.gtin).collect();
        let codes: BTreeSet<_> = all
            .iter()
            .map(|product| (product.maker.gln, product.code))
            .collect();
        let items: BTreeSet<_> = offers().map(|offer| &offer.trade_item_id).collect();
        let item_ids: BTreeSet<_> = offers().map(|offer| offer.id).collect();
        for count in [ids.len(), gtins.len(), codes.len()] {
            assert_eq!(count, all.len());
        }
        assert_eq!(
            (items.len(), item_ids.len()),
            (offers().count(), offers().count())
        );
        let lone_codes: BTreeSet<_> = all.iter().map(|product| product.code).collect();
        assert!(
            lone_codes.len() < codes.len(),
            "no code is shared by two makers"
        );
    }

    #[test]
    fn nothing_is_left_unused() {
        for class in &CLASSES {
            assert!(
                products()
                    .iter()
                    .any(|product| product.class.code == class.code),
                "{class:?}"
            );
        }
        for feature in &FEATURES {
            assert!(
                CLASSES
                    .iter()
                    .any(|class| class.features.contains(&feature.code)),
                "{feature:?}"
            );
        }
        for supplier in &SUPPLIERS {
            let sold = products().iter().flat_map(|product| &product.offers);
            assert!(
                sold.into_iter()
                    .any(|offer| offer.supplier.gln == supplier.gln)
            );
        }
    }

    #[test]
    fn a_row_with_a_fault_is_no_product() {
        let good = rows().next().unwrap();
        for (from, to) in [
            ("EC990001", "EC000001"),
            ("goot", "nobody"),
            ("1180", "heavy"),
            ("60 40 2000", "60 40"),
            ("EV990001", "EV000001"),
            ("yes", "maybe"),
            ("A 12.50/1", "Z 12.50/1"),
            ("A 12.50/1", "A 12,50/1"),
            ("A 12.50/1", "A"),
        ] {
            let spoiled: &'static str = Box::leak(good.replace(from, to).into_boxed_str());
            assert!(product(spoiled, 0).is_none(), "{spoiled}");
        }
    }
}
