//! Decides how the pixels of a picture become a PNG file; not what is on it.

/// A picture of at most four colors, and at most 65,535 bytes of packed lines.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Red, green, blue.
    pub(super) palette: [[u8; 3]; 4],
    /// One number of a color a pixel, line by line.
    pub(super) colors: Vec<u8>,
}

/// The same eight bytes begin every PNG.
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The file. Nothing is compressed: a few kilobytes are not worth the code.
pub(super) fn file(pixels: &Pixels) -> Vec<u8> {
    let mut header = Vec::with_capacity(13);
    header.extend(pixels.width.to_be_bytes());
    header.extend(pixels.height.to_be_bytes());
    // Two bits a pixel, by palette; the only compression and filter methods; not interlaced.
    header.extend([2, 3, 0, 0, 0]);
    let mut file = SIGNATURE.to_vec();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"PLTE", pixels.palette.as_flattened());
    chunk(&mut file, *b"IDAT", &stored(&lines(pixels)));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(crc(kind.iter().chain(data)).to_be_bytes());
}

/// The lines, four pixels a byte, each behind the number of its filter, which is none.
fn lines(pixels: &Pixels) -> Vec<u8> {
    let width = usize::try_from(pixels.width).unwrap_or(usize::MAX).max(1);
    let mut lines = Vec::new();
    for line in pixels.colors.chunks(width) {
        lines.push(0);
        lines.extend(line.chunks(4).map(|four| {
            let pack = |byte: u8, at| byte << 2 | four.get(at).map_or(0, |color| color & 3);
            (0..4).fold(0, pack)
        }));
    }
    lines
}

/// RFC 1950 around one stored block of RFC 1951.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    stream.extend(adler(data).to_be_bytes());
    stream
}

/// The checksum of RFC 1950.
fn adler(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

/// The checksum of a chunk, as the PNG specification has it in its annex D.
fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carry = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum >> 1 ^ carry
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_published_examples() {
        assert_eq!(crc(b"123456789".iter()), 0xcbf4_3926);
        assert_eq!(crc(b"IEND".iter()), 0xae42_6082);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler(b""), 1);
    }

    #[test]
    fn four_pixels_share_a_byte_and_a_line_begins_anew() {
        let pixels = Pixels {
            width: 5,
            height: 2,
            palette: [[0; 3]; 4],
            colors: vec![0, 1, 2, 3, 3, 3, 2, 1, 0, 1],
        };
        assert_eq!(
            lines(&pixels),
            [0, 0b0001_1011, 0b1100_0000, 0, 0b1110_0100, 0b0100_0000]
        );
    }
}
