//! Decides which products the sample services know: invented ones, with numbers that pass their checks.

use serde::Serialize;

/// A product, with the members that clients of 2BA were seen to read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) product_id: u64,
    pub(crate) description: &'static str,
    long_description: &'static str,
    /// Fourteen digits.
    #[serde(rename = "GTIN")]
    gtin: &'static str,
    pub(crate) productcode: &'static str,
    #[serde(rename = "ManufacturerGLN")]
    pub(crate) manufacturer_gln: &'static str,
    pub(crate) manufacturer_name: &'static str,
    model: &'static str,
    /// Shaped like an ETIM class, from a range that is not in use.
    #[serde(rename = "ProductClassID")]
    product_class_id: &'static str,
    product_class_description: &'static str,
}

/// The products in which every word of the query occurs, in any case.
pub(crate) fn search(query: &str) -> Vec<&'static Product> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    PRODUCTS
        .iter()
        .filter(|product| {
            let text = product.searched_text();
            words.iter().all(|word| text.contains(word))
        })
        .collect()
}

impl Product {
    fn searched_text(&self) -> String {
        [
            self.description,
            self.long_description,
            self.gtin,
            self.productcode,
            self.manufacturer_gln,
            self.manufacturer_name,
            self.product_class_id,
            self.product_class_description,
        ]
        .join("\n")
        .to_lowercase()
    }
}

/// GLN and GTIN begin with 2, which GS1 leaves to everybody's own use.
const PRODUCTS: [Product; 12] = [
    Product {
        id: 1000001,
        product_id: 500001,
        description: "Kabelgoot 60x40 wit, lengte 2 m",
        long_description: "Kabelgoot van kunststof met deksel, 60 x 40 mm, wit, lengte 2 m",
        gtin: "02008710001001",
        productcode: "KG-60040-W",
        manufacturer_gln: "2008710000011",
        manufacturer_name: "Goot & Zn. (verzonnen)",
        model: "KG 60/40",
        product_class_id: "EC990001",
        product_class_description: "Kabelgoten",
    },
    Product {
        id: 1000002,
        product_id: 500002,
        description: "Kabelgoot 60x40 grijs, lengte 2 m",
        long_description: "Kabelgoot van kunststof met deksel, 60 x 40 mm, grijs, lengte 2 m",
        gtin: "02008710001018",
        productcode: "KG-60040-G",
        manufacturer_gln: "2008710000011",
        manufacturer_name: "Goot & Zn. (verzonnen)",
        model: "KG 60/40",
        product_class_id: "EC990001",
        product_class_description: "Kabelgoten",
    },
    Product {
        id: 1000003,
        product_id: 500003,
        description: "Kabelgoot 100x60 wit, lengte 2 m",
        long_description: "Kabelgoot van kunststof met deksel, 100 x 60 mm, wit, lengte 2 m",
        gtin: "02008710001025",
        productcode: "KG-10060-W",
        manufacturer_gln: "2008710000011",
        manufacturer_name: "Goot & Zn. (verzonnen)",
        model: "KG 100/60",
        product_class_id: "EC990001",
        product_class_description: "Kabelgoten",
    },
    Product {
        id: 1000004,
        product_id: 500004,
        description: "Binnenhoek voor kabelgoot 60x40 wit",
        long_description: "Hulpstuk voor een hoek naar binnen, past op kabelgoot 60 x 40 mm",
        gtin: "02008710001032",
        productcode: "KGB-60040-W",
        manufacturer_gln: "2008710000011",
        manufacturer_name: "Goot & Zn. (verzonnen)",
        model: "KGB 60/40",
        product_class_id: "EC990002",
        product_class_description: "Hulpstukken voor kabelgoten",
    },
    Product {
        id: 1000005,
        product_id: 500005,
        description: "Installatieautomaat B16 1-polig",
        long_description: "Installatieautomaat, karakteristiek B, 16 A, 6 kA, een pool",
        gtin: "02008710001049",
        productcode: "IA-B16-1",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "IA B16",
        product_class_id: "EC990003",
        product_class_description: "Installatieautomaten",
    },
    Product {
        id: 1000006,
        product_id: 500006,
        description: "Aardlekschakelaar 40 A 30 mA 4-polig",
        long_description: "Aardlekschakelaar type A, 40 A, 30 mA, vier polen",
        gtin: "02008710001056",
        productcode: "AL-40-30-4",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "AL 40",
        product_class_id: "EC990004",
        product_class_description: "Aardlekschakelaars",
    },
    Product {
        id: 1000007,
        product_id: 500007,
        description: "Wandcontactdoos met randaarde, 2-voudig",
        long_description: "Wandcontactdoos, opbouw, twee maal met randaarde, wit",
        gtin: "02008710001063",
        productcode: "WCD-2R-W",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "WCD 2",
        product_class_id: "EC990005",
        product_class_description: "Wandcontactdozen",
    },
    Product {
        id: 1000008,
        product_id: 500008,
        description: "Installatiedraad 2,5 mm² blauw, 100 m",
        long_description: "Installatiedraad H07V-U, 2,5 mm², blauw, rol van 100 m",
        gtin: "02008710001070",
        productcode: "ID-25-BL",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "ID 2,5",
        product_class_id: "EC990006",
        product_class_description: "Installatiedraad",
    },
    Product {
        id: 1000009,
        product_id: 500009,
        description: "Installatiekabel 3x2,5 mm², 100 m",
        long_description: "Installatiekabel, drie aders van 2,5 mm², rol van 100 m",
        gtin: "02008710001087",
        productcode: "IK-3X25",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "IK 3x2,5",
        product_class_id: "EC990007",
        product_class_description: "Installatiekabel",
    },
    Product {
        id: 1000010,
        product_id: 500010,
        description: "Led-paneel 60x60, 3600 lm, 4000 K",
        long_description: "Inbouwpaneel met leds, 600 x 600 mm, 3600 lm, 4000 K",
        gtin: "02008710001094",
        productcode: "LP-6060-40",
        manufacturer_gln: "2008710000028",
        manufacturer_name: "Voorbeeld Elektro (verzonnen)",
        model: "LP 60",
        product_class_id: "EC990008",
        product_class_description: "Inbouwarmaturen",
    },
    Product {
        id: 1000011,
        product_id: 500011,
        description: "Kogelkraan 1/2\", messing",
        long_description: "Kogelkraan met binnendraad 1/2 duim, messing, vlinderhendel",
        gtin: "02008710001100",
        productcode: "KK-12-M",
        manufacturer_gln: "2008710000035",
        manufacturer_name: "Proefwater (verzonnen)",
        model: "KK 1/2",
        product_class_id: "EC990009",
        product_class_description: "Kogelkranen",
    },
    Product {
        id: 1000012,
        product_id: 500012,
        description: "Cv-circulatiepomp 25-60",
        long_description: "Circulatiepomp voor verwarming, aansluiting DN 25, opvoerhoogte 6 m",
        gtin: "02008710001117",
        productcode: "CP-2560",
        manufacturer_gln: "2008710000035",
        manufacturer_name: "Proefwater (verzonnen)",
        model: "CP 25-60",
        product_class_id: "EC990010",
        product_class_description: "Circulatiepompen",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_of_the_documentation_finds_something() {
        assert!(search("kabelgoot").len() >= 3);
        assert_eq!(search("KABELGOOT grijs").len(), 1);
        assert_eq!(search("kabelgoot onbestaand").len(), 0);
    }

    #[test]
    fn a_product_is_found_by_its_numbers() {
        for product in &PRODUCTS {
            assert_eq!(search(product.gtin).len(), 1);
            assert_eq!(search(product.productcode).len(), 1);
        }
    }

    #[test]
    fn numbers_have_the_right_length_and_check_digit() {
        for product in &PRODUCTS {
            assert_eq!(product.gtin.len(), 14);
            assert_eq!(product.manufacturer_gln.len(), 13);
            for number in [product.gtin, product.manufacturer_gln] {
                let sum: u32 = number
                    .chars()
                    .rev()
                    .enumerate()
                    .map(|(at, digit)| {
                        digit.to_digit(10).unwrap() * if at % 2 == 0 { 1 } else { 3 }
                    })
                    .sum();
                assert_eq!(sum % 10, 0, "{number}");
            }
        }
    }

    #[test]
    fn members_are_spelled_as_clients_read_them() {
        let json = serde_json::to_value(&PRODUCTS[0]).unwrap();
        for member in [
            "Id",
            "ProductId",
            "Description",
            "LongDescription",
            "GTIN",
            "Productcode",
            "ManufacturerGLN",
            "ManufacturerName",
            "Model",
            "ProductClassID",
            "ProductClassDescription",
        ] {
            assert!(json.get(member).is_some(), "{member}");
        }
    }
}
