//! A column of lists of texts, such as the header fields of messages.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, ListBuilder};
use arrow_array::{Array, ArrayRef, ListArray, StringArray, cast::AsArray};
use arrow_schema::{ArrowError, DataType, Field};

/// Collects bytes, and looks only at the end, and at all of them at once, that they are text.
pub struct Texts(ListBuilder<BinaryBuilder>);

impl Default for Texts {
    fn default() -> Self {
        Texts(ListBuilder::new(BinaryBuilder::new()))
    }
}

impl Texts {
    /// Adds one text to the list that is open, as [`super::text`] has it.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        if bytes.is_ascii() {
            self.0.values().append_value(bytes);
        } else {
            self.0.values().append_value(super::text(bytes).as_bytes());
        }
    }

    /// Ends the list; the next one begins.
    pub fn end(&mut self) {
        self.0.append(true);
    }

    /// All lists; it is empty afterwards.
    ///
    /// # Errors
    /// What is no text, which cannot be.
    pub fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (_, offsets, values, nulls) = self.0.finish().into_parts();
        // The next batch will be about as large as this one.
        let bytes = values.as_binary::<i32>().values().len();
        let builder = BinaryBuilder::with_capacity(values.len(), bytes);
        self.0 = ListBuilder::with_capacity(builder, offsets.len());
        let values = StringArray::try_from_binary(values.as_binary::<i32>().clone())?;
        let item = Field::new_list_field(DataType::Utf8, true);
        let lists = ListArray::try_new(Arc::new(item), offsets, Arc::new(values), nulls)?;
        Ok(Arc::new(lists))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::StringBuilder;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_as_text_by_text(rows: Vec<Vec<Vec<u8>>>) {
            let mut quick = Texts::default();
            let mut slow = ListBuilder::new(StringBuilder::new());
            for row in &rows {
                for bytes in row {
                    quick.push(bytes);
                    slow.values().append_value(crate::table::text(bytes));
                }
                quick.end();
                slow.append(true);
            }
            let slow: ArrayRef = Arc::new(slow.finish());
            prop_assert_eq!(&quick.finish().unwrap(), &slow);
            prop_assert_eq!(quick.finish().unwrap().len(), 0);
        }
    }
}
