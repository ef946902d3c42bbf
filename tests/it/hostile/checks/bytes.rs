//! Choices and texts from a fuzzer's bytes.

/// The remaining bytes. Choices can be made even when no bytes are left.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// Returns a number in `0..below`.
    pub(crate) fn choose(&mut self, below: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % below.max(1)
    }

    /// Returns a number that is often small but may be anything.
    pub(crate) fn number(&mut self) -> u32 {
        match self.choose(8) {
            0 => u32::MAX,
            1 => (self.choose(256) << 8 | self.choose(256)) as u32,
            _ => self.choose(24) as u32,
        }
    }

    /// Returns up to `most` bytes as text.
    pub(crate) fn text(&mut self, most: usize) -> String {
        let len = self.choose(most + 1).min(self.0.len());
        let (text, rest) = self.0.split_at(len);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
