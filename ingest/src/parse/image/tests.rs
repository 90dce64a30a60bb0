//! Pictures made in the tests, decoded and counted.

use proptest::prelude::*;

use super::*;
use crate::parse::members::testing::read_with;

/// An uncompressed grey TIFF with a page for each of these pictures, little-endian; `flags` say what each is.
fn tiff(pages: &[(u16, u16, Vec<u8>, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (width, height, pixels, flags) in pages {
        let data = bytes.len() as u32;
        bytes.extend(pixels);
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        let directory = bytes.len() as u32;
        bytes[link..link + 4].copy_from_slice(&directory.to_le_bytes());
        let entries: [(u16, u16, u32); 9] = [
            (254, 4, *flags),
            (256, 3, u32::from(*width)),
            (257, 3, u32::from(*height)),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, data),
            (278, 3, u32::from(*height)),
            (279, 4, pixels.len() as u32),
        ];
        bytes.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        link = bytes.len();
        bytes.extend(0_u32.to_le_bytes());
    }
    bytes
}

fn encoded(format: image::ImageFormat) -> Vec<u8> {
    let picture =
        image::RgbImage::from_fn(8, 6, |x, y| image::Rgb([x as u8 * 30, y as u8 * 40, 200]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("is written");
    bytes.into_inner()
}

#[test]
fn every_format_is_decoded() {
    use image::ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};

    for format in [Bmp, Gif, Jpeg, Png, Tiff, WebP] {
        let picture = decode(&encoded(format), &ParseLimits::default()).expect("is decoded");
        assert_eq!((picture.width(), picture.height()), (8, 6), "{format:?}");
        assert!(picture.pixels()[2] > 150, "{format:?}");
    }
}

#[test]
fn a_picture_over_the_limit_is_refused_before_it_is_decoded() {
    let limits = ParseLimits {
        pixels: 47,
        ..ParseLimits::default()
    };
    let error = decode(&encoded(image::ImageFormat::Png), &limits).expect_err("is refused");
    assert_eq!(error.code(), "too_many_pixels");
}

#[test]
fn every_page_of_a_tiff_is_found_and_previews_are_left_out() {
    let bytes = tiff(&[
        (2, 2, vec![10; 4], 0),
        (1, 1, vec![99; 1], 1),
        (3, 1, vec![20; 3], 2),
    ]);
    let places = first_directories(&bytes, 10).expect("pages");
    assert_eq!(places.len(), 2);
    let mut second = bytes.clone();
    second[4..8].copy_from_slice(&places[1].expect("a place"));
    let picture = decode(&second, &ParseLimits::default()).expect("is decoded");
    assert_eq!((picture.width(), picture.pixels()[0]), (3, 20));
    let error = first_directories(&bytes, 1).expect_err("too many");
    assert_eq!(error.code(), "too_many_pages");
}

#[test]
fn a_tiff_whose_pages_go_in_circles_ends() {
    let mut bytes = tiff(&[(1, 1, vec![1], 0), (1, 1, vec![2], 0)]);
    let last = bytes.len() - 4;
    let first: [u8; 4] = bytes[4..8].try_into().expect("four");
    bytes[last..].copy_from_slice(&first);
    assert_eq!(first_directories(&bytes, 10).expect("pages").len(), 2);
}

#[test]
fn light_letters_without_a_ground_stand_on_black() {
    assert_eq!(on_paper(&[250, 250, 250, 255, 0, 0, 0, 0])[3..], [0, 0, 0]);
    assert_eq!(
        on_paper(&[10, 10, 10, 255, 0, 0, 0, 0])[3..],
        [255, 255, 255]
    );
}

#[test]
fn without_a_recognizer_the_command_that_fetches_it_is_named() {
    let error = read_with(
        &encoded(image::ImageFormat::Png),
        &ParseLimits::default(),
        None,
        read,
    )
    .expect_err("cannot be read");
    assert!(error.to_string().contains("wenyuan models pull pp-ocrv4"));
}

#[test]
fn any_page_of_a_picture_can_be_drawn_and_no_other() {
    let bytes = tiff(&[(2, 2, vec![10; 4], 0), (900, 1, vec![20; 900], 0)]);
    let limits = ParseLimits::default();
    let drawing = |page| Drawing { page, width: 300 };
    let drawn = draw(&bytes, drawing(2), &limits).expect("is drawn");
    let picture = decode(&drawn, &limits).expect("is a picture");
    assert_eq!((picture.width(), picture.pixels()[0]), (300, 20));
    assert!(matches!(
        draw(&bytes, drawing(3), &limits),
        Err(DrawError::NoSuchPage { page: 3 })
    ));
}

proptest! {
    #[test]
    fn no_bytes_bring_the_decoder_down(bytes in proptest::collection::vec(any::<u8>(), 0..400), format in 0_usize..6, cut in 0_usize..300) {
        use image::ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};

        let mut good = encoded([Bmp, Gif, Jpeg, Png, Tiff, WebP][format]);
        let cut = cut.min(good.len());
        good.truncate(cut);
        good.extend(&bytes);
        let _ = first_directories(&good, 50);
        let _ = decode(&good, &ParseLimits::default());
    }
}

#[test]
fn a_jpeg_that_was_cut_off_is_noticed() {
    let whole = encoded(image::ImageFormat::Jpeg);
    assert!(!lacks_its_end(&whole));
    assert!(lacks_its_end(&whole[..whole.len() - 3]));
    assert!(!lacks_its_end(&encoded(image::ImageFormat::Png)));
}
