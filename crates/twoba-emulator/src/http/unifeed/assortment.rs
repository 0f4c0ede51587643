//! Decides which articles can be picked: one for every sample product, sold by an invented wholesaler.

use super::start::Narrowing;
use crate::products::{self, Product};

/// Begins with 2, which GS1 leaves to everybody's own use.
pub(super) const SUPPLIER_GLN: &str = "2008710000042";
pub(super) const SUPPLIER_NAME: &str = "Groothandel Proef (verzonnen)";

/// What the wholesaler sells of one product, piece by piece.
#[derive(Clone, Copy)]
pub(super) struct Article {
    product: &'static Product,
}

/// All articles that a start URL asks for.
pub(super) fn articles(narrowing: &Narrowing) -> Vec<Article> {
    products::search(narrowing.words.as_deref().unwrap_or_default())
        .into_iter()
        .map(|product| Article { product })
        .filter(|article| article.is_within(narrowing))
        .collect()
}

impl Article {
    /// The number of the article, which is another one than that of its product.
    pub(super) const fn id(self) -> u64 {
        self.product.id
    }

    pub(super) const fn product_id(self) -> u64 {
        self.product.product_id
    }

    /// The number of the product in the spelling of the older interfaces.
    pub(super) fn product_guid(self) -> String {
        format!("2ba00000-0000-4000-8000-{:012x}", self.product_id())
    }

    pub(super) const fn description(self) -> &'static str {
        self.product.description
    }

    pub(super) const fn manufacturer(self) -> &'static str {
        self.product.manufacturer_name
    }

    pub(super) const fn productcode(self) -> &'static str {
        self.product.productcode
    }

    /// The number that the wholesaler orders by.
    pub(super) fn trade_item_id(self) -> String {
        format!("GP{}", self.id())
    }

    /// Gross price of one piece, in cents.
    pub(super) const fn price(self) -> u64 {
        // Whatever; but always the same, and seldom the same as another's.
        195 + self.id() % 89 * 137
    }

    fn is_within(self, narrowing: &Narrowing) -> bool {
        let fits = |asked: &Option<String>, is: &str| asked.as_ref().is_none_or(|text| text == is);
        // With a product code the GLN is the manufacturer's, with an article number the supplier's.
        let gln = match narrowing.trade_item_id {
            Some(_) => SUPPLIER_GLN,
            None => self.product.manufacturer_gln,
        };
        fits(&narrowing.product, &self.product_id().to_string())
            && fits(&narrowing.trade_item, &self.id().to_string())
            && fits(&narrowing.gln, gln)
            && fits(&narrowing.productcode, self.productcode())
            && fits(&narrowing.trade_item_id, &self.trade_item_id())
    }
}

/// Cents as a decimal number of euros.
pub(super) fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(change: impl FnOnce(&mut Narrowing)) -> usize {
        let mut narrowing = Narrowing::default();
        change(&mut narrowing);
        articles(&narrowing).len()
    }

    #[test]
    fn deep_links_lead_to_one_article() {
        let all = articles(&Narrowing::default());
        assert!(all.len() >= 12);
        let one = all[0];
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(narrowed(|n| n.words = some(one.productcode())), 1);
        assert_eq!(
            narrowed(|n| n.product = some(&one.product_id().to_string())),
            1
        );
        assert_eq!(narrowed(|n| n.trade_item = some(&one.id().to_string())), 1);
        assert_eq!(
            narrowed(|n| {
                n.gln = some(one.product.manufacturer_gln);
                n.productcode = some(one.productcode());
            }),
            1
        );
        assert_eq!(
            narrowed(|n| {
                n.gln = some(SUPPLIER_GLN);
                n.trade_item_id = some(&one.trade_item_id());
            }),
            1
        );
        assert_eq!(narrowed(|n| n.product = some("7")), 0);
    }

    #[test]
    fn euros_have_two_decimals() {
        assert_eq!(euros(5), "0.05");
        assert_eq!(euros(12_345), "123.45");
    }
}
