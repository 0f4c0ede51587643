//! Decides what the picture of a product looks like: a tile in the color of its class, with a pattern of its own.

use sha2::{Digest, Sha256};

use super::catalog::Product;
use super::png::{self, Pixels};

/// The pattern is mirrored, so a product has half of these columns of its own.
const CELLS: usize = 7;

/// A cell's edge before it is scaled, with a gap of one on each side.
const CELL: usize = 6;

/// The free space around the pattern.
const MARGIN: usize = 3;

const EDGE: usize = CELLS * CELL + 2 * MARGIN;

/// How large the picture is.
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
    const fn scale(self) -> usize {
        match self {
            Self::Thumbnail => 2,
            Self::Plain => 4,
            Self::Large => 10,
        }
    }

    /// What an attachment of this size is called.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Thumbnail => "PTI",
            Self::Plain => "PPI",
            Self::Large => "PHI",
        }
    }
}

/// Page, tile, and two tones of the pattern.
const PALETTES: [[[u8; 3]; 4]; 6] = [
    [[255; 3], [226, 238, 250], [36, 99, 168], [120, 170, 222]],
    [[255; 3], [228, 244, 232], [30, 117, 74], [118, 190, 146]],
    [[255; 3], [253, 239, 220], [181, 92, 12], [236, 168, 92]],
    [[255; 3], [250, 230, 234], [166, 36, 66], [226, 134, 154]],
    [[255; 3], [238, 232, 250], [94, 62, 168], [166, 142, 222]],
    [[255; 3], [224, 243, 244], [12, 110, 122], [104, 184, 192]],
];

/// The picture of a product, as a PNG.
pub(crate) fn picture(product: &Product, size: Size) -> Vec<u8> {
    // Neighbors in the list of classes differ.
    let class: usize = product.class.code.bytes().map(usize::from).sum();
    let palette = PALETTES
        .get(class % PALETTES.len())
        .copied()
        .unwrap_or_default();
    let pattern = Sha256::digest(&product.gtin);
    let edge = EDGE * size.scale();
    let colors = (0..edge * edge)
        .map(|at| color(&pattern, at % edge / size.scale(), at / edge / size.scale()))
        .collect();
    let side = u32::try_from(edge).unwrap_or(u32::MAX);
    png::file(&Pixels {
        width: side,
        height: side,
        palette,
        colors,
    })
}

/// The color of a pixel of the unscaled picture.
fn color(pattern: &[u8], x: usize, y: usize) -> u8 {
    // The corners of the tile are cut off.
    let from_edge = |at: usize| at.min(EDGE - 1 - at);
    if from_edge(x) + from_edge(y) < 2 {
        return 0;
    }
    let cell = |at: usize| {
        let inside = at.checked_sub(MARGIN)?;
        let in_gap = inside % CELL == 0 || inside % CELL == CELL - 1;
        (!in_gap && inside / CELL < CELLS).then_some(inside / CELL)
    };
    let (Some(column), Some(row)) = (cell(x), cell(y)) else {
        return 1;
    };
    let column = column.min(CELLS - 1 - column);
    let byte = pattern.get(row * 4 + column).copied().unwrap_or_default();
    match byte % 5 {
        0 | 1 => 2,
        2 => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::catalog::products;
    use super::*;

    #[test]
    fn every_product_has_a_picture_of_its_own() {
        let pictures: BTreeSet<_> = products()
            .iter()
            .map(|product| picture(product, Size::Thumbnail))
            .collect();
        assert_eq!(pictures.len(), products().len());
    }

    #[test]
    fn the_largest_picture_fits_into_one_stored_block() {
        let packed = EDGE * Size::Large.scale() / 4 + 1;
        assert!(packed * EDGE * Size::Large.scale() <= usize::from(u16::MAX));
    }

    #[test]
    fn the_pattern_is_its_own_mirror_image() {
        let pattern = Sha256::digest("02008710001001");
        for y in 0..EDGE {
            for x in 0..EDGE {
                assert_eq!(color(&pattern, x, y), color(&pattern, EDGE - 1 - x, y));
            }
        }
    }
}
