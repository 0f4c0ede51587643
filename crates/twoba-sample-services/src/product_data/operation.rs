//! Which operations there are: their paths, scopes and parameters.

use crate::form;
use crate::problem::Problem;

/// An operation, and what its path says.
#[derive(Debug)]
pub(super) struct Operation {
    row: &'static Row,
    /// What stands in the place of each name in braces, decoded.
    values: Vec<String>,
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    path: &'static str,
    query: &'static [&'static str],
    about: About,
}

/// What an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Product(ProductPart),
    Products(ProductPart),
    Item(ItemPart),
    Items(ItemPart),
    NetPrice,
    Stock,
}

/// A part of what is known of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProductPart {
    Whole,
    Details,
    Descriptions,
    Classifications,
    LifeCycle,
    Attachments,
}

/// A part of what is known of a trade item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemPart {
    Whole,
    Details,
    Descriptions,
    Ordering,
    Pricings,
    Relations,
    Logistics,
    Attachments,
    Enclosed,
}

const PRODUCTS: &[&str] = &[
    "cursor",
    "limit",
    "selectionId",
    "manufacturerIdGln",
    "mutationDateTime",
];
const ITEMS: &[&str] = &[
    "cursor",
    "limit",
    "selectionId",
    "supplierIdGln",
    "mutationDateTime",
];
const PRICE: &[&str] = &["quantity", "currency"];

const fn row(path: &'static str, query: &'static [&'static str], about: About) -> Row {
    Row { path, query, about }
}

#[rustfmt::skip]
static ROWS: [Row; 31] = {
    use About::{Item, Items, NetPrice, Product, Products, Stock};
    use {ItemPart as I, ProductPart as P};
    [
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}", &["etimReleaseVersion"], Product(P::Whole)),
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}/details", &[], Product(P::Details)),
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}/descriptions", &["language"], Product(P::Descriptions)),
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}/etim-classifications", &["etimReleaseVersion"], Product(P::Classifications)),
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}/lca-environmental", &[], Product(P::LifeCycle)),
        row("products/{manufacturerIdGln}/{manufacturerProductNumber}/attachments", &[], Product(P::Attachments)),
        row("products/bulk/details", PRODUCTS, Products(P::Details)),
        row("products/bulk/descriptions", &["cursor", "limit", "selectionId", "manufacturerIdGln", "mutationDateTime", "language"], Products(P::Descriptions)),
        row("products/bulk/etim-classifications", &["cursor", "limit", "selectionId", "manufacturerIdGln", "mutationDateTime", "etimReleaseVersion"], Products(P::Classifications)),
        row("products/bulk/lca-environmental", &["cursor", "limit", "selectionId", "manufacturerIdGln", "mutationDateTime", "lifeCycleStage"], Products(P::LifeCycle)),
        row("products/bulk/attachments", PRODUCTS, Products(P::Attachments)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}", &[], Item(I::Whole)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/details", &[], Item(I::Details)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/descriptions", &["language"], Item(I::Descriptions)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/ordering", &[], Item(I::Ordering)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/pricings", &[], Item(I::Pricings)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/relations", &[], Item(I::Relations)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/logistic-details", &[], Item(I::Logistics)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/attachments", &[], Item(I::Attachments)),
        row("trade-items/{supplierIdGln}/{supplierItemNumber}/enclosed-items", &[], Item(I::Enclosed)),
        row("trade-items/bulk/details", ITEMS, Items(I::Details)),
        row("trade-items/bulk/descriptions", &["cursor", "limit", "selectionId", "supplierIdGln", "mutationDateTime", "language"], Items(I::Descriptions)),
        row("trade-items/bulk/ordering", ITEMS, Items(I::Ordering)),
        row("trade-items/bulk/pricings", ITEMS, Items(I::Pricings)),
        row("trade-items/bulk/relations", ITEMS, Items(I::Relations)),
        row("trade-items/bulk/logistic-details", ITEMS, Items(I::Logistics)),
        row("trade-items/bulk/attachments", ITEMS, Items(I::Attachments)),
        row("trade-items/bulk/enclosed-items", ITEMS, Items(I::Enclosed)),
        row("netprices/{supplierIdGln}/item-number/{supplierItemNumber}", PRICE, NetPrice),
        row("netprices/{supplierIdGln}/item-gtin/{itemGtin}", PRICE, NetPrice),
        row("stock/{supplierIdGln}/{supplierItemNumber}", &[], Stock),
    ]
};

impl Operation {
    /// The operation at this path below the base.
    pub(super) fn read(path: &str) -> Option<Self> {
        // What is spelled out goes before what is not: no GLN is `bulk`.
        let row = |row: &'static Row| {
            Some(Self {
                row,
                values: values(row.path, path)?,
            })
        };
        let fixed = ROWS.iter().filter(|row| row.path.contains("/bulk/"));
        fixed.chain(&ROWS).find_map(row)
    }

    /// Its path, with names in braces.
    pub(super) const fn name(&self) -> &'static str {
        self.row.path
    }

    pub(super) const fn about(&self) -> About {
        self.row.about
    }

    pub(super) fn takes(&self, parameter: &str) -> bool {
        self.row.query.contains(&parameter)
    }

    /// Whether the second number of the path is a GTIN.
    pub(super) fn is_by_gtin(&self) -> bool {
        self.row.path.ends_with("{itemGtin}")
    }

    /// The scope that a token needs. 2BA names the scopes only; which is for what is our guess.
    pub(super) fn scope(&self) -> &'static str {
        match self.row.about {
            About::Product(_) | About::Products(_) => "read:products",
            About::Item(_) | About::Items(_) => "read:tradeitems",
            About::NetPrice => "read:netprices",
            About::Stock => "read:stock",
        }
    }

    /// The version of the description that the operation stands in.
    pub(super) const fn version(&self) -> &'static str {
        match self.row.about {
            About::Product(_) | About::Products(_) | About::Item(_) | About::Items(_) => {
                "1.0.0-Preview3"
            }
            About::NetPrice | About::Stock => "1.0.0",
        }
    }

    /// The two numbers of the path, if they are some.
    pub(super) fn numbers(&self) -> Result<(&str, &str), Problem> {
        let names = || self.row.path.split('/').filter_map(in_braces);
        let (first, second) = (names().next(), names().nth(1));
        let [gln, number] = self.values.as_slice() else {
            return Ok(("", ""));
        };
        let is_number = match self.is_by_gtin() {
            true => (8..=14).contains(&number.len()) && are_digits(number),
            false => (1..=35).contains(&number.chars().count()),
        };
        let wrong =
            |name: Option<&'static str>, words| Problem::wrong(name.unwrap_or_default(), words);
        let of_gln = || wrong(first, "It has to be 13 digits.");
        let of_number = || match self.is_by_gtin() {
            true => wrong(second, "It has to be 8 to 14 digits."),
            false => wrong(second, "It has to be 1 to 35 characters."),
        };
        match (is_gln(gln), is_number) {
            (true, true) => Ok((gln, number)),
            (false, true) => Err(of_gln()),
            (true, false) => Err(of_number()),
            (false, false) => Err(of_gln().and(of_number())),
        }
    }
}

/// What stands in the path where the pattern has names, if the path is of that pattern.
fn values(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut values, mut parts) = (Vec::new(), path.split('/'));
    for expected in pattern.split('/') {
        let part = parts.next()?;
        match in_braces(expected) {
            // A plus is a plus in a path, where form encoding has a space.
            Some(_) => values.push(form::decode(part.replace('+', "%2B").as_bytes()).ok()?),
            None if part == expected => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(values)
}

fn in_braces(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

pub(super) fn is_gln(text: &str) -> bool {
    text.len() == 13 && are_digits(text)
}

pub(super) fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a segment of a path is spelled out in some operation.
pub(crate) fn is_named_by(segment: &str) -> bool {
    let mut parts = ROWS.iter().flat_map(|row| row.path.split('/'));
    ["rest", "api", "v1"].contains(&segment) || parts.any(|part| part == segment)
}

/// The parameter of that name, if some operation asks for it.
pub(crate) fn parameter(name: &str) -> Option<&'static str> {
    let mut names = ROWS.iter().flat_map(|row| row.query);
    names.find(|known| **known == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_operations_and_their_numbers() {
        for row in &ROWS {
            let path = row.path.replace("{itemGtin}", "08710000000001");
            let path = path.split('/').map(|part| match in_braces(part) {
                Some(name) if name.ends_with("Gln") => "2008710000011",
                Some(_) => "KG%2060%2F40+",
                None => part,
            });
            let operation = Operation::read(&path.collect::<Vec<_>>().join("/")).unwrap();
            assert_eq!(operation.name(), row.path);
            let (gln, number) = operation.numbers().unwrap();
            match (operation.takes("cursor"), operation.is_by_gtin()) {
                (true, _) => assert_eq!((gln, number), ("", "")),
                (false, true) => assert_eq!(number, "08710000000001"),
                (false, false) => assert_eq!((gln, number), ("2008710000011", "KG 60/40+")),
            }
        }
    }

    #[test]
    fn other_paths_lead_nowhere_and_bad_numbers_are_told_by_name() {
        for path in [
            "",
            "products",
            "products/1",
            "products/1/2/nothing",
            "stock/1/2/3",
            "products/1/%zz",
        ] {
            assert!(Operation::read(path).is_none(), "{path}");
        }
        for (path, names) in [
            ("products/1/x", &["manufacturerIdGln"][..]),
            ("stock/1/", &["supplierIdGln", "supplierItemNumber"]),
            ("netprices/2008710000103/item-gtin/x", &["itemGtin"]),
        ] {
            let said = format!(
                "{:?}",
                Operation::read(path).unwrap().numbers().unwrap_err()
            );
            assert!(names.iter().all(|name| said.contains(name)), "{said}");
        }
    }
}
