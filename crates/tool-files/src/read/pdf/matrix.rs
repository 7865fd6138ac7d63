//! The 3 by 3 matrices of PDF in their six numbers (ISO 32000-1, 8.3.3).

/// `[a b c d e f]`: x' = a·x + c·y + e, y' = b·x + d·y + f.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f32; 6]);

impl Default for Matrix {
    fn default() -> Self {
        Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

impl Matrix {
    /// Moves by x and y.
    pub(super) fn shift(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let [xx, xy, yx, yy, x, y] = other.0;
        let turn = |across: f32, up: f32| (across * xx + up * yx, across * xy + up * yy);
        let (right, top, origin) = (turn(self.0[0], self.0[1]), turn(self.0[2], self.0[3]), turn(self.0[4], self.0[5]));
        Self([right.0, right.1, top.0, top.1, origin.0 + x, origin.1 + y])
    }

    /// Where the origin comes to lie.
    pub(super) fn origin(&self) -> (f32, f32) {
        (self.0[4], self.0[5])
    }

    /// How tall a letter of size 1 becomes.
    pub(super) fn height(&self) -> f32 {
        self.0[2].hypot(self.0[3])
    }
}
