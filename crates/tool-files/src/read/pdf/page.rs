//! The words of one page: shows its text operators on an imagined page and breaks lines where they move down.
//!
//! After ISO 32000-1, 8.4 (graphics state) and 9.4 (text objects). Left out: text in form XObjects and annotations,
//! writing that runs downwards, clipping and colour (text nobody would see is shown too).

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, ObjectId};

use super::font::{Font, Fonts};
use super::matrix::Matrix;

/// Bytes of operators a page may unpack to; parsed they take some forty times as much.
const CONTENT_CAP: usize = 8 * 1024 * 1024;
/// Saved graphics states at once.
const STATES: usize = 64;
/// A move down by this share of the letter size starts a new line.
const LINE: f32 = 0.4;
/// A gap of this share of the letter size is a space.
const SPACE: f32 = 0.18;
/// A gap of this share is a column.
const COLUMN: f32 = 2.0;

/// The words of a page; empty where it has none.
pub(super) fn words(document: &Document, page: ObjectId) -> lopdf::Result<String> {
    let content = document.get_page_content_with_limit(page, CONTENT_CAP)?;
    let mut hand = Hand { fonts: Fonts::of(document, page)?, ..Hand::default() };
    for operation in &Content::decode(&content)?.operations {
        hand.follow(operation);
    }
    Ok(hand.text)
}

/// The text state that `q` saves and `Q` brings back.
#[derive(Clone, Copy)]
struct State {
    page: Matrix,
    font: Option<usize>,
    size: f32,
    letter_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            page: Matrix::default(),
            font: None,
            size: 1.0,
            letter_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
        }
    }
}

/// Writes the page.
#[derive(Default)]
struct Hand<'d> {
    fonts: Fonts<'d>,
    state: State,
    saved: Vec<State>,
    text_matrix: Matrix,
    line_matrix: Matrix,
    /// Where the last letter ended, and how large it was.
    end: Option<(f32, f32, f32)>,
    text: String,
}

impl Hand<'_> {
    fn follow(&mut self, operation: &Operation) {
        let number = |index: usize| operand(operation, index).and_then(|value| value.as_float().ok()).unwrap_or(0.0);
        let numbers = || Matrix([number(0), number(1), number(2), number(3), number(4), number(5)]);
        match operation.operator.as_str() {
            "q" if self.saved.len() < STATES => self.saved.push(self.state),
            "Q" => self.state = self.saved.pop().unwrap_or(self.state),
            "cm" => self.state.page = numbers().then(&self.state.page),
            "BT" => self.begin_line(Matrix::default()),
            "Tf" => {
                let name = operand(operation, 0).and_then(|name| name.as_name().ok());
                self.state.font = name.and_then(|name| self.fonts.find(name));
                self.state.size = number(1);
            }
            "Tc" => self.state.letter_space = number(0),
            "Tw" => self.state.word_space = number(0),
            "Tz" => self.state.scale = number(0) / 100.0,
            "TL" => self.state.leading = number(0),
            "Tm" => self.begin_line(numbers()),
            "Td" => self.move_line(number(0), number(1)),
            "TD" => {
                self.state.leading = -number(1);
                self.move_line(number(0), number(1));
            }
            "T*" => self.move_line(0.0, -self.state.leading),
            "Tj" => self.show(operand(operation, 0)),
            "TJ" => self.show_all(operand(operation, 0)),
            "'" => {
                self.move_line(0.0, -self.state.leading);
                self.show(operand(operation, 0));
            }
            "\"" => {
                (self.state.word_space, self.state.letter_space) = (number(0), number(1));
                self.move_line(0.0, -self.state.leading);
                self.show(operand(operation, 2));
            }
            // Everything else draws no text.
            _ => {}
        }
    }

    fn begin_line(&mut self, matrix: Matrix) {
        (self.text_matrix, self.line_matrix) = (matrix, matrix);
    }

    fn move_line(&mut self, x: f32, y: f32) {
        self.begin_line(Matrix::shift(x, y).then(&self.line_matrix));
    }

    fn show_all(&mut self, pieces: Option<&Object>) {
        let Some(pieces) = pieces.and_then(|pieces| pieces.as_array().ok()) else { return };
        for piece in pieces {
            if let Ok(back) = piece.as_float() {
                let x = -back / 1000.0 * self.state.size * self.state.scale;
                self.text_matrix = Matrix::shift(x, 0.0).then(&self.text_matrix);
            } else {
                self.show(Some(piece));
            }
        }
    }

    fn show(&mut self, piece: Option<&Object>) {
        let Some(bytes) = piece.and_then(|piece| piece.as_str().ok()) else { return };
        let Some(font) = self.state.font.and_then(|index| self.fonts.get(index)) else { return };
        let Some(letters) = font.letters(bytes) else { return };
        let width = Self::width(&self.state, font, bytes);
        let place = self.text_matrix.then(&self.state.page);
        let size = (self.state.size * place.height()).abs();
        self.break_before(place.origin(), size, &letters);
        self.text.push_str(&letters);
        self.text_matrix = Matrix::shift(width, 0.0).then(&self.text_matrix);
        let (x, y) = self.text_matrix.then(&self.state.page).origin();
        self.end = Some((x, y, size));
    }

    fn width(state: &State, font: &Font<'_>, bytes: &[u8]) -> f32 {
        let widths: f32 = font
            .codes(bytes)
            .map(|code| {
                let space = if code == 32 && !font.is_wide() { state.word_space } else { 0.0 };
                font.width(code) / 1000.0 * state.size + state.letter_space + space
            })
            .sum();
        widths * state.scale
    }

    /// Puts a line break, a space or nothing between what was written last and what comes.
    fn break_before(&mut self, (x, y): (f32, f32), size: f32, letters: &str) {
        let Some((end_x, end_y, end_size)) = self.end else { return };
        let size = size.max(end_size).max(f32::MIN_POSITIVE);
        let gap = (x - end_x) / size;
        if (y - end_y).abs() / size > LINE {
            self.text.push('\n');
        } else if gap > COLUMN {
            self.text.push('\t');
        } else if !(-1.0..=SPACE).contains(&gap)
            && !self.text.ends_with(char::is_whitespace)
            && !letters.starts_with(char::is_whitespace)
        {
            self.text.push(' ');
        }
    }
}

fn operand(operation: &Operation, index: usize) -> Option<&Object> {
    operation.operands.get(index)
}
