//! The fonts of a page as far as reading needs them: which letters codes stand for and how wide they are.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Encoding, Object, ObjectId};

/// Bytes a font's table of letters may unpack to.
const TABLE_CAP: usize = 4 * 1024 * 1024;
/// Width of a letter where the font does not say, in thousandths of its size.
const USUAL_WIDTH: f32 = 500.0;
/// Width of a wide font's letter where it does not say (ISO 32000-1, table 117).
const USUAL_WIDE_WIDTH: f32 = 1000.0;
/// Widths kept of one font.
const WIDTHS: usize = 65_536;

/// The fonts of one page.
#[derive(Default)]
pub(super) struct Fonts<'d> {
    names: HashMap<Vec<u8>, usize>,
    fonts: Vec<Font<'d>>,
}

/// One font.
pub(super) struct Font<'d> {
    encoding: Encoding<'d>,
    widths: HashMap<u32, f32>,
    usual: f32,
    wide: bool,
}

impl<'d> Fonts<'d> {
    /// The fonts a page names.
    pub(super) fn of(document: &'d Document, page: ObjectId) -> lopdf::Result<Self> {
        let mut found = Self::default();
        for (name, dictionary) in document.get_page_fonts(page)? {
            // Text in a font that cannot be understood is left out.
            if let Ok(encoding) = dictionary.get_font_encoding_with_limit(document, TABLE_CAP) {
                found.names.insert(name, found.fonts.len());
                found.fonts.push(Font::of(document, dictionary, encoding));
            }
        }
        Ok(found)
    }

    /// The index of a font by its name on the page.
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// A font by its index.
    pub(super) fn get(&self, index: usize) -> Option<&Font<'d>> {
        self.fonts.get(index)
    }
}

impl<'d> Font<'d> {
    fn of(document: &'d Document, dictionary: &Dictionary, encoding: Encoding<'d>) -> Self {
        let wide =
            dictionary.get_deref(b"Subtype", document).and_then(Object::as_name).is_ok_and(|name| name == b"Type0");
        if wide {
            let inner = descendant(document, dictionary);
            let usual = inner.and_then(|inner| inner.get_deref(b"DW", document).ok()?.as_float().ok());
            let widths = inner.map_or_else(HashMap::new, |inner| wide_widths(document, inner));
            Self { encoding, widths, usual: usual.unwrap_or(USUAL_WIDE_WIDTH), wide }
        } else {
            Self { encoding, widths: narrow_widths(document, dictionary), usual: USUAL_WIDTH, wide }
        }
    }

    /// Whether its codes have two bytes.
    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    /// The letters some codes stand for.
    pub(super) fn letters(&self, bytes: &[u8]) -> Option<String> {
        let letters = self.encoding.bytes_to_string(bytes).ok()?;
        Some(letters.chars().filter(|letter| !letter.is_control()).collect())
    }

    /// The codes in some bytes.
    pub(super) fn codes<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = u32> + use<'b> {
        bytes
            .chunks(if self.wide { 2 } else { 1 })
            .map(|code| code.iter().fold(0, |sum, byte| sum * 256 + u32::from(*byte)))
    }

    /// The width of a code's letter in thousandths of the size.
    pub(super) fn width(&self, code: u32) -> f32 {
        self.widths.get(&code).copied().unwrap_or(self.usual)
    }
}

fn descendant<'d>(document: &'d Document, dictionary: &'d Dictionary) -> Option<&'d Dictionary> {
    let inner = dictionary.get_deref(b"DescendantFonts", document).ok()?.as_array().ok()?.first()?;
    document.dereference(inner).ok()?.1.as_dict().ok()
}

/// `FirstChar` and `Widths` (ISO 32000-1, 9.6.2).
fn narrow_widths(document: &Document, dictionary: &Dictionary) -> HashMap<u32, f32> {
    let first = dictionary.get_deref(b"FirstChar", document).and_then(Object::as_i64).unwrap_or(0);
    let Ok(widths) = dictionary.get_deref(b"Widths", document).and_then(Object::as_array) else {
        return HashMap::new();
    };
    let codes = u32::try_from(first).unwrap_or(0)..;
    codes.zip(widths.iter().take(WIDTHS)).filter_map(|(code, width)| Some((code, number(document, width)?))).collect()
}

/// `W`: `first [w w …]` or `first last w`, repeated (ISO 32000-1, 9.7.4.3).
fn wide_widths(document: &Document, inner: &Dictionary) -> HashMap<u32, f32> {
    let mut found = HashMap::new();
    let Ok(list) = inner.get_deref(b"W", document).and_then(Object::as_array) else { return found };
    let mut items = list.iter();
    while let Some(first) = items.next().and_then(|first| code(document, first)) {
        let Some(next) = items.next().and_then(|next| document.dereference(next).ok()) else { break };
        if let Ok(widths) = next.1.as_array() {
            for (code, width) in (first..).zip(widths) {
                found.extend(number(document, width).map(|width| (code, width)));
            }
        } else {
            let (Some(last), Some(width)) =
                (code(document, next.1), items.next().and_then(|width| number(document, width)))
            else {
                break;
            };
            found.extend((first..=last).take(WIDTHS).map(|code| (code, width)));
        }
        if found.len() > WIDTHS {
            break;
        }
    }
    found
}

fn number(document: &Document, object: &Object) -> Option<f32> {
    document.dereference(object).ok()?.1.as_float().ok()
}

fn code(document: &Document, object: &Object) -> Option<u32> {
    document.dereference(object).ok()?.1.as_i64().ok().and_then(|code| u32::try_from(code).ok())
}
