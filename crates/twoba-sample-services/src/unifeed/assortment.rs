//! The articles that can be picked: the offers of the sample products, narrowed down by a start
//! URL.

use super::start::Narrowing;
use crate::products::{self, Offer, Product};

/// One supplier's offer of one product.
#[derive(Clone, Copy)]
pub(super) struct Article {
    product: &'static Product,
    offer: &'static Offer,
}

/// All articles that a start URL asks for.
pub(super) fn articles(narrowing: &Narrowing) -> Vec<Article> {
    let words = narrowing.words.as_deref().unwrap_or_default();
    products::matching(words)
        .flat_map(|product| {
            let offers = product.offers.iter();
            offers.map(move |offer| Article { product, offer })
        })
        .filter(|article| article.is_within(narrowing))
        .collect()
}

impl Article {
    /// The number of the article. It differs from that of its product.
    pub(super) const fn id(self) -> u64 {
        self.offer.id
    }

    pub(super) const fn product_id(self) -> u64 {
        self.product.product_id
    }

    /// The number of the product in the form of the older interfaces.
    pub(super) fn product_guid(self) -> String {
        format!("2ba00000-0000-4000-8000-{:012x}", self.product_id())
    }

    pub(super) const fn description(self) -> &'static str {
        self.product.description
    }

    pub(super) const fn manufacturer(self) -> &'static str {
        self.product.maker.name
    }

    pub(super) const fn productcode(self) -> &'static str {
        self.product.code
    }

    pub(super) const fn supplier_gln(self) -> &'static str {
        self.offer.supplier.gln
    }

    pub(super) const fn supplier_name(self) -> &'static str {
        self.offer.supplier.name
    }

    /// The supplier's own number.
    pub(super) fn trade_item_id(self) -> String {
        self.offer.trade_item_id.clone()
    }

    /// Gross price of one order unit, in thousandths of a euro.
    pub(super) fn price(self) -> u64 {
        self.offer
            .price
            .in_thousandths()
            .try_into()
            .unwrap_or_default()
    }

    fn is_within(self, narrowing: &Narrowing) -> bool {
        let fits = |asked: &Option<String>, is: &str| asked.as_ref().is_none_or(|text| text == is);
        // With a product code the GLN is the maker's, with an article number the supplier's.
        let gln = match narrowing.trade_item_id {
            Some(_) => self.supplier_gln(),
            None => self.product.maker.gln,
        };
        fits(&narrowing.product, &self.product_id().to_string())
            && fits(&narrowing.trade_item, &self.id().to_string())
            && fits(&narrowing.gln, gln)
            && fits(&narrowing.productcode, self.productcode())
            && fits(&narrowing.trade_item_id, &self.trade_item_id())
    }
}

/// Thousandths of a euro as a decimal number, with two decimals, or with three if needed.
pub(super) fn euros(thousandths: u64) -> String {
    let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
    if rest % 10 == 0 {
        format!("{whole}.{:02}", rest / 10)
    } else {
        format!("{whole}.{rest:03}")
    }
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
    fn deep_links_lead_to_one_product_or_article() {
        let all = articles(&Narrowing::default());
        assert!(all.len() >= 12);
        let one = all[0];
        let of_product = |article: &&Article| article.product_id() == one.product_id();
        let offers = all.iter().filter(of_product).count();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(narrowed(|n| n.words = some(one.productcode())), offers);
        let product = one.product_id().to_string();
        assert_eq!(narrowed(|n| n.product = some(&product)), offers);
        assert_eq!(narrowed(|n| n.trade_item = some(&one.id().to_string())), 1);
        assert_eq!(
            narrowed(|n| {
                n.gln = some(one.product.maker.gln);
                n.productcode = some(one.productcode());
            }),
            offers
        );
        assert_eq!(
            narrowed(|n| {
                n.gln = some(one.supplier_gln());
                n.trade_item_id = some(&one.trade_item_id());
            }),
            1
        );
        assert_eq!(narrowed(|n| n.product = some("7")), 0);
    }

    #[test]
    fn euros_have_two_decimals_or_three() {
        assert_eq!(euros(50), "0.05");
        assert_eq!(euros(12_340), "12.34");
        assert_eq!(euros(12_345), "12.345");
    }
}
