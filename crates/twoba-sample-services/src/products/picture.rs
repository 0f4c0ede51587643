//! The pictures of the products, as files. Each is a tile in the color of the class, with a pattern
//! of its own.

use super::catalog::Product;
use crate::form::Encoded;

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// 96 pixels.
    Thumbnail,
    /// 192 pixels: the attachment `PPI`.
    Plain,
    /// 480 pixels: the attachment `PHI`.
    Large,
}

impl Size {
    /// The type of an attachment of this size. It is also the end of its file name.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Thumbnail => "PTI",
            Self::Plain => "PPI",
            Self::Large => "PHI",
        }
    }
}

/// The files of one product.
struct Pictures {
    gtin: &'static str,
    thumbnail: &'static [u8],
    plain: &'static [u8],
    large: &'static [u8],
}

macro_rules! pictures {
    ($($gtin:literal)*) => {
        [$(Pictures {
            gtin: $gtin,
            thumbnail: include_bytes!(concat!("../../pictures/", $gtin, "-PTI.png")),
            plain: include_bytes!(concat!("../../pictures/", $gtin, "-PPI.png")),
            large: include_bytes!(concat!("../../pictures/", $gtin, "-PHI.png")),
        },)*]
    };
}

#[rustfmt::skip]
static PICTURES: [Pictures; 42] = pictures! {
    "02008710001001" "02008710001018" "02008710001025" "02008710001032" "02008710001049" "02008710001056"
    "02008710001063" "02008710001070" "02008710001087" "02008710001094" "02008710001100" "02008710001117"
    "02008710001124" "02008710001131" "02008710001148" "02008710001155" "02008710001162" "02008710001179"
    "02008710001186" "02008710001193" "02008710001209" "02008710001216" "02008710001223" "02008710001230"
    "02008710001247" "02008710001254" "02008710001261" "02008710001278" "02008710001285" "02008710001292"
    "02008710001308" "02008710001315" "02008710001322" "02008710001339" "02008710001346" "02008710001353"
    "02008710001360" "02008710001377" "02008710001384" "02008710001391" "02008710001407" "02008710001414"
};

/// The picture of a product as a PNG. A test checks that each product has one.
pub(crate) fn picture(product: &Product, size: Size) -> Option<&'static [u8]> {
    let mut all = PICTURES.iter();
    let files = all.find(|files| files.gtin == product.gtin)?;
    Some(match size {
        Size::Thumbnail => files.thumbnail,
        Size::Plain => files.plain,
        Size::Large => files.large,
    })
}

/// The name of a picture's file.
pub(crate) fn file_name(product: &Product, size: Size) -> String {
    format!("{}-{}.png", product.code, size.kind())
}

/// The address of a picture, at the server of this URL.
pub(crate) fn address(url: &str, product: &Product, size: Size) -> String {
    let name = file_name(product, size);
    format!("{url}/attachments/{}/{}", product.maker.gln, Encoded(&name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Cursor;

    use super::super::catalog::products;
    use super::*;

    /// Edge and pixels of a PNG, with every checksum verified.
    fn decoded(bytes: &[u8]) -> (u32, Vec<u8>) {
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        reader.finish().unwrap();
        assert_eq!(info.width, info.height);
        (info.width, pixels)
    }

    #[test]
    fn every_product_has_a_picture_of_its_own_in_each_size() {
        for (size, edge) in [
            (Size::Thumbnail, 96),
            (Size::Plain, 192),
            (Size::Large, 480),
        ] {
            let pictures: BTreeSet<_> = products()
                .iter()
                .map(|product| decoded(picture(product, size).unwrap()))
                .collect();
            assert_eq!(pictures.len(), products().len());
            assert!(pictures.iter().all(|(found, _)| *found == edge), "{size:?}");
        }
        assert_eq!(PICTURES.len(), products().len());
    }
}
